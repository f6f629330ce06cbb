/** Texts about files. They come with the code that shows them. `{0}` is filled in. */
export interface FileWords {
  /** Name of the button beside the message field. */
  attach: string;
  /** Name of the list of files that go with the next message. */
  list: string;
  /** `{0}` was put onto that list. Said to a screen reader. */
  added: string;
  /** Button: takes `{0}` off that list. */
  remove: string;
  /** Name of the bar that shows how much of `{0}` is uploaded. */
  progress: string;
  /** `{0}` is uploaded. Said to a screen reader. */
  ready: string;
  /** Shown while a file is held over the panel. */
  drop: string;
  /** Button: upload again. */
  retry: string;
  /** Name of a picture in the conversation; `{0}` is the name of its file. */
  picture: string;
  /** Name of a link that fetches the file `{0}`. */
  download: string;
  /** At most `{0}` files go with one message. */
  tooMany: string;
  /** Why a file is not sent. `{0}` of the first is a size, "10 MB". */
  problems: {
    readonly 'too-large': string;
    readonly 'bad-file': string;
    readonly 'files-full': string;
    readonly 'no-such-file': string;
    readonly other: string;
  };
}
