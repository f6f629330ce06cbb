import type { CannedReplyInput } from '@sveiki/sdk/config';
import { describe, expect, it } from 'vitest';
import { checkReply } from './check.ts';
import type { CannedReplyContent } from './reply.ts';
import { fromConfig } from './seed.ts';

const good: CannedReplyContent = {
  id: 'late-parcel',
  shortcut: 'late',
  title: 'Parcel is late',
  body: { en: 'Sorry, {{visitor.name|hello}}: {{order}} is late.', 'pt-BR': 'Desculpe.' },
  variables: [{ name: 'order', ask: 'Order number' }],
  scope: { kind: 'team', team: 'sales' },
  attachments: ['file-1'],
  validFrom: 1,
  validUntil: 2,
  owner: 'ada',
  reviewBy: 3,
  tags: ['delivery', 'bad news'],
};

describe('checkReply', () => {
  it('finds nothing wrong with a good one', () => {
    expect(checkReply(good)).toEqual([]);
    expect(
      checkReply({ ...good, shortcut: 'kavējas_2', scope: { kind: 'site' }, variables: [], body: { lv: 'x' } }),
    ).toEqual([]);
  });

  const cases: [string, Partial<CannedReplyContent>][] = [
    ['id', { id: 'a b' }],
    ['shortcut', { shortcut: 'two words' }],
    ['shortcut', { shortcut: '/late' }],
    ['shortcut', { shortcut: 'x'.repeat(41) }],
    ['title', { title: ' ' }],
    ['title', { title: 'a\nb' }],
    ['body', { body: {} }],
    ['body.klingon language', { body: { 'klingon language': 'x' } }],
    ['body.__proto__', { body: JSON.parse('{"__proto__":"x"}') as Record<string, string> }],
    ['body.en', { body: { en: ' \n' } }],
    ['body.lv', { body: { en: '{{order}}', lv: '{{oder}}' } }],
    ['variables', { variables: Array.from({ length: 21 }, (_, i) => ({ name: `v${i}` })), body: { en: 'x' } }],
    ['variables[0].name', { variables: [{ name: 'a b' }], body: { en: 'x' } }],
    ['variables[1].name', { variables: [{ name: 'order' }, { name: 'order' }] }],
    ['variables[0].source', { variables: [{ name: 'order', source: 'visitor.password' as 'visitor.name' }] }],
    ['variables[0].ask', { variables: [{ name: 'order', ask: ' ' }] }],
    ['variables[0].default', { variables: [{ name: 'order', default: 'x'.repeat(201) }] }],
    ['validUntil', { validFrom: 2, validUntil: 2 }],
    ['reviewBy', { reviewBy: Number.NaN }],
    ['owner', { owner: '' }],
    ['scope', { scope: { kind: 'me', agent: '' } }],
    ['attachments', { attachments: ['a b'] }],
    ['tags', { tags: ['a, b'] }],
  ];
  it.each(cases)('names %s of %o, with a fix', (path, change) => {
    const problems = checkReply({ ...good, ...change });
    expect(problems).toEqual([{ path, problem: expect.stringMatching(/\S/), fix: expect.stringMatching(/\S/) }]);
  });

  it('says where in a body the template is broken', () => {
    expect(checkReply({ ...good, body: { en: 'One\ntwo {{#if order}}' } })).toMatchObject([
      { path: 'body.en', problem: expect.stringContaining('Line 2, column 5') },
    ]);
  });
});

describe('fromConfig', () => {
  const input: CannedReplyInput<'sales', 'order'> = {
    id: 'late-parcel',
    shortcut: 'late',
    title: 'Parcel is late',
    body: { en: 'Order {{order}} is late.' },
    variables: [{ name: 'order', ask: 'Order number' }],
    scope: { team: 'sales' },
    validFrom: '2026-12-01',
    validUntil: '2026-12-24T18:00+02:00',
  };

  it('does not compile with a team that is not there', () => {
    // @ts-expect-error There is no team of this name.
    const wrong: CannedReplyInput<'sales'> = { ...input, scope: { team: 'sails' } };
    expect(fromConfig(wrong)).toMatchObject({ ok: true });
  });

  it('makes content for the store', () => {
    expect(fromConfig(input)).toEqual({
      ok: true,
      reply: {
        ...input,
        scope: { kind: 'team', team: 'sales' },
        validFrom: Date.UTC(2026, 11, 1),
        validUntil: Date.UTC(2026, 11, 24, 16),
        attachments: [],
        tags: [],
      },
    });
    expect(fromConfig({ id: 'hi', shortcut: 'hi', title: 'Hi', body: { en: 'Hi' } })).toMatchObject({
      reply: { scope: { kind: 'site' }, variables: [] },
    });
  });

  it.each(['tomorrow', '2026-02-31', '2026-12-24T18:00', '24.12.2026'])('takes %s for no time', (validFrom) => {
    expect(fromConfig({ ...input, validFrom })).toMatchObject({ ok: false, problems: [{ path: 'validFrom' }] });
  });

  it('gives everything that is wrong at once', () => {
    expect(fromConfig({ ...input, shortcut: '', reviewBy: 'soon' })).toMatchObject({
      problems: [{ path: 'reviewBy' }, { path: 'shortcut' }],
    });
  });
});
