import * as v from 'valibot';
import { CLIENT_ID } from './entities/ids.ts';
import type { Send } from './from-client/send.ts';
import { FROM_CLIENT, type FromClient } from './from-client.ts';
import { LIMITS } from './limits.ts';

/** A frame that was read, or why it was not: `at` is the path of the first thing wrong, never its value. */
export type Decoded<T> = { ok: true; frame: T } | { ok: false; at: string; id?: string };

/**
 * Reads one frame of a client, strictly: unknown types, unknown fields and wrong kinds are refused, and nothing of it is kept. Batches (arrays)
 * are the caller's to split. Never throws.
 */
export function decodeFromClient(value: unknown): Decoded<FromClient> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { ok: false, at: '' };
  const type: unknown = Object.hasOwn(value, 'type') ? (value as { type: unknown }).type : undefined;
  if (!isFromClientType(type)) return { ok: false, at: 'type', ...idOf(value) };
  if (type === 'send' && isPlainSend(value)) return { ok: true, frame: value };
  const parsed = v.safeParse(FROM_CLIENT[type] as v.GenericSchema<unknown, FromClient>, value, { abortEarly: true });
  if (parsed.success) return { ok: true, frame: parsed.output };
  return { ok: false, at: v.getDotPath(parsed.issues[0]) ?? '', ...idOf(value) };
}

/**
 * Whether this is a message of nothing but texts. Nearly all frames are, and the schema takes ten times as long to say so; what is no such message
 * it decides.
 */
function isPlainSend(value: object): value is Send {
  const { id, conversation, blocks, ownership } = value as Record<string, unknown>;
  for (const key in value) if (!SEND_KEYS.has(key)) return false;
  if (typeof id !== 'string' || !CLIENT_ID.test(id)) return false;
  if (typeof conversation !== 'string' || !CLIENT_ID.test(conversation)) return false;
  if ('ownership' in value && !(Number.isSafeInteger(ownership) && (ownership as number) >= 0)) return false;
  return Array.isArray(blocks) && blocks.length > 0 && blocks.length <= LIMITS.maxBlocks && blocks.every(isText);
}
const SEND_KEYS: ReadonlySet<string> = new Set(['type', 'id', 'conversation', 'blocks', 'ownership']);

function isText(block: unknown): boolean {
  if (typeof block !== 'object' || block === null) return false;
  for (const key in block) if (key !== 'kind' && key !== 'text') return false;
  const { kind, text } = block as Record<string, unknown>;
  return kind === 'text' && typeof text === 'string';
}

/** Asked by own key only, so that `constructor` is no type. */
function isFromClientType(type: unknown): type is FromClient['type'] {
  return typeof type === 'string' && Object.hasOwn(FROM_CLIENT, type);
}

/** The id of a frame that was refused, so that its sender can be told which one; only if it is one that could be echoed. */
function idOf(value: object): { id?: string } {
  const id: unknown = Object.hasOwn(value, 'id') ? (value as { id: unknown }).id : undefined;
  return typeof id === 'string' && id.length <= 64 ? { id } : {};
}
