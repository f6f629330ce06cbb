import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CLOSE_CODES, mayComeBack } from './close-codes.ts';
import { eventBodySchema } from './entities/event.ts';
import { ERRORS } from './errors.ts';
import { FROM_CLIENT } from './from-client.ts';
import { FROM_SERVER } from './from-server.ts';
import { LIMITS } from './limits.ts';
import { PROTOCOL_VERSION, VERSION_HISTORY } from './version.ts';

const spec = readFileSync(new URL('../SPEC.md', import.meta.url), 'utf8');
const section = (title: string): string => spec.split(/^## \d+\. /m).find((part) => part.startsWith(title)) ?? '';
/** The words in backticks in the first column of a section's tables. */
const firstColumn = (text: string): string[] =>
  [...text.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word),
  );

describe('SPEC.md', () => {
  it('lists every frame and no other', () => {
    expect(new Set(firstColumn(section('Frames')))).toEqual(
      new Set([...Object.keys(FROM_CLIENT), ...Object.keys(FROM_SERVER)]),
    );
  });

  it('lists every event and no other', () => {
    const kinds = eventBodySchema.options.map((option) => option.entries.kind.literal);
    expect(firstColumn(section('Events'))).toEqual(kinds);
  });

  it('lists every error with its retry rule', () => {
    const rows = [...section('Errors').matchAll(/^\| `([^`]+)` \| (\S+) \|$/gm)].map(([, code, retry]) => [
      code,
      retry,
    ]);
    expect(rows).toEqual(Object.entries(ERRORS).map(([code, { retry }]) => [code, retry]));
  });

  it('lists every limit with its value', () => {
    const rows = [...section('Limits').matchAll(/^\| `([^`]+)` \| ([\d,]+) \|$/gm)].map(([, name, value = '']) => [
      name,
      Number(value.replaceAll(',', '')),
    ]);
    expect(Object.fromEntries(rows)).toEqual(LIMITS);
  });

  it('lists every close code, and says the same about coming back', () => {
    const rows = [...section('Heartbeat').matchAll(/^\| ([\d, ]+) \| [^|]+ \| (yes|no)/gm)].flatMap(
      ([, codes = '', back]) => codes.split(',').map((code) => [Number(code), back === 'yes'] as const),
    );
    expect(rows.map(([code]) => code).toSorted()).toEqual(Object.values(CLOSE_CODES).toSorted());
    for (const [code, back] of rows) expect(mayComeBack(code)).toBe(back);
  });

  it('numbers its rules once each, and sessions name only rules that exist', () => {
    const rules = [...spec.matchAll(/^- \*\*\[([A-Z]\d)\]\*\*/gm)].map(([, rule]) => rule);
    expect(new Set(rules).size).toBe(rules.length);
    const folder = new URL('../sessions/', import.meta.url);
    for (const file of readdirSync(folder)) {
      const named = [...readFileSync(new URL(file, folder), 'utf8').matchAll(/\[([A-Z]\d)\]/g)].map(([, rule]) => rule);
      expect(rules, file).toEqual(expect.arrayContaining(named));
    }
  });
});

describe('the schema hash', () => {
  it('of this version is the one in the history: a changed frame needs a line there, in SPEC.md, and a new hash', () => {
    const hash = createHash('sha256')
      .update(shape({ FROM_CLIENT, FROM_SERVER, LIMITS, ERRORS: Object.keys(ERRORS) }))
      .digest('hex')
      .slice(0, 16);
    expect(VERSION_HISTORY[0]).toMatchObject({ version: PROTOCOL_VERSION, schemaHash: hash });
    expect(spec).toContain(`- **${PROTOCOL_VERSION}** (${VERSION_HISTORY[0]?.date}): ${VERSION_HISTORY[0]?.what}`);
  });
});

/** A text that changes exactly when a schema does: functions are left out, regular expressions written out, lazy schemas opened once. */
function shape(root: unknown): string {
  const seen = new Map<object, number>();
  const write = (value: unknown): string => {
    if (value instanceof RegExp) return String(value);
    if (typeof value !== 'object' || value === null)
      return typeof value === 'function' ? '' : (JSON.stringify(value) ?? '');
    const before = seen.get(value);
    if (before !== undefined) return `#${before}`;
    seen.set(value, seen.size);
    if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
    const entries: [string, unknown][] = Object.entries(value).filter(
      ([key]) => key !== '~standard' && key !== 'message',
    );
    const getter: unknown = 'getter' in value && typeof value.getter === 'function' ? value.getter() : undefined;
    if (getter !== undefined) entries.push(['getter', getter]);
    return `{${entries.map(([key, item]) => `${key}:${write(item)}`).join(',')}}`;
  };
  return write(root);
}
