import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Log } from '../../log.ts';
import type { Clock } from '../../ports.ts';

/** Open files kept for the database, uploads, backups and calls of other servers; of a small limit, half. */
const OWN_FILES = 128;
/** Connections kept for plain requests, so that health is answered when there is no room for another line; of few, a quarter. */
const PLAIN_REQUESTS = 32;
/** Turned away connections are told in the log at most this often. */
const TELL_EVERY_MS = 10_000;

/** Bounds what clients may have open, so that the relay itself never runs out of files. */
export interface Room {
  /** Lines (sockets and streams) that may be open at once. */
  readonly lines: number;
  /** Says in the log that somebody was turned away. */
  turnedAway(): void;
}

/**
 * Beyond the limit connections are taken and closed at once, before a byte is read; those that are there stay, and when some have gone others are
 * taken again. @param openFiles what the system lets this process open
 */
export function createRoom(parts: { server: Server; openFiles: number; clock: Clock; log: Log }): Room {
  const { server, openFiles, clock, log } = parts;
  const connections = openFiles - Math.min(OWN_FILES, Math.ceil(openFiles / 2));
  const lines = connections - Math.min(PLAIN_REQUESTS, Math.ceil(connections / 4));
  let count = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  const turnedAway = (): void => {
    count++;
    const now = clock.now();
    if (Math.abs(now - toldAt) < TELL_EVERY_MS) return;
    log.warn(
      { turnedAway: count, openFiles, lines },
      'There is no room for more connections. Raise the limit of open files (ulimit -n, LimitNOFILE of systemd).',
    );
    toldAt = now;
    count = 0;
  };
  if (connections < Number.POSITIVE_INFINITY) server.maxConnections = connections;
  server.on('drop', turnedAway);
  return { lines, turnedAway };
}

/** What the system lets this process open; infinite where that cannot be asked. Node has raised it as far as it may when it started. */
export function openFilesLimit(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
