import type { Block, ConversationEvent } from '@sveiki/protocol';

/**
 * Reads what came over the wire so forgivingly that nothing can break a screen: what a newer relay added is kept or skipped, what is of a wrong
 * kind is dropped or becomes its plain text. Nothing is copied by key into an existing object, so no key of the wire has a meaning of its own.
 */

/** What a value must look like: `''`, `0`, `true` any of that kind; an object has at least these keys; `[x]` is a list of x; a function decides itself. */
type Sample =
  | string
  | number
  | boolean
  | { readonly [key: string]: Sample }
  | readonly [Sample]
  | ((value: unknown) => boolean);

export function fits(value: unknown, sample: Sample): boolean {
  if (typeof sample === 'function') return sample(value);
  if (typeof sample !== 'object') return typeof value === typeof sample;
  if (Array.isArray(sample)) return Array.isArray(value) && value.every((item) => fits(item, sample[0]));
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.entries(sample).every(([key, inner]) => fits((value as Record<string, unknown>)[key], inner))
  );
}

const orNull = (sample: Sample) => (value: unknown) => value === null || fits(value, sample);
const oneOf =
  (...samples: Sample[]) =>
  (value: unknown) =>
    samples.some((sample) => fits(value, sample));
const is = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);

const ref = { id: '', name: '' };
const refOrNull = orNull(ref);
const textOrNull = orNull('');
const numberOrNull = orNull(0);

const inlines = (value: unknown): boolean => fits(value, [inline]);
const nodes = (value: unknown): boolean => fits(value, [node]);
const inline = oneOf(
  '',
  { kind: is(/^break$/) },
  { kind: is(/^code$/), text: '' },
  { kind: is(/^(strong|emphasis)$/), children: inlines },
  { kind: is(/^link$/), href: is(/^(https?:\/\/|mailto:|tel:)/i), children: inlines },
);
const node = oneOf(
  { kind: is(/^paragraph$/), children: inlines },
  { kind: is(/^quote$/), children: nodes },
  { kind: is(/^list$/), ordered: true, start: 0, items: [nodes] },
  { kind: is(/^code-block$/), text: '' },
);

const bodies: Record<string, Sample> = {
  started: { visitor: { id: '', name: textOrNull }, team: refOrNull, locale: textOrNull },
  message: { blocks: [{ kind: '', text: '' }] },
  note: { blocks: [{ kind: '', text: '' }] },
  assigned: { owner: ref, team: refOrNull },
  queued: { team: refOrNull },
  status: { status: '' },
  identified: { name: textOrNull },
};

export const siteShape = {
  name: '',
  availability: '',
  opensAt: numberOrNull,
  closesAt: numberOrNull,
  usualReplyMs: numberOrNull,
  faces: [ref],
  topics: [''],
} as const;

export const stateShape = {
  id: '',
  head: 0,
  publicHead: 0,
  status: '',
  ownership: 0,
  startedAt: 0,
  reopenedCount: 0,
  visitor: { id: '', name: textOrNull },
  team: refOrNull,
  owner: refOrNull,
  last: orNull({ at: 0, by: '', text: '', publicSeq: 0 }),
} as const;

export const receiptShape = { reader: { kind: '' }, delivered: 0, read: 0 } as const;

/** A tree that is not one of ours leaves the plain text, and so does one too deep to look at. */
function readBlock(block: Block): Block {
  try {
    if (block.tree === undefined || nodes(block.tree)) return block;
  } catch {}
  return { kind: block.kind, text: block.text };
}

/**
 * The event in `value`, or null when it has no place in a log. One whose body or actor makes no sense keeps its place and shows nothing: a hole
 * would stop everything after it.
 */
export function readEvent(value: unknown): ConversationEvent | null {
  const placed = { conversation: '', seq: 0, id: '', at: 0, publicSeq: numberOrNull, body: { kind: '' } };
  if (!fits(value, placed)) return null;
  const event = value as ConversationEvent;
  const { kind } = event.body;
  let { actor, body } = event;
  if (!fits(actor, oneOf(ref, { kind: is(/^visitor$/), id: '' }))) actor = { kind: 'system' };
  if (!fits(body, Object.hasOwn(bodies, kind) ? (bodies[kind] as Sample) : {})) body = { kind: 'unknown' } as never;
  else if (body.kind === 'message' || body.kind === 'note')
    body = { kind: body.kind, blocks: body.blocks.map(readBlock) };
  return actor === event.actor && body === event.body ? event : { ...event, actor, body };
}

/** The events in `value`, in order, without those that make no sense. */
export const readEvents = (value: unknown): ConversationEvent[] =>
  Array.isArray(value) ? value.map(readEvent).filter((event) => event !== null) : [];
