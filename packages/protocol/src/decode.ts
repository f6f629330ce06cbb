import * as v from 'valibot';
import { FROM_CLIENT, type FromClient } from './from-client.ts';

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
  const parsed = v.safeParse(FROM_CLIENT[type] as v.GenericSchema<unknown, FromClient>, value, { abortEarly: true });
  if (parsed.success) return { ok: true, frame: parsed.output };
  return { ok: false, at: v.getDotPath(parsed.issues[0]) ?? '', ...idOf(value) };
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
