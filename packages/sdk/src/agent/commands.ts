import { type Ack, type CommandFrame, LIMITS, type Nack } from '@sveiki/protocol';
import { type ChatError, errorOf } from '../chat-error.ts';
import type { Clock } from '../clock.ts';
import { reconnectDelay } from '../connection/reconnect.ts';

/** A command that is not settled: on its way, or (messages and notes) refused and kept. */
export interface Command {
  readonly frame: CommandFrame;
  readonly at: number;
  error: ChatError | null;
  /** Stored as this number; a message waits here for its event, so that it never blinks. */
  seq: number | null;
}

interface Waiting {
  resolve(ack: Ack): void;
  reject(error: ChatError): void;
}

/** Sends commands in order, again after every interruption and always with the same id, until each is acknowledged or refused. */
export function createCommands(parts: {
  clock: Clock;
  random: () => number;
  send(frame: CommandFrame): boolean;
  changed(): void;
}) {
  const commands = new Map<string, Command>();
  const waiting = new Map<string, Waiting>();
  const inFlight = new Set<string>();
  let cancelHold: (() => void) | null = null;
  let refusals = 0;

  function release(): void {
    cancelHold?.();
    cancelHold = null;
  }

  function pump(): void {
    if (cancelHold) return;
    for (const [id, { frame, error, seq }] of commands) {
      if (error !== null || seq !== null || inFlight.has(id)) continue;
      if (inFlight.size >= LIMITS.maxUnacked || !parts.send(frame)) return;
      inFlight.add(id);
    }
  }

  /** Waits for no earlier answer any more. Harmless: a command is done once. */
  function again(): void {
    inFlight.clear();
    pump();
  }

  function settle(id: string): Waiting | undefined {
    const found = waiting.get(id);
    waiting.delete(id);
    inFlight.delete(id);
    return found;
  }

  return {
    all: (): ReadonlyMap<string, Command> => commands,
    /** Resolves with the ack. A promise nobody waits for is no unhandled rejection. */
    run(frame: CommandFrame): Promise<Ack> {
      const promise = new Promise<Ack>((resolve, reject) => waiting.set(frame.id, { resolve, reject }));
      promise.catch(() => {});
      commands.set(frame.id, { frame, at: parts.clock.now(), error: null, seq: null });
      pump();
      parts.changed();
      return promise;
    },
    /** A new line: everything unanswered is sent again. */
    restart(): void {
      release();
      again();
    },
    again,
    ack(ack: Ack): void {
      const command = commands.get(ack.id);
      refusals = 0;
      if (command && (command.frame.type === 'send' || command.frame.type === 'note')) command.seq = ack.seq ?? 0;
      else commands.delete(ack.id);
      settle(ack.id)?.resolve(ack);
      pump();
      parts.changed();
    },
    nack(nack: Nack): void {
      const command = commands.get(nack.id);
      if (!command || command.seq !== null) return;
      if (nack.retry === 'later') {
        if (!inFlight.delete(nack.id)) return;
        // What went out together is refused together [M4]: one round, however many answers it has.
        if (!cancelHold) refusals++;
        release();
        const notBeforeMs = Number(nack.retryAfterMs) || 0;
        const delay = reconnectDelay({ code: 0, attempt: refusals - 1, notBeforeMs }, parts.random) ?? 0;
        cancelHold = parts.clock.after(delay, () => {
          cancelHold = null;
          pump();
        });
        return;
      }
      const error = errorOf(nack);
      if (command.frame.type === 'send' || command.frame.type === 'note') command.error = error;
      else commands.delete(nack.id);
      settle(nack.id)?.reject(error);
      pump();
      parts.changed();
    },
    /** The event of a message is in the log. */
    arrived(id: string, ack: Ack): void {
      if (!commands.delete(id)) return;
      settle(id)?.resolve(ack);
      pump();
    },
    /** Sends a refused one again as `frame`: the same id, what it was decided on brought up to date. */
    retry(id: string, frame: CommandFrame): void {
      const command = commands.get(id);
      if (!command?.error) return;
      commands.set(id, { ...command, frame, error: null });
      pump();
      parts.changed();
    },
    discard(id: string): void {
      if (commands.get(id)?.error) commands.delete(id);
      parts.changed();
    },
    /** Gives up on everything. */
    clear(error: ChatError): void {
      release();
      for (const id of [...waiting.keys()]) settle(id)?.reject(error);
      commands.clear();
      inFlight.clear();
    },
  };
}
