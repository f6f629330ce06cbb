/** How first messages of visitors nobody knows are treated. Nothing here needs a third party, a picture puzzle or a cookie. */
export interface SpamInput {
  /**
   * Whether a browser must do a little work (a tenth of a second, more when many begin at once) before a stranger's first message is taken: never, of
   * those who are suspicious, or of all. People see nothing of it unless it takes long. @default 'suspicious'
   */
  proofOfWork?: 'off' | 'suspicious' | 'always';
  /** Sooner after he came than this is suspicious on a busy site: such a message waits, or shows work. Milliseconds. @default 2000 */
  firstMessageMs?: number;
  /** So many conversations of strangers within about seven minutes make a site busy; 0: it always is. @default 10 */
  calm?: number;
  /** So many are a flood: everybody shows work, and a new conversation counts twice against its address. @default 60 */
  flood?: number;
  /** Web addresses in a stranger's first message. @default 3 */
  maxLinks?: number;
  /** How hard the work is: each one more doubles it. @default 15 */
  bits?: number;
}

export type SpamRules = Required<SpamInput>;
