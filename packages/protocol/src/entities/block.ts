import * as v from 'valibot';
import { LIMITS } from '../limits.ts';

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
export type OutgoingBlock = v.InferOutput<typeof textBlockSchema>;

/** The blocks of an outgoing message or note. How many bytes a text may have is the relay's question (`too-large`), not the frame's. */
export const outgoingBlocksSchema = v.pipe(v.array(textBlockSchema), v.minLength(1), v.maxLength(LIMITS.maxBlocks));

/** A text as it is stored and shown: `text` is exactly what was typed; `tree` is absent when it is plain lines without any markup. */
export type TextBlock = { kind: 'text'; text: string; tree?: TextNode[] };

/** What a client makes of a block kind it does not know: its plain text. @see SPEC [B3] */
export type UnknownBlock = { kind: 'unknown'; text: string };

/** A block as it comes from the relay. Every kind that is ever added carries `text`, its plain form. */
export type Block = TextBlock;

const inlineSchema: v.GenericSchema<Inline> = v.lazy(() =>
  v.union([
    v.string(),
    v.strictObject({
      kind: v.picklist(['strong', 'emphasis']),
      children: v.array(inlineSchema),
    }) as v.GenericSchema<Inline>,
    v.strictObject({ kind: v.literal('code'), text: v.string() }),
    v.strictObject({
      kind: v.literal('link'),
      href: v.pipe(v.string(), v.regex(/^(https?:\/\/|mailto:|tel:)/)),
      children: v.array(inlineSchema),
    }),
    v.strictObject({ kind: v.literal('break') }),
  ]),
);

export const textNodeSchema: v.GenericSchema<TextNode> = v.lazy(() =>
  v.union([
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

export const blockSchema = v.strictObject({
  kind: v.literal('text'),
  text: v.string(),
  tree: v.exactOptional(v.array(textNodeSchema)),
});

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
