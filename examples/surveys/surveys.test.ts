import { systemClock, visibleFields } from '@sveiki/sdk';
import { memoryStorage, until } from '@sveiki/sdk/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bookshop, openBookshop } from './bookshop.ts';

let shop: Bookshop;
beforeEach(async () => {
  shop = await openBookshop();
});
afterEach(() => shop.stop());

const overview = async (id: string) => {
  const found = (await shop.cleo.surveys.list()).find((survey) => survey.id === id);
  if (found === undefined) throw new Error(`There is no survey "${id}".`);
  return found;
};

describe('satisfaction', () => {
  it('keeps a tap, also over a reload, and is over with a comment', async () => {
    const storage = memoryStorage();
    const { chat, question } = await shop.serve('sales', { storage });
    const { id } = await question();
    await chat.answer(id, { score: 2 }, { partial: true });
    await chat.destroy();

    const again = shop.open('sales', { storage });
    const kept = await until(again, () => again.state.question);
    expect(kept).toMatchObject({ id, survey: { id: 'satisfaction', kind: 'csat' }, answers: { score: 2 } });
    await again.answer(id, { score: 2, comment: 'It took very long.' });
    await until(again, () => again.state.question === null);
    await expect(again.answer(id, { score: 5 })).rejects.toMatchObject({ code: 'too-late' });
  });

  it('refuses what is not on the scale, by name', async () => {
    const { chat, question } = await shop.serve('sales');
    const { id } = await question();
    await expect(chat.answer(id, { score: 6 })).rejects.toMatchObject({ code: 'bad-answers' });
    await expect(chat.answer('nobody-asked-this', { score: 5 })).rejects.toMatchObject({ code: 'no-such-question' });
  });

  it('is read by a lead with its n and its interval, and each number leads to its conversations', async () => {
    const conversations: string[] = [];
    for (const score of [5, 5, 4, 5, 2]) {
      const { chat, conversation, question } = await shop.serve('sales');
      await chat.answer((await question()).id, { score });
      conversations.push(conversation);
    }
    // One more was asked, and has not answered.
    await (await shop.serve('sales')).question();
    const { response, questions } = await overview('satisfaction');
    expect(response).toMatchObject({ sent: 6, answered: 5 });
    // Wilson's interval of 4 in 5.
    expect(questions[0]?.human).toMatchObject({
      n: 5,
      csat: 80,
      mean: 4.2,
      counts: [0, 1, 0, 1, 3],
      few: true,
      interval: { low: expect.closeTo(37.55, 2), high: expect.closeTo(96.38, 2) },
    });
    expect(questions[0]?.agents).toMatchObject([{ agent: { id: 'ada' }, figures: { n: 5 } }]);
    const { rows } = await shop.cleo.surveys.answers('satisfaction', { score: 2 });
    expect(rows.map(({ conversation }) => conversation)).toEqual([conversations[4]]);
  });

  it('shows its results to leads only', async () => {
    await expect(shop.ada.surveys.list()).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('a form of one’s own', () => {
  it('asks what follows from the answers, and has figures of its own', async () => {
    const { chat, question } = await shop.serve('returns');
    const { id, form } = await question();
    const asked = (answers: Record<string, string | number>) => visibleFields(form, answers).map((field) => field.id);
    expect(asked({ reason: 'read' })).toEqual(['reason', 'ease']);
    expect(asked({ reason: 'damaged', ease: 3 })).toEqual(['reason', 'packing', 'ease', 'hard']);
    await expect(chat.answer(id, { reason: 'damaged' })).rejects.toMatchObject({ code: 'bad-answers' });
    await chat.answer(id, { reason: 'damaged', packing: 'Thicker paper.', ease: 3, hard: ['label'] });
    const { questions, response } = await overview('returns');
    expect(response).toMatchObject({ sent: 1, answered: 1 });
    expect(questions).toMatchObject([{ field: 'ease', scale: 'ces', human: { n: 1, ces: 0, mean: 3 } }]);
  });
});

describe('recommendation', () => {
  /** The same ids at each run, so that the same conversations are in the sample. */
  const same = (n: number) => ({ clock: { ...systemClock, now: () => n }, random: () => n / 100 });

  it('asks its share of the conversations: the same ones, whenever it looks', async () => {
    const readers = [];
    for (let n = 1; n <= 8; n++) readers.push(await shop.serve('club', same(n)));
    // In the sample by their ids; the other two are never asked.
    for (const [n, score] of [
      [2, 10],
      [3, 9],
      [4, 7],
      [6, 3],
      [7, 10],
      [8, 8],
    ] as const) {
      const { chat, question } = readers[n - 1] as (typeof readers)[number];
      await chat.answer((await question()).id, { score });
    }
    const { response, questions } = await overview('recommend');
    expect(response).toMatchObject({ sent: 6, answered: 6 });
    expect(questions[0]?.human).toMatchObject({ kind: 'nps', n: 6, promoters: 3, detractors: 1, shown: 33 });
  });
});
