/**
 * What a form is. One shape for questions before, in and after a conversation, for messages left outside hours, for links and for surveys. It is
 * plain JSON: it can be stored, sent and written in `sveiki.config.ts` alike.
 */

/** Bounds of forms and of their answers. */
export const FORM_LIMITS = {
  maxFields: 40,
  maxOptions: 100,
  /** How deep `and`, `or` and `not` may stand in each other. */
  maxConditionDepth: 4,
  /** Conditions in one `and` or `or`. */
  maxConditions: 20,
  /** Characters of a label, a help text, an option. */
  maxLabelChars: 500,
  maxLocales: 40,
  /** Characters of an answer in one line, in many lines, and of a pattern. */
  maxLineChars: 500,
  maxTextChars: 4_000,
  maxPatternChars: 64,
} as const;

/** A text, or the same text in several languages by their tags (`en`, `de-AT`). Labels, helps and thanks may hold `{{answer.order}}`. */
export type FormTexts = string | { readonly [locale: string]: string };

/** What somebody answered to one field: text, a number, a tick, or the chosen values. */
export type FormAnswer = string | number | boolean | readonly string[];

/** Answers by the id of their field. */
export interface FormAnswers {
  readonly [field: string]: FormAnswer;
}

/**
 * When a field is shown. It speaks of fields that stand before it. A field that is not answered, or not shown, is not `answered`, and every
 * comparison with it is false; `is-not` is exactly the opposite of `is`.
 */
export type FormCondition =
  | { readonly field: string; readonly op: 'is' | 'is-not'; readonly value: string | number | boolean }
  | { readonly field: string; readonly op: 'one-of'; readonly value: readonly (string | number)[] }
  /** Numbers and ratings are compared with a number, dates with a date (`2026-03-04`). */
  | { readonly field: string; readonly op: 'at-least' | 'at-most'; readonly value: number | string }
  /** A multi-select holds this choice. */
  | { readonly field: string; readonly op: 'has'; readonly value: string }
  | { readonly field: string; readonly op: 'answered' }
  | { readonly and: readonly FormCondition[] }
  | { readonly or: readonly FormCondition[] }
  | { readonly not: FormCondition };

/** Where a field takes its first value from, if that is known: nobody is asked twice. */
export type FormPrefill =
  | 'visitor.name'
  | 'visitor.email'
  | 'visitor.phone'
  | 'visitor.id'
  | 'page.url'
  | 'page.title'
  | 'locale'
  | `variable.${string}`;

/** One thing to choose. */
export interface FormOption {
  /** What is stored: `refund`. */
  readonly value: string;
  readonly label: FormTexts;
  /** What choosing it adds to the score. */
  readonly score?: number;
}

interface Common {
  /** Letters, digits, `-` and `_`, beginning with a small letter, at most 40. Unique in its form; answers carry it. */
  readonly id: string;
  readonly label: FormTexts;
  readonly help?: FormTexts;
  /** Shown only when this holds. @default always */
  readonly when?: FormCondition;
}
interface Asked extends Common {
  /** Must be answered when it is shown. A checkbox or consent must then be ticked. @default false */
  readonly required?: boolean;
}

/** A title between fields; `help` is the text below it. Nothing is answered. */
export interface HeaderField extends Common {
  readonly kind: 'header';
}
/** Text. Answers are trimmed, and free of control characters. */
export interface TextField extends Asked {
  readonly kind: 'text' | 'textarea' | 'name' | 'email' | 'phone' | 'link';
  /** Characters, counted as `String.length` does. */
  readonly minLength?: number;
  /** @default 500, and 4,000 for a `textarea` */
  readonly maxLength?: number;
  /**
   * A mask that the whole answer must fit: `#` is a digit, `@` a letter, `*` either; `+` after something means one or more of it; `\` takes the
   * next character as it is; everything else stands for itself. `SV-#####`, `#+`. It needs no going back, so that no answer makes it slow.
   */
  readonly pattern?: string;
  readonly default?: string;
  readonly prefill?: FormPrefill;
}
export interface NumberField extends Asked {
  readonly kind: 'number';
  readonly min?: number;
  readonly max?: number;
  /** No fractions. @default false */
  readonly whole?: boolean;
  readonly default?: number;
  readonly prefill?: FormPrefill;
}
/** A day, as `YYYY-MM-DD`. */
export interface DateField extends Asked {
  readonly kind: 'date';
  readonly min?: string;
  readonly max?: string;
  readonly default?: string;
  readonly prefill?: FormPrefill;
}
export interface CheckboxField extends Asked {
  readonly kind: 'checkbox';
  /** What a tick adds to the score. */
  readonly score?: number;
  readonly default?: boolean;
}
/** Permission for something. It is never ticked beforehand. */
export interface ConsentField extends Asked {
  readonly kind: 'consent';
  /** Address of the text one agrees to: http or https. */
  readonly policy?: string;
}
/** One of several. `department` lists teams by their ids; without options the relay fills in the teams of the site. */
export interface ChoiceField extends Asked {
  readonly kind: 'radio' | 'select' | 'department';
  readonly options?: readonly FormOption[];
  readonly default?: string;
  readonly prefill?: FormPrefill;
}
/** Several of several. The answer holds them in the order of the options. */
export interface MultiSelectField extends Asked {
  readonly kind: 'multi-select';
  readonly options: readonly FormOption[];
  /** Fewest and most choices, if there are any at all. */
  readonly min?: number;
  readonly max?: number;
  readonly default?: readonly string[];
}
export type RatingScale = 'csat' | 'nps' | 'ces' | 'thumbs';
/** Lowest and highest point of each scale. CSAT 1-5, NPS 0-10, CES 1-7, thumbs 0 (down) and 1 (up). */
export const RATING_SCALES: { readonly [scale in RatingScale]: readonly [low: number, high: number] } = {
  csat: [1, 5],
  nps: [0, 10],
  ces: [1, 7],
  thumbs: [0, 1],
};
/** One point of a scale. The answer is its number. */
export interface RatingField extends Asked {
  readonly kind: 'rating';
  readonly scale: RatingScale;
  /** What the two ends mean. */
  readonly low?: FormTexts;
  readonly high?: FormTexts;
  /** What single points mean, by their number: `{ '5': 'Very satisfied' }`. */
  readonly points?: { readonly [point: string]: FormTexts };
  /** The score is the point times this. @default not scored */
  readonly weight?: number;
}
/** A value that nobody sees: a campaign, an order number from the page. */
export interface HiddenField extends Common {
  readonly kind: 'hidden';
  readonly default?: string;
  readonly prefill?: FormPrefill;
}

export type FormField =
  | HeaderField
  | TextField
  | NumberField
  | DateField
  | CheckboxField
  | ConsentField
  | ChoiceField
  | MultiSelectField
  | RatingField
  | HiddenField;
export type FormFieldKind = FormField['kind'];

export type FormPurpose = 'pre-chat' | 'in-chat' | 'post-chat' | 'offline' | 'link';

/** A form. */
export interface FormDefinition {
  readonly id: string;
  /** Raised when its fields change: answers are kept with it. @default 1 */
  readonly version?: number;
  readonly purpose: FormPurpose;
  readonly title?: FormTexts;
  readonly fields: readonly FormField[];
  /** The button. @default the widget's own word for it */
  readonly submit?: FormTexts;
  /** Shown once it is answered. */
  readonly thanks?: FormTexts;
}
