import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CannedReply, UNUSED } from './reply.ts';
import { type CannedReplyIndex, createCannedReplyIndex, type Hit, type SearchOptions } from './search.ts';
import { asCyrillic, fold, wordsOf } from './words.ts';

let count = 0;
const reply = (
  shortcut: string,
  title: string,
  body: Record<string, string>,
  rest: Partial<CannedReply> = {},
): CannedReply => ({
  id: `${shortcut}-${count++}`,
  shortcut,
  title,
  body,
  variables: [],
  scope: { kind: 'site' },
  attachments: [],
  tags: [],
  usage: UNUSED,
  ...rest,
});

const late = reply('late', 'Parcel is late', {
  en: 'Sorry, your parcel will arrive tomorrow.',
  lv: 'Atvainojiet, jūsu sūtījums pienāks rīt.',
  ru: 'Извините, ваша посылка придёт завтра.',
});
const refund = reply('refund', 'Money back', {
  en: 'We return the money within five days.',
  lv: 'Atgriezīsim naudu piecu dienu laikā. Paldies par pacietību!',
  ru: 'Вернём деньги в течение пяти дней. Счёт пришлём письмом.',
});
const refundLate = reply(
  'refund-late',
  'Refund takes longer',
  { en: 'The bank needs more time.' },
  { tags: ['complaint'] },
);
const hours = reply('hours', 'Opening hours', { en: 'We answer from 8 to 20.', lv: 'Atbildam no 8 līdz 20.' });
const shipping = reply('ship', 'Delivery abroad', { en: 'We deliver to all of Europe.' });
const all = [late, refund, refundLate, hours, shipping];

const options: SearchOptions = { agent: 'ada', teams: ['sales'], locale: 'lv', siteLocale: 'en', now: 1_000 };
const indexOf = (replies: readonly CannedReply[]): CannedReplyIndex => {
  const index = createCannedReplyIndex();
  for (const one of replies) index.put(one);
  return index;
};
const find = (query: string, rest: Partial<SearchOptions> = {}, replies: readonly CannedReply[] = all): Hit[] =>
  indexOf(replies).search(query, { ...options, ...rest });
const first = (query: string): string | undefined => find(query)[0]?.id;

describe('the search for canned replies', () => {
  it('gives the whole shortcut first, then those that begin so, then what has the words', () => {
    const other = reply('money', 'A refund for the late one', { en: 'refund refund refund' });
    const hits = find('/refund', {}, [other, refundLate, ...all.slice(0, 2)]);
    expect(hits.map(({ id, why }) => [id, why])).toEqual([
      [refund.id, 'shortcut'],
      [refundLate.id, 'shortcut-start'],
      [other.id, 'words'],
    ]);
  });

  it.each([
    ['parcel tomorow', late],
    ['pracel', late],
    ['arive', late],
    ['sutijums pienaks', late],
    ['sūtijms', late],
    ['РИТ', undefined],
    ['rit', late],
    ['придет', late],
    ['посылк', late],
    ['посвлка', late],
    ['posylka', late],
    ['счет письмом', refund],
    ['денги', refund],
    ['Paldies pacietibu', refund],
    ['nauda', refund],
    ['complaint', refundLate],
    ['deliv', shipping],
    ['zzzzzzz', undefined],
    ['!!!', undefined],
  ])('finds by %j', (query, expected) => {
    expect(first(query)).toBe(expected?.id);
  });

  it('puts what answers all words before what answers one of them', () => {
    const loud = reply('a', 'Parcel parcel', { en: 'parcel' });
    const whole = reply('b', 'Lost things', {
      en: 'A long text about many things, among them a lost parcel of somebody.',
    });
    expect(find('lost parcel somebody', {}, [loud, whole, ...all]).map(({ id }) => id)[0]).toBe(whole.id);
  });

  it('says how much of what was typed it answers', () => {
    expect(find('refund')[0]?.share).toBe(1);
    expect(find('parcel tomorow')[0]?.share).toBe(1);
    expect(find('parcel zzzzzzz qqqqqqq kkkkkkk')[0]?.share).toBe(0.25);
  });

  it('prefers what is used and ended well among equal hits', () => {
    const twin = { ...shipping, id: 'twin', usage: { ...UNUSED, uses: 40, resolved: 30 } };
    expect(find('delivery', {}, [shipping, twin, late])[0]?.id).toBe('twin');
    expect(find('', {}, [...all, twin])[0]).toEqual({ id: 'twin', locale: 'en', why: 'usual', share: 0, marks: [] });
  });

  it('shows only what the agent may see and what is valid now, also for a shortcut and for nothing typed', () => {
    const hidden = [
      reply('late', 'Parcel', { en: 'parcel' }, { scope: { kind: 'me', agent: 'ben' } }),
      reply('late', 'Parcel', { en: 'parcel' }, { scope: { kind: 'team', team: 'billing' } }),
      reply('late', 'Parcel', { en: 'parcel' }, { validFrom: 1_001 }),
      reply('late', 'Parcel', { en: 'parcel' }, { validUntil: 1_000 }),
    ];
    const own = reply('mine', 'Parcel', { en: 'parcel' }, { scope: { kind: 'me', agent: 'ada' } });
    for (const query of ['late', 'parcel', '']) {
      const ids = find(query, {}, [...hidden, late, own]).map(({ id }) => id);
      expect(ids.filter((id) => id !== late.id && id !== own.id)).toEqual([]);
      expect(ids).toContain(late.id);
    }
  });

  it('says which body to use and where the words stand in it', () => {
    const [hit] = find('sutijums late', { locale: 'lv-LV' });
    expect(hit).toMatchObject({ id: late.id, locale: 'lv' });
    const text = { shortcut: late.shortcut, title: late.title, body: late.body['lv'] as string };
    expect(hit?.marks.map(({ field, start, end }) => [field, text[field].slice(start, end)])).toEqual([
      ['shortcut', 'late'],
      ['title', 'late'],
      ['body', 'sūtījums'],
    ]);
    expect(find('ref')[0]?.marks).toEqual([{ field: 'shortcut', start: 0, end: 3 }]);
  });

  it('follows what is changed and removed', () => {
    const index = indexOf(all);
    index.put({ ...late, title: 'Blizzard', body: { en: 'Snow everywhere' } });
    index.remove(refund.id);
    index.remove('nobody');
    expect(index.search('blizard', options)[0]?.id).toBe(late.id);
    expect(index.search('tomorrow', options)).toEqual([]);
    expect(index.search('refund', options).map(({ id }) => id)).toEqual([refundLate.id]);
    index.put({ ...late, title: 'Blizzard', body: { en: 'Snow everywhere' }, validUntil: 5 });
    expect(index.search('snow', options)).toEqual([]);
  });

  it('answers after any changes as an index made anew', () => {
    const words = ['scarf', 'parcel', 'late', 'money', 'nauda', 'счёт'];
    const text = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 }).map((list) => list.join(' '));
    const change = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), title: text, en: text, gone: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), fc.constantFrom(...words, 'scraf', 'scet'), (changes, query) => {
        const index = createCannedReplyIndex();
        const left = new Map<string, CannedReply>();
        for (const { id, title, en, gone } of changes) {
          if (gone) {
            index.remove(id);
            left.delete(id);
          } else {
            const one = reply(id, title, { en }, { id });
            index.put(one);
            left.set(id, one);
          }
        }
        const anew = indexOf([...left.values()]);
        const ids = (of: CannedReplyIndex): string[] =>
          of
            .search(query, options)
            .map(({ id }) => id)
            .toSorted();
        expect(ids(index)).toEqual(ids(anew));
      }),
    );
  });

  it('takes any query, however long or strange, and gives no more than was asked for', () => {
    const index = indexOf(all);
    for (const query of [
      'a'.repeat(100_000),
      'parcel '.repeat(10_000),
      '\u0000',
      '/',
      '//late',
      '*"(:',
      '\ud800',
      '__proto__',
    ]) {
      expect(index.search(query, { ...options, limit: 2 }).length).toBeLessThanOrEqual(2);
    }
  });
});

describe('words', () => {
  it('are without case and marks, and know where they stand', () => {
    expect(wordsOf('Šķēres, Ёлка-й STRASSE straße')).toEqual([
      { term: 'skeres', start: 0, end: 6 },
      { term: 'елка', start: 8, end: 12 },
      { term: 'и', start: 13, end: 14 },
      { term: 'strasse', start: 15, end: 22 },
      { term: 'strasse', start: 23, end: 29 },
    ]);
    expect(fold('e\u0301')).toBe(fold('é'));
  });

  it.each([
    ['vozvrat', 'возврат'],
    ['shchet', 'щет'],
    ['zakaz2', null],
    ['sūtī', null],
    ['queue', null],
  ])('reads %s in Cyrillic as %s', (typed, expected) => {
    expect(asCyrillic(typed)).toBe(expected);
  });
});
