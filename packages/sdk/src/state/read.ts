import type { Block, ConversationEvent } from '@sveiki/protocol';
import { fits, numberOrNull, orNull, ref, refOrNull, type Sample, textOrNull } from './fits.ts';

export { fits } from './fits.ts';

/**
 * Reads what came over the wire so forgivingly that nothing can break a screen: what a newer relay added is kept or skipped, what is of a wrong
 * kind is dropped or becomes its plain text. Nothing is copied by key into an existing object, so no key of the wire has a meaning of its own.
 */

/** Of a kind that is listed, with what that kind has. */
const ofKind = (kinds: Record<string, Sample>) => (value: unknown) => {
  const { kind } = Object(value) as { kind: string };
  return Object.hasOwn(kinds, kind) && fits(value, kinds[kind] as Sample);
};

const nodes = (value: unknown) => fits(value, [(item) => typeof item === 'string' || isNode(item)]);
const parent = { children: nodes };
const leaf = { text: '' };
const isNode = ofKind({
  paragraph: parent,
  quote: parent,
  strong: parent,
  emphasis: parent,
  link: { href: (href) => fits(href, '') && /^(https?:\/\/|mailto:|tel:)/.test(href as string), children: nodes },
  list: { items: [nodes] },
  code: leaf,
  'code-block': leaf,
  break: {},
});

const said = { blocks: [{ kind: '', text: '' }] } as const;
/** What events of a kind have, as far as visitors see them. */
const publicBodies = {
  started: { visitor: { id: '', name: textOrNull }, team: refOrNull },
  message: said,
  assigned: { owner: ref, team: refOrNull },
  queued: { team: refOrNull },
  status: { status: '' },
  resolved: {},
  reopened: {},
  identified: { name: textOrNull },
  consent: { given: true, version: '' },
  'handoff-requested': { handoff: '', by: '' },
  'handoff-failed': { handoff: '', why: '' },
  asked: { form: { id: '', fields: [{ id: '', kind: '' }] } },
  answered: { ask: '', answers: {} },
  erased: { what: '' },
} as const;
const isPublicBody = ofKind(publicBodies);
/** The same for staff. Visitors' pages do not carry it. */
export const isStaffBody = /* @__PURE__ */ ofKind({
  ...publicBodies,
  note: said,
  routed: { reason: '' },
  offered: { agents: [ref], until: 0 },
  'offer-ended': { agents: [''], how: '' },
  drafted: { ...said, replyTo: 0 },
  'tool-called': { tool: '', outcome: '' },
});
const isActor = ofKind({ visitor: { id: '' }, agent: ref, bot: ref });

export const receiptShape = { reader: { kind: '' }, delivered: 0, read: 0 } as const;

export const stateShape = {
  id: '',
  head: 0,
  publicHead: 0,
  status: '',
  visitor: { id: '', name: textOrNull },
  team: refOrNull,
  owner: refOrNull,
  last: orNull({ at: 0, text: '' }),
} as const;

export const snapshotShape = { conversation: stateShape, receipts: [receiptShape] } as const;

const maybe = (sample: Sample) => (value: unknown) => value === undefined || fits(value, sample);
/** What a block has beside its text. */
const isBlock = ofKind({
  text: { tree: (tree) => !tree || nodes(tree) },
  file: { id: '', name: '', type: '', size: 0 },
  'quick-replies': { replies: [{ text: '' }] },
  card: {
    title: '',
    subtitle: maybe(''),
    facts: maybe([{ label: '', value: '' }]),
    actions: maybe([{ label: '', href: maybe((href) => /^(https|mailto|tel):/.test(`${href}`)) }]),
  },
});

/** What is not one of ours leaves its plain text, and so does a tree too deep to look at. */
function readBlock(block: Block): Block {
  try {
    if (isBlock(block)) return block;
  } catch {}
  return { kind: 'text', text: block.text };
}

/**
 * The events in `value` that have a place in a log. One whose body or actor makes no sense keeps its place and shows nothing: a hole would stop
 * everything after it.
 */
export const readEvents = (value: unknown, isBody = isPublicBody): ConversationEvent[] =>
  (Array.isArray(value) ? value : [])
    .filter((item) => fits(item, { conversation: '', seq: 0, id: '', at: 0, publicSeq: numberOrNull }))
    .map((event: ConversationEvent) => {
      const { body } = event;
      return {
        ...event,
        actor: isActor(event.actor) ? event.actor : { kind: 'system' },
        body: !isBody(body)
          ? ({ kind: 'unknown' } as never)
          : 'blocks' in body
            ? { ...body, blocks: body.blocks.map(readBlock) }
            : body,
      };
    });
