import { afterEach, beforeEach, expect, it } from 'vitest';
import { fileNamed, openShop, type Shop } from './shop.ts';

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.stop());

async function importBoth() {
  const { replies } = shop.cleo;
  return [
    await replies.importFile(fileNamed('replies.csv'), 'csv'),
    await replies.importFile(fileNamed('replies.json'), 'json'),
  ] as const;
}
const titles = async (query: string): Promise<string[]> =>
  (await shop.cleo.replies.search(query, { conversation: shop.conversation })).map(({ title }) => title);

it('keeps what is right and names the line of what is not, with the way out', async () => {
  const [csv, json] = await importBoth();
  expect(csv).toMatchObject({
    saved: 3,
    problems: [
      { at: 5, path: 'body.en', fix: expect.stringContaining('Close them with }}') },
      { at: 6, path: 'shortcut', fix: expect.stringContaining('without spaces') },
    ],
  });
  // A template computes nothing: what is no name is refused, and never run.
  expect(json).toMatchObject({ saved: 2, problems: [{ at: 2, path: 'body.en' }] });
  expect(await titles('hostile')).toEqual([]);
});

it('finds without diacritics and with mistakes, in the language of the visitor', async () => {
  await importBoth();
  const [late] = await shop.cleo.replies.search('kavejas', { conversation: shop.conversation });
  expect(late).toMatchObject({ title: 'Bouquet is late', locale: 'lv', text: null, missing: [{ ask: 'New time' }] });
  expect(await titles('flowrs')).toContain('Care of cut flowers');
});

it('never makes a text while a required value is missing, and none is markup', async () => {
  await importBoth();
  const { conversation, cleo } = shop;
  const [late] = await cleo.replies.search('late', { conversation });
  const render = (values: Record<string, string>) => cleo.replies.render(late?.id ?? '', { conversation, values });
  expect(await render({})).toMatchObject({ ok: false, missing: [{ name: 'time', ask: 'New time', required: true }] });
  expect(await render({ time: ' ' })).toMatchObject({ ok: false });
  expect(await render({ time: '17:30' })).toEqual({
    ok: true,
    text: 'Atvainojiet, kurjers kavējas. Pušķis būs līdz **17:30**.',
  });
  const hostile = await render({ time: '**[x](https://evil.example)**' });
  expect(hostile.ok && hostile.text).toContain('\\[x\\](https\\://evil.example)');
});

it('wins over the configuration, and counts what is used', async () => {
  await importBoth();
  const { conversation, cleo } = shop;
  const [hours] = await cleo.replies.search('hours', { conversation });
  expect(hours?.text).toBe('We are open from 8 to 20, also on Sundays.');
  await cleo.replies.used('hours', conversation);
  const { replies } = await cleo.replies.list();
  expect(replies.find(({ id }) => id === 'hours')?.usage.uses).toBe(1);
});

it.each(['csv', 'json'] as const)('exports as %s what another relay imports again', async (kind) => {
  await importBoth();
  const file = await shop.cleo.replies.exportFile(kind);
  const before = await shop.cleo.replies.list();
  await shop.stop();
  shop = await openShop();
  expect(await shop.cleo.replies.importFile(file, kind)).toEqual({ saved: 5, problems: [] });
  const content = ({ replies }: typeof before) =>
    replies.map(({ shortcut, body, scope, tags }) => ({ shortcut, body, scope, tags }));
  expect(content(await shop.cleo.replies.list())).toEqual(content(before));
});
