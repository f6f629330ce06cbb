import { createMask, type EventBody, type Mask, type MaskSettings, maskValue, type Visit } from '@sveiki/protocol';
import type { Config } from '../config-types.ts';
import { parseText } from '../domain/text.ts';

/**
 * Hides what nobody should store. Everything that becomes part of a log passes `body` on its way into the store, whoever sent it and over whichever
 * door; what is said of a visitor beside the log passes the rest. So hooks, webhooks, bots, logs and backups never have it.
 */
export interface Masking {
  text(text: string): string;
  visit(visit: Visit): Visit;
  /** Every text in a value of any form. */
  value<T>(value: T): T;
  /** An event before it is stored; itself when there is nothing to hide. */
  body(body: EventBody): EventBody;
}

/** By the settings that hold at the moment: a configuration that is read anew hides anew. */
export function createMasking(config: Pick<Config, 'privacy'>): Masking {
  let settings: MaskSettings | null = null;
  let made: Mask = createMask({ kinds: [] });
  const mask: Mask = (text, isAddress) => {
    if (config.privacy.masking !== settings) {
      settings = config.privacy.masking;
      made = createMask(settings);
    }
    return made(text, isAddress);
  };
  const text = (source: string): string => mask(source).text;
  const value = <T>(one: T): T => maskValue(one, mask);
  const visit = ({ url, title }: Visit): Visit => ({ url: mask(url, true).text, title: text(title) });
  return { text, value, visit, body: (body) => maskBody(body, { text, value, visit }) };
}

/** Names and ids of ours stay as they are: only what people and programs wrote is looked at. */
function maskBody(body: EventBody, { text, value, visit }: Omit<Masking, 'body'>): EventBody {
  switch (body.kind) {
    case 'message':
    case 'note':
    case 'drafted': {
      const blocks = body.blocks.map((block) => maskBlock(block, { text, value }));
      return blocks.some((block, i) => block !== body.blocks[i]) ? { ...body, blocks } : body;
    }
    case 'started': {
      const { visitor } = body;
      return {
        ...body,
        visitor: { ...visitor, name: value(visitor.name) },
        visit: body.visit === null ? null : visit(body.visit),
      };
    }
    case 'identified':
      return { ...body, name: value(body.name), email: value(body.email) };
    case 'answered':
      return { ...body, answers: value(body.answers) };
    case 'asked':
      return { ...body, form: value(body.form) };
    case 'handoff-requested':
      return body.details === undefined ? body : { ...body, details: value(body.details) };
    case 'tool-called': {
      const { input, output } = body;
      return { ...body, input: value(input), ...(output === undefined ? {} : { output: value(output) }) };
    }
    case 'assigned':
    case 'offer-ended':
      return body.reason === undefined ? body : { ...body, reason: text(body.reason) };
    case 'routed':
    case 'offered':
      return { ...body, reason: text(body.reason) };
    default:
      return body;
  }
}

type Block = Extract<EventBody, { kind: 'message' }>['blocks'][number];

function maskBlock(block: Block, { text, value }: Pick<Masking, 'text' | 'value'>): Block {
  if (block.kind === 'file') return { ...block, text: text(block.text), name: text(block.name) };
  if (block.kind !== 'text') return value(block);
  const hidden = text(block.text);
  if (hidden === block.text) return block;
  const tree = parseText(hidden);
  return tree === undefined ? { kind: 'text', text: hidden } : { kind: 'text', text: hidden, tree };
}
