import type { Clock } from '../clock.ts';
import type { FilesDoor } from './door.ts';

/** An address that opens one file for some minutes, to be shown or followed at once and never kept. */
export interface FileLink {
  url: string;
  /** By the clock of this device. */
  expiresAt: number;
}

/** A link is used so long after it was made: well before the relay ends it. */
const freshMs = 480_000;

/** Asks for links, and for each file once as long as its link is fresh. */
export function createLinks(server: string, door: FilesDoor, clock: Clock): (id: string) => Promise<FileLink> {
  const kept = new Map<string, { at: number; link: Promise<FileLink> }>();
  return (id) => {
    const now = clock.now();
    const known = kept.get(id);
    if (known && now - known.at < freshMs && now >= known.at) return known.link;
    const link = door._link(id).then(({ url }) => ({ url: server + url, expiresAt: now + freshMs }));
    kept.set(id, { at: now, link });
    link.catch(() => kept.delete(id));
    return link;
  };
}
