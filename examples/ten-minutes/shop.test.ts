import { readFileSync } from 'node:fs';
import { createChat } from '@sveiki/sdk';
import { createAgent } from '@sveiki/sdk/agent';
import { browserAt, until } from '@sveiki/sdk/testing';
import { startRelay } from '@sveiki/server';
import { simulate } from '@sveiki/server/simulate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import first from './first.config.ts';
import config from './sveiki.config.ts';

let relay: Awaited<ReturnType<typeof startRelay>>;
let ada: ReturnType<typeof createAgent>;
beforeAll(async () => {
  const people = [{ id: 'ada', name: 'Ada', email: 'ada@example.com', role: 'lead' }] as const;
  relay = await startRelay({ config, people, port: 0, dataDir: ':memory:', logLevel: 'error' });
  ada = createAgent({ server: relay.url, ...browserAt(relay.url) });
  await ada.signInWithCode(await relay.signInCode('ada'));
  await ada.connect();
});
afterAll(async () => {
  await ada.destroy();
  await relay.stop();
});
const visitor = () =>
  createChat({
    server: relay.url,
    site: 'pk_my_first_shop',
    storage: 'memory',
    locale: 'en',
    ...browserAt('http://localhost:8080'),
  });

it('offers a return to somebody of Returns, and asks how it was', async () => {
  const mia = visitor();
  const { conversation } = await mia.send('I want a refund.');
  await until(ada, () => ada.state.offers.some((offer) => offer.conversation.id === conversation));
  await ada.acceptOffer(conversation);
  await ada.send(conversation, 'It is on its way.');
  await ada.resolve(conversation, { wrapUp: 'done' });
  const { id } = await until(mia, () => mia.state.question);
  await mia.answer(id, { score: 5 });
  expect(await ada.surveys.list()).toMatchObject([{ id: 'after-chat', response: { answered: 1 } }]);
  await mia.destroy();
});

it('answers by itself what it knows, and renders a reply only when nothing is missing', async () => {
  const noah = visitor();
  const { conversation } = await noah.send('When are you open?');
  await until(noah, () => noah.state.conversation?.last?.text === 'We are open from 9 to 18.');
  expect(noah.state.isBot).toBe(true);
  const empty = await ada.replies.render('parcel', { conversation, values: {} });
  if (empty.ok) throw new Error('It was rendered with a hole in it.');
  expect(empty.missing.map(({ ask }) => ask)).toEqual(['Number of the parcel', 'which day']);
  const values = Object.fromEntries(empty.missing.map(({ name }, i) => [name, ['LV-1', 'on Monday'][i] ?? '']));
  expect(await ada.replies.render('parcel', { conversation, values })).toEqual({
    ok: true,
    text: 'Hello there, your parcel LV-1 comes on Monday.',
  });
  await noah.destroy();
});

it('decides the same without a relay', async () => {
  const agents = [{ id: 'ada', teams: ['support', 'returns'], capacity: 2 }] as const;
  const day = [
    {
      id: 'c1',
      at: 0,
      visitor: 'mia',
      team: 'support',
      text: 'A refund, please.',
      patienceMs: 60_000,
      handleMs: 60_000,
    },
    { id: 'c2', at: 1_000, visitor: 'noah', team: 'support', text: 'Hello', patienceMs: 60_000, handleMs: 60_000 },
  ];
  const [report] = (await simulate({ ...config, agents }, day, { seed: 1 })).variants;
  expect(report?.teams).toMatchObject([
    { team: 'support', queued: 1 },
    { team: 'returns', queued: 1 },
  ]);
});

it('begins with what the guide begins with', async () => {
  const relay = await startRelay({ config: first, port: 0, dataDir: ':memory:', logLevel: 'error' });
  await relay.stop();
});

it('is what the guide shows, line by line', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  const shown = [...read('../../docs/integrators.md').matchAll(/```ts (\S+)\n([\s\S]*?)```/g)];
  expect(shown.length).toBeGreaterThan(6);
  const plain = (text: string) => text.split('\n').flatMap((line) => line.trim() || []);
  for (const [, file = '', text = ''] of shown) {
    const [lines, wanted] = [plain(read(`../${file}`)), plain(text)];
    const at = lines.findIndex((_, i) => wanted.every((line, k) => lines[i + k] === line));
    expect(at, `${file} has no longer:\n${text}`).toBeGreaterThanOrEqual(0);
  }
});
