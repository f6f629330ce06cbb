import * as v from 'valibot';
import { LIMITS } from '../limits.ts';
import { idSchema, nameSchema } from './ids.ts';

/** One piece of a line: plain text, or text with a meaning. `href` is always http, https, mailto or tel: the relay makes it, nobody else. */
export type Inline =
  | string
  | { kind: 'strong'; children: Inline[] }
  | { kind: 'emphasis'; children: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'link'; href: string; children: Inline[] }
  | { kind: 'break' };

/** The syntax tree of a text: paragraphs, lists, quotes and code blocks. @see SPEC "Text" for the Markdown subset. */
export type TextNode =
  | { kind: 'paragraph'; children: Inline[] }
  | { kind: 'list'; ordered: boolean; start: number; items: TextNode[][] }
  | { kind: 'quote'; children: TextNode[] }
  | { kind: 'code-block'; text: string };

/** What a client sends: the plain source as it was typed. The relay adds the tree. */
export const textBlockSchema = v.strictObject({ kind: v.literal('text'), text: v.string() });
export type OutgoingText = v.InferOutput<typeof textBlockSchema>;

const labelSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.maxLabelChars));
/** An address in a card. Only https, mailto and tel, and never with a user name in it; the relay checks it, and readers may rely on it. */
const hrefSchema = v.pipe(
  v.string(),
  v.maxLength(LIMITS.maxUrlChars),
  v.regex(/^(https:\/\/[^\s/@\\]+(?:[/?#]\S*)?|mailto:[^\s]+|tel:[+\d() .-]+)$/),
);

/** Answers that need one tap. Choosing one sends its text as a message; `request-human` asks for a person instead. */
export const quickRepliesSchema = v.strictObject({
  kind: v.literal('quick-replies'),
  /** What is shown above the choices, and the plain form. */
  text: v.string(),
  replies: v.pipe(
    v.array(v.strictObject({ text: labelSchema, action: v.exactOptional(v.literal('request-human')) })),
    v.minLength(1),
    v.maxLength(LIMITS.maxQuickReplies),
  ),
});
export type QuickReplies = v.InferOutput<typeof quickRepliesSchema>;

/** A thing shown at a glance: an order, an article, an offer. `text` is its plain form. */
export const cardSchema = v.strictObject({
  kind: v.literal('card'),
  text: v.string(),
  title: labelSchema,
  subtitle: v.exactOptional(v.pipe(v.string(), v.maxLength(LIMITS.maxCardChars))),
  /** Pairs such as "Order" and "AW-1042". */
  facts: v.exactOptional(
    v.pipe(v.array(v.strictObject({ label: labelSchema, value: labelSchema })), v.maxLength(LIMITS.maxCardFacts)),
  ),
  actions: v.exactOptional(
    v.pipe(
      v.array(
        v.variant('kind', [
          v.strictObject({ kind: v.literal('link'), label: labelSchema, href: hrefSchema }),
          v.strictObject({ kind: v.literal('reply'), label: labelSchema }),
        ]),
      ),
      v.maxLength(LIMITS.maxCardActions),
    ),
  ),
});
export type Card = v.InferOutput<typeof cardSchema>;

/** A file that was uploaded before, by its id. What it is called, is and weighs is the relay's to say: `text` is not looked at. @see SPEC [U1] */
export const outgoingFileSchema = v.strictObject({ kind: v.literal('file'), id: idSchema, text: v.string() });

const pixels = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
/** A file as it is stored and shown. `text`, the plain form, is its name. */
export const fileSchema = v.strictObject({
  kind: v.literal('file'),
  id: idSchema,
  text: v.string(),
  name: nameSchema,
  /** A media type out of a short list, by the bytes. */
  type: v.pipe(v.string(), v.maxLength(LIMITS.maxNameChars), v.regex(/^[a-z]+\/[a-z0-9.+-]+$/)),
  /** Bytes. */
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  /** Of pictures, in pixels. */
  width: v.exactOptional(pixels),
  height: v.exactOptional(pixels),
});
export type FileBlock = v.InferOutput<typeof fileSchema>;

/** What may be sent: texts and files by everybody; quick replies and cards by agents and bots. */
export const outgoingBlockSchema = v.variant('kind', [
  textBlockSchema,
  quickRepliesSchema,
  cardSchema,
  outgoingFileSchema,
]);
export type OutgoingBlock = v.InferOutput<typeof outgoingBlockSchema>;

/** The blocks of an outgoing message or note. How many bytes a text may have is the relay's question (`too-large`), not the frame's. */
export const outgoingBlocksSchema = v.pipe(v.array(outgoingBlockSchema), v.minLength(1), v.maxLength(LIMITS.maxBlocks));

/** A text as it is stored and shown: `text` is exactly what was typed; `tree` is absent when it is plain lines without any markup. */
export type TextBlock = { kind: 'text'; text: string; tree?: TextNode[] };

/** What a client makes of a block kind it does not know: its plain text. @see SPEC [B3] */
export type UnknownBlock = { kind: 'unknown'; text: string };

/** A block as it comes from the relay. Every kind that is ever added carries `text`, its plain form. */
export type Block = TextBlock | QuickReplies | Card | FileBlock;

// Chosen by kind, not tried one after the other: a tree of ten quotes in each other would be read a thousand times.
const inlineSchema: v.GenericSchema<Inline> = v.lazy(() =>
  v.union([
    v.string(),
    v.variant('kind', [
      v.strictObject({ kind: v.literal('strong'), children: v.array(inlineSchema) }),
      v.strictObject({ kind: v.literal('emphasis'), children: v.array(inlineSchema) }),
      v.strictObject({ kind: v.literal('code'), text: v.string() }),
      v.strictObject({
        kind: v.literal('link'),
        href: v.pipe(v.string(), v.regex(/^(https?:\/\/|mailto:|tel:)/)),
        children: v.array(inlineSchema),
      }),
      v.strictObject({ kind: v.literal('break') }),
    ]),
  ]),
);

export const textNodeSchema: v.GenericSchema<TextNode> = v.lazy(() =>
  v.variant('kind', [
    v.strictObject({ kind: v.literal('paragraph'), children: v.array(inlineSchema) }),
    v.strictObject({
      kind: v.literal('list'),
      ordered: v.boolean(),
      start: v.number(),
      items: v.array(v.array(textNodeSchema)),
    }),
    v.strictObject({ kind: v.literal('quote'), children: v.array(textNodeSchema) }),
    v.strictObject({ kind: v.literal('code-block'), text: v.string() }),
  ]),
);

export const blockSchema = v.variant('kind', [
  v.strictObject({
    kind: v.literal('text'),
    text: v.string(),
    tree: v.exactOptional(v.array(textNodeSchema)),
  }),
  quickRepliesSchema,
  cardSchema,
  fileSchema,
]);

/** The plain text of any blocks, known or not: what lists, notifications, screen readers and transcripts use. */
export function plainText(blocks: readonly unknown[]): string {
  return blocks
    .map((block) =>
      typeof block === 'object' && block !== null && 'text' in block && typeof block.text === 'string'
        ? block.text
        : '',
    )
    .filter((text) => text !== '')
    .join('\n');
}
