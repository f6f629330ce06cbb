/** A kind of secret that is hidden from what people write: card numbers, their check codes, account numbers, tax and insurance numbers, keys. */
export type MaskedKind = 'card' | 'cvv' | 'key' | 'private-key' | 'iban' | 'inn' | 'snils';

/**
 * A kind of one's own: numbers of contracts, of customers, of a passport. `patterns` are masks as in forms: `#` a digit, `@` a letter, `*` one of both, `+`
 * after one of these "one or more", `\` before a sign that means itself; all else is meant literally, small and capital letters alike. At most 16
 * patterns of 64 signs. What is found is hidden but for its literal signs.
 * @example { id: 'contract', patterns: ['KL-######', 'KL ######'] }
 */
export interface MaskedPattern {
  id: string;
  patterns: readonly string[];
}

/** What is hidden, in the visitor's browser and again before anything is stored. */
export interface MaskingInput {
  /** First 6 and last 4 digits stay. @default true */
  card?: boolean;
  /** The check code beside a card number. @default true */
  cvv?: boolean;
  /** Keys and tokens of well-known shapes. @default true */
  key?: boolean;
  /** PEM blocks of private keys. @default true */
  'private-key'?: boolean;
  /** International bank account numbers. @default false */
  iban?: boolean;
  /** Russian tax numbers, where they are called that. @default false */
  inn?: boolean;
  /** Russian insurance numbers. @default false */
  snils?: boolean;
  /** At most 16 kinds of your own. */
  custom?: readonly MaskedPattern[];
}

/**
 * What is taken out when it was kept for so many days, at most a day later. `messages`: the words of messages and notes, pages that were visited, what
 * a bot told people; `answers`: those to forms and surveys, but for the points given; `files`; `visitors`: everything of those who were not seen for
 * so long. Numbers, kinds and times stay, and with them the figures.
 */
export interface RetentionRuleInput {
  what: 'messages' | 'answers' | 'files' | 'visitors';
  /** 1 to 3,650. */
  days: number;
  /** Only conversations that these have; not for `visitors`. @default all */
  teams?: readonly string[];
  /** Only of these, by their keys. @default all */
  sites?: readonly string[];
}

/** What is kept of people, and how long. */
export interface PrivacyInput {
  /** Where several rules speak of one thing, the shortest holds. @default []: everything is kept */
  retention?: readonly RetentionRuleInput[];
  masking?: MaskingInput;
}

/**
 * What visitors of a site agree to before they write. With `strict` nothing but the request for this text leaves the page before they do; without it
 * the relay knows that somebody looks in, and on which page, and stores nothing.
 */
export interface ConsentInput {
  /** Names the text; another one asks everybody again. @default made of the texts, so that every change asks again */
  version?: string;
  /** By language tag; the first one is for everybody else. Plain text, at most 2,000 characters. */
  text: Readonly<Record<string, string>>;
  /** Where it stands whole, by language or one for all. */
  link?: string | Readonly<Record<string, string>>;
  /** @default false */
  strict?: boolean;
}
