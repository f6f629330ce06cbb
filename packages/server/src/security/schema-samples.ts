import * as v from 'valibot';

/**
 * Values made from valibot schemas, so that whatever is added to a schema is sent by the tests without anybody naming it. A kind of schema that is
 * not known here is an error: the walker has to learn it before its frames count as tested.
 */
interface Walked {
  type: string;
  pipe?: readonly { kind: string }[];
  entries?: Readonly<Record<string, Walked>>;
  options?: readonly unknown[];
  literal?: unknown;
  item?: Walked;
  items?: readonly Walked[];
  key?: Walked;
  value?: Walked;
  wrapped?: Walked;
  getter?: (input: unknown) => Walked;
}

/** A string that a schema may be given: where it stands, and the whole value with something else in its place. */
export interface StringPlace {
  /** Steps from the root; `*` is a key of a record, a number an item of a list. */
  readonly path: readonly string[];
  build(leaf: unknown): unknown;
}

/** Values for what only fits by meaning, by the last step of the path. Returns undefined for everything else. */
export type Hints = (path: readonly string[]) => unknown;

const NO_HINTS: Hints = () => undefined;
/** The first that fits a string's rules is its sample. */
const STRINGS = [
  'sample-0001',
  'sample',
  'en',
  '1',
  '2026-03-04',
  'https://shop.example/a',
  'variable.order',
  'a@shop.example',
];
const NUMBERS = [1, 2, 0, 5, 100, 60_000];
/** Conditions of forms stand in each other: deeper places than this are the same schema once more. */
const MAX_DEPTH = 8;

const asWalked = (schema: v.GenericSchema): Walked => schema as unknown as Walked;
const fits = (schema: Walked, value: unknown): boolean => takes(schema as unknown as v.GenericSchema, value);

/** Whether a value is as the schema says. */
export const takes = (schema: v.GenericSchema, value: unknown): boolean => v.safeParse(schema, value).success;

/** The smallest value a schema takes; with `every`, one with all optional fields in it. */
export function sampleOf(schema: v.GenericSchema, hints: Hints = NO_HINTS, every = false): unknown {
  return sample(asWalked(schema), [], hints, every);
}

function sample(schema: Walked, path: readonly string[], hints: Hints, every: boolean): unknown {
  const hinted = hints(path);
  if (hinted !== undefined && fits(schema, hinted)) return hinted;
  const inner = (child: Walked, step: string): unknown => sample(child, [...path, step], hints, every);
  switch (schema.type) {
    case 'strict_object':
    case 'object': {
      const value: Record<string, unknown> = {};
      for (const [key, entry] of Object.entries(schema.entries ?? {})) {
        if (isOptional(entry) && (!every || path.length >= MAX_DEPTH)) continue;
        value[key] = inner(entry.wrapped !== undefined && isOptional(entry) ? entry.wrapped : entry, key);
      }
      return value;
    }
    case 'string':
    case 'custom':
      return first(schema, STRINGS, path);
    case 'number':
      return first(schema, NUMBERS, path);
    case 'boolean':
      return true;
    case 'literal':
      return schema.literal;
    case 'picklist':
      return schema.options?.[0];
    case 'array': {
      if (schema.item === undefined) break;
      return fits(schema, []) && !every ? [] : [inner(schema.item, '0')];
    }
    case 'strict_tuple':
    case 'tuple':
      return (schema.items ?? []).map((item, i) => inner(item, String(i)));
    case 'record': {
      if (schema.key === undefined || schema.value === undefined) break;
      return fits(schema, {}) && !every ? {} : { [String(inner(schema.key, '*'))]: inner(schema.value, '*') };
    }
    case 'variant':
    case 'union':
      return inner(schema.options?.[0] as Walked, '');
    case 'nullable':
    case 'optional':
    case 'exact_optional':
      if (schema.wrapped === undefined) break;
      return sample(schema.wrapped, path, hints, every);
    case 'lazy':
      if (schema.getter === undefined) break;
      return sample(schema.getter(undefined), path, hints, every);
    case 'unknown':
    case 'any':
      return 'sample';
    case 'null':
      return null;
  }
  throw new Error(`Teach schema-samples.ts the schema "${schema.type}" at ${path.join('.')}.`);
}

const isOptional = ({ type }: Walked): boolean => type === 'exact_optional' || type === 'optional';

function first(schema: Walked, values: readonly unknown[], path: readonly string[]): unknown {
  const found = values.find((value) => fits(schema, value));
  if (found === undefined) throw new Error(`Teach schema-samples.ts a value for ${path.join('.')}.`);
  return found;
}

/** Every place of a schema that takes a string, each in an otherwise right and small value. Picklists count: they are strings on the wire. */
export function stringPlaces(schema: v.GenericSchema, hints: Hints = NO_HINTS): StringPlace[] {
  const byPath = new Map<string, StringPlace>();
  // The same place may be reached through several options of a union.
  for (const place of placesOf(asWalked(schema), [], hints)) {
    const key = `${place.path.join('.')} ${JSON.stringify(place.build('\u0000'))}`;
    if (!byPath.has(key)) byPath.set(key, place);
  }
  return [...byPath.values()];
}

function* placesOf(schema: Walked, path: readonly string[], hints: Hints): Generator<StringPlace> {
  if (path.filter((step) => step !== '').length > MAX_DEPTH) return;
  switch (schema.type) {
    case 'strict_object':
    case 'object': {
      const base = sample(schema, path, hints, false) as Record<string, unknown>;
      for (const [key, entry] of Object.entries(schema.entries ?? {})) {
        for (const place of placesOf(entry, [...path, key], hints))
          yield { path: place.path, build: (leaf) => ({ ...base, [key]: place.build(leaf) }) };
      }
      return;
    }
    case 'string':
    case 'custom':
    case 'picklist':
      yield { path, build: (leaf) => leaf };
      return;
    case 'array':
      if (schema.item !== undefined)
        for (const place of placesOf(schema.item, [...path, '0'], hints))
          yield { path: place.path, build: (leaf) => [place.build(leaf)] };
      return;
    case 'strict_tuple':
    case 'tuple': {
      const items = sample(schema, path, hints, false) as unknown[];
      for (const [i, item] of (schema.items ?? []).entries())
        for (const place of placesOf(item, [...path, String(i)], hints))
          yield { path: place.path, build: (leaf) => items.with(i, place.build(leaf)) };
      return;
    }
    case 'record': {
      if (schema.key === undefined || schema.value === undefined) return;
      const { key, value } = schema;
      const oneKey = String(sample(key, [...path, '*'], hints, false));
      yield {
        path: [...path, '*'],
        build: (leaf) => ownEntry(String(leaf), sample(value, [...path, '*'], hints, false)),
      };
      for (const place of placesOf(value, [...path, oneKey], hints))
        yield { path: place.path, build: (leaf) => ({ [oneKey]: place.build(leaf) }) };
      return;
    }
    case 'variant':
    case 'union':
      for (const option of (schema.options ?? []) as readonly Walked[]) yield* placesOf(option, path, hints);
      return;
    case 'nullable':
    case 'optional':
    case 'exact_optional':
      if (schema.wrapped !== undefined) yield* placesOf(schema.wrapped, path, hints);
      return;
    case 'lazy':
      if (schema.getter !== undefined) yield* placesOf(schema.getter(undefined), path, hints);
      return;
    case 'unknown':
    case 'any':
      yield { path, build: (leaf) => leaf };
      yield { path: [...path, '*'], build: (leaf) => ownEntry(String(leaf), 'sample') };
      return;
    case 'number':
    case 'boolean':
    case 'literal':
    case 'null':
      return;
  }
  throw new Error(`Teach schema-samples.ts the schema "${schema.type}" at ${path.join('.')}.`);
}

/** As JSON.parse makes it: `__proto__` is a key like any other. */
function ownEntry(key: string, value: unknown): object {
  return Object.defineProperty({}, key, { value, enumerable: true, configurable: true, writable: true });
}
