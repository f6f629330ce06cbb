/** What the command ends with, for supervisors and scripts; the numbers of sysexits.h where one fits. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** The command line was not understood. */
  usage: 64,
  /** The database is damaged, foreign or newer than this program. */
  data: 65,
  /** The store stopped working while the relay ran: start again. */
  store: 74,
  /** The configuration cannot be used. */
  config: 78,
} as const;
