import type { AnswerProblemCode } from '@sveiki/sdk';

/** Texts that most visitors never see: forms, surveys and bots. They come with the code that shows them. `{0}`, `{1}` are filled in. */
export interface More {
  /** `{0}` is the label of a field that may be left empty. */
  optional: string;
  /** Below the title of a form that comes before the first message. */
  fillIn: string;
  /** Button of that form: send it with the first message. */
  begin: string;
  /** The form is filled in, and the message is missing. */
  writeMessage: string;
  /** Shown in a list until something is chosen. */
  choose: string;
  /** Link to the text one agrees to. */
  policy: string;
  /** Button: give the answers. */
  submit: string;
  /** Button: puts a question aside. */
  later: string;
  /** Button: takes up a question that was put aside. */
  answer: string;
  thanks: string;
  /** The answer is kept until the connection is back. */
  kept: string;
  /** Button: change an answer that was given. */
  change: string;
  /** The time for answers is over. */
  tooLate: string;
  /** The answers were not taken. */
  refused: string;
  /** One point of a scale: `{0}` of `{1}`, "4 of 5". */
  point: string;
  /** The same with what it means, `{2}`. */
  pointNamed: string;
  /** What the points 1 to 5 mean where the site does not say. */
  csat: readonly [string, string, string, string, string];
  /** Thumb down, thumb up. */
  thumbs: readonly [string, string];
  /** What is wrong with an answer; `{0}` is the bound or an example. */
  problems: { readonly [code in AnswerProblemCode]: string };
  /** For dates: not before, not after `{0}`. */
  tooEarly: string;
  tooLateDay: string;
  /** For several of several: at least, at most `{0}`. */
  chooseMore: string;
  chooseFewer: string;
  /** A consent that must be given. */
  tick: string;

  /** Button: ask for a person instead of the bot. */
  person: string;
  /** A person was asked for and comes. */
  waiting: string;
  /** Button: not wait for a person any longer. */
  cancel: string;
  /** Why no person came, and what happens now. */
  failed: {
    readonly [why in 'no-agents' | 'declined' | 'timed-out' | 'cancelled-by-visitor' | 'left-message']: string;
  };
  /** Name of the group of answers that need one tap. */
  replies: string;
  /** `{0}` is a bot, `{1}` what it wants to do on the page. */
  wants: string;
  /** Before the things that the tool is given. */
  given: string;
  allow: string;
  refuse: string;

  /** Box to tick: the visitor agrees to the text above it. */
  agree: string;
  /** Button: go on to the conversation. */
  proceed: string;
  /** Button: take consent back. */
  withdraw: string;
  /** What comes of it, before it is done. */
  withdrawHint: string;
}
