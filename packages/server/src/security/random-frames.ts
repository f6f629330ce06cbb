import { FROM_CLIENT, type FromClient } from '@sveiki/protocol';
import type * as v from 'valibot';
import { CANARIES } from './canaries.ts';

/** Chance out of a seed: the same seed makes the same frames. */
export interface Chance {
  /** At least 0, less than 1. */
  next(): number;
  /** A whole number, at least 0 and less than `below`. */
  below(below: number): number;
  of<T>(list: readonly T[]): T;
}

/** Mulberry32. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { next, below, of: (list) => list[below(list.length)] as (typeof list)[number] };
}

/** Names that mean something to whoever reads the frames, so that random ones meet each other. */
export type Pool = (path: readonly string[]) => unknown;

const TYPES = Object.keys(FROM_CLIENT) as FromClient['type'][];
const KEYS = ['__proto__', 'constructor', 'toString', 'type', 'id', 'conversation', 'length', '', '0', 'kind', 'then'];
const NUMBERS = [0, -0, 1, -1, 2, 2 ** 31, 2 ** 53, 2 ** 53 - 1, 1e308, -1e308, 5e-324, 0.5];
const RAW = [
  'NaN',
  'Infinity',
  '-',
  '{',
  '[',
  '[[[[',
  '{"type":',
  '""',
  'null',
  '\u0000',
  '\ud800',
  '[]',
  '[[]]',
  '{}',
];

/** JSON of any shape, small; names of prototypes among its keys. */
function anyJson(chance: Chance, depth = 0): unknown {
  switch (chance.below(depth > 4 ? 5 : 8)) {
    case 0:
      return null;
    case 1:
      return chance.next() < 0.5;
    case 2:
      return chance.of(NUMBERS);
    case 3:
      return chance.of(CANARIES);
    case 4:
      return chance.of(TYPES);
    case 5:
      return Array.from({ length: chance.below(4) }, () => anyJson(chance, depth + 1));
    default: {
      const object = {};
      for (let i = chance.below(4); i > 0; i--) put(object, chance.of(KEYS), anyJson(chance, depth + 1));
      return object;
    }
  }
}

/** As `JSON.parse` would: an own property, whatever its name. */
function put(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

interface Walked {
  type: string;
  entries?: Readonly<Record<string, Walked>>;
  options?: readonly Walked[];
  literal?: unknown;
  item?: Walked;
  items?: readonly Walked[];
  value?: Walked;
  wrapped?: Walked;
  getter?: (input: unknown) => Walked;
}

/** A value in the shape of a schema, now and then a little beside it. */
function shaped(schema: Walked, chance: Chance, pool: Pool, path: readonly string[]): unknown {
  if (chance.next() < 0.004) return anyJson(chance);
  const known = pool(path);
  if (known !== undefined && chance.next() < 0.97) return known;
  switch (schema.type) {
    case 'strict_object':
    case 'object': {
      const value = {};
      for (const [key, entry] of Object.entries(schema.entries ?? {})) {
        const isOptional = entry.type === 'exact_optional' || entry.type === 'optional';
        if (isOptional && (path.length > 6 || chance.next() < 0.7)) continue;
        put(value, key, shaped(entry, chance, pool, [...path, key]));
      }
      return value;
    }
    case 'literal':
      return schema.literal;
    case 'picklist':
      return chance.of(schema.options as unknown as readonly unknown[]);
    case 'number':
      return chance.next() < 0.9 ? chance.below(6) : chance.of(NUMBERS);
    case 'boolean':
      return chance.next() < 0.5;
    case 'array':
      return Array.from({ length: 1 + chance.below(2) }, () =>
        schema.item === undefined ? null : shaped(schema.item, chance, pool, [...path, '0']),
      );
    case 'strict_tuple':
    case 'tuple':
      return (schema.items ?? []).map((item, i) => shaped(item, chance, pool, [...path, String(i)]));
    case 'record': {
      const value = {};
      if (schema.value !== undefined)
        put(value, chance.next() < 0.8 ? 'a' : chance.of(KEYS), shaped(schema.value, chance, pool, [...path, '*']));
      return value;
    }
    case 'variant':
    case 'union':
      return shaped(chance.of(schema.options ?? []), chance, pool, path);
    case 'lazy':
      return schema.getter === undefined ? null : shaped(schema.getter(undefined), chance, pool, path);
    case 'nullable':
    case 'optional':
    case 'exact_optional':
      return schema.wrapped === undefined ? null : shaped(schema.wrapped, chance, pool, path);
    case 'string':
      return chance.next() < 0.7 ? 'a text' : chance.of(CANARIES);
    default:
      return anyJson(chance);
  }
}

/** A frame by the grammar of a random type, or of one of `types`. */
export function frameOf(chance: Chance, pool: Pool, types: readonly FromClient['type'][] = TYPES): unknown {
  const schema: v.GenericSchema = FROM_CLIENT[chance.of(types)];
  return shaped(schema as unknown as Walked, chance, pool, []);
}

/** The same with something wrong in it. */
function bent(value: unknown, chance: Chance): unknown {
  if (typeof value !== 'object' || value === null || chance.next() < 0.2) return anyJson(chance);
  if (Array.isArray(value)) return value.map((item) => (chance.next() < 0.5 ? bent(item, chance) : item));
  const keys = Object.keys(value);
  const target = keys.length === 0 ? '' : chance.of(keys);
  const copy = {};
  for (const key of keys) {
    const item = (value as Record<string, unknown>)[key];
    if (key !== target) put(copy, key, item);
    else if (chance.next() < 0.7) put(copy, key, bent(item, chance));
  }
  if (chance.next() < 0.3) put(copy, chance.of(KEYS), anyJson(chance));
  return copy;
}

function bentText(text: string, chance: Chance): string {
  const at = chance.below(text.length + 1);
  switch (chance.below(6)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(at) + text;
    case 2:
      return `${text.slice(0, at)}${String.fromCharCode(chance.below(65_536))}${text.slice(at + 1)}`;
    case 3:
      return `${text.slice(0, at)}${chance.of(RAW)}${text.slice(at)}`;
    case 4:
      return `[${Array.from({ length: 1 + chance.below(5) }, () => text).join(',')}]`;
    default:
      return text.replace(/\d+/, () => chance.of(['NaN', '1e999', '-0', '"1"', '9'.repeat(400)]));
  }
}

/** Very long, very deep, or very many. */
function huge(chance: Chance): string {
  const size = 1_000 + chance.below(60_000);
  switch (chance.below(5)) {
    case 0:
      return '['.repeat(size);
    case 1:
      return `${'{"a":'.repeat(size / 8)}1${'}'.repeat(size / 8)}`;
    case 2:
      return JSON.stringify({ type: 'pong', more: 'x'.repeat(size) });
    case 3:
      return JSON.stringify(Array.from({ length: chance.below(200) }, () => ({ type: 'pong' })));
    default:
      return JSON.stringify({
        ...{ type: 'send', id: 'huge-00001', conversation: 'huge-00001' },
        blocks: [
          { kind: 'text', text: chance.of(['*', '[', '`', '> ', '- ', '\\', '_a', '](', '<']).repeat(size / 2) },
        ],
      });
  }
}

const bytes = (chance: Chance): string =>
  String.fromCharCode(
    ...Array.from({ length: chance.below(200) }, () => chance.below(chance.next() < 0.5 ? 128 : 65_536)),
  );

/** The text of one frame of somebody who means no good. `recorded` are frames that were played once. */
export function hostileText(chance: Chance, pool: Pool, recorded: readonly string[]): string {
  const kind = chance.next();
  if (kind < 0.08) return bytes(chance);
  if (kind < 0.2) return JSON.stringify(anyJson(chance)) ?? 'null';
  if (kind < 0.55) return JSON.stringify(frameOf(chance, pool));
  if (kind < 0.72) return JSON.stringify(bent(frameOf(chance, pool), chance)) ?? 'null';
  if (kind < 0.8) return bentText(JSON.stringify(frameOf(chance, pool)), chance);
  if (kind < 0.88) return recorded.length === 0 ? '{}' : chance.of(recorded);
  if (kind < 0.985) return recorded.length === 0 ? '{}' : bentText(chance.of(recorded), chance);
  if (kind < 0.99) return chance.of(RAW);
  return huge(chance);
}
