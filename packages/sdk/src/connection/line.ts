import type { FromClient } from '@sveiki/protocol';

/** One open line to the relay, whatever carries it. It belongs to one try; a broken line never comes back. */
export interface Line {
  _send(frame: FromClient): void;
  /** Ends it from this side; no handler is called any more. */
  _close(): void;
}

/** Something that is no relay answered in its place: a captive portal, a proxy's error page. */
export const PORTAL = -1;

export interface LineHandlers {
  /** The first frame; asked for when it can be sent. */
  _hello(): FromClient;
  /** What came in one piece, as it was parsed: nothing about it is known. */
  _frames(frames: unknown[]): void;
  /** The line ended from the other side: close code, 0 when it broke without one, or `PORTAL`. Called once. */
  _ended(code: number): void;
}

/** The frames of one text: a frame, or an array of them. What is no JSON is no frame. */
export function parseFrames(text: unknown): unknown[] {
  try {
    const value: unknown = JSON.parse(text as string);
    return Array.isArray(value) ? value : [value];
  } catch {
    return [];
  }
}
