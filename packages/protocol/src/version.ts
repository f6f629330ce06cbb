/**
 * Versions of the protocol this code speaks. Every change of a frame, an event or a limit that a peer can notice is a line here and in
 * SPEC.md ("Version history"); `spec.test.ts` fails until both are done. Until the first release all of them belong to version 1.
 */
export const PROTOCOL_VERSION = 1;

/** The oldest version this code still understands. A promise with a test of its own. */
export const OLDEST_SUPPORTED = 1;

/** One line per version, newest first. */
export const VERSION_HISTORY: readonly { version: number; date: string; what: string; schemaHash: string }[] = [
  {
    version: 1,
    date: '2026-11-22',
    what: 'First light: conversations, messages, notes, ownership, receipts, typing of replies and of notes, offers, bots and handoff, forms and surveys, quick replies and cards, files, what is left of somebody forgotten, consent.',
    schemaHash: '03e7fcf9f0da0d0f',
  },
];

/** Every version this code speaks, newest first: what a client puts into `hello.versions`. */
export const SUPPORTED_VERSIONS: readonly number[] = Array.from(
  { length: PROTOCOL_VERSION - OLDEST_SUPPORTED + 1 },
  (_, i) => PROTOCOL_VERSION - i,
);

/** The newest version that both sides speak, or null when there is none. @see SPEC [H2] */
export function negotiateVersion(offered: readonly number[]): number | null {
  return SUPPORTED_VERSIONS.find((version) => offered.includes(version)) ?? null;
}
