/** What a visitor reads where he gets and deletes what is kept about him. */
export interface OwnWords {
  hint: string;
  /** Button, and what is said when it is done. */
  download: string;
  downloaded: string;
  /** Button: asks once more before anything happens. */
  erase: string;
  /** What comes of it, before it is done. */
  eraseHint: string;
  /** Buttons: do it, and leave it be. */
  eraseAll: string;
  keep: string;
  erasing: string;
  nothingKept: string;
  failed: string;
}
