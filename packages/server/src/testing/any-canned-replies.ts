import fc from 'fast-check';
import type { ImportOptions } from '../canned-files/read-replies.ts';
import { checkReply } from '../domain/canned-replies/check.ts';
import { type CannedReplyContent, VARIABLE_SOURCES } from '../domain/canned-replies/reply.ts';

export function options(): ImportOptions {
  let count = 0;
  return { locale: 'en', newId: () => `new-${++count}` };
}

export function plain(reply: Partial<CannedReplyContent>): CannedReplyContent {
  return {
    id: 'hi',
    shortcut: 'hi',
    title: 'Hi',
    body: { en: 'Hello' },
    variables: [],
    scope: { kind: 'site' },
    attachments: [],
    tags: [],
    ...reply,
  };
}

const name = fc.stringMatching(/^[\w-]{1,20}$/);
const piece = fc.constantFrom(
  '{{site.name}}',
  ',',
  ';',
  '"',
  "'",
  '\n',
  '\r\n',
  '\r',
  '\t',
  '=',
  '-',
  '@',
  ' ',
  'a',
  'ж',
  '＝',
  '😀',
  '\ufeff',
  '\\',
);
const text = fc
  .array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 12 })
  .map((list) => list.join(''));
const instant = fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 });
const optional = <T>(key: string, value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined }).map((one) => (one === undefined ? {} : { [key]: one }));
const joined = (...parts: fc.Arbitrary<object>[]) =>
  fc.tuple(...parts).map((list) => Object.assign({}, ...list) as object);

const variable = joined(
  name.map((one) => ({ name: `v${one}` })),
  optional('source', fc.constantFrom(...VARIABLE_SOURCES)),
  optional('ask', text),
  optional('default', text),
  optional('required', fc.boolean()),
) as fc.Arbitrary<CannedReplyContent['variables'][number]>;

const anyReply = joined(
  fc.record({
    id: name,
    shortcut: fc.oneof(name, fc.constantFrom('kavējas', 'счёт', '-x', '.y')),
    title: text,
    body: fc.dictionary(fc.constantFrom('en', 'lv', 'ru', 'pt-BR'), text, { minKeys: 1, noNullPrototype: true }),
    variables: fc.uniqueArray(variable, { maxLength: 3, selector: (one) => one.name }),
    scope: fc.oneof(
      fc.constant({ kind: 'site' }),
      name.map((team) => ({ kind: 'team', team })),
      name.map((agent) => ({ kind: 'me', agent })),
    ),
    attachments: fc.array(name, { maxLength: 2 }),
    tags: fc.array(text, { maxLength: 3 }),
  }),
  optional('validFrom', instant),
  optional('validUntil', instant),
  optional('owner', name),
  optional('reviewBy', instant),
).map((reply) => reply as CannedReplyContent);

/** Any replies that may be stored, with everything in them that files trip over. */
export const anyReplies: fc.Arbitrary<CannedReplyContent[]> = fc
  .uniqueArray(
    anyReply.filter((reply) => checkReply(reply).length === 0),
    { maxLength: 6, selector: ({ id }) => id },
  )
  .map((replies) => replies.map((reply, i) => ({ ...reply, shortcut: `${reply.shortcut.slice(0, 30)}${i}` })));
