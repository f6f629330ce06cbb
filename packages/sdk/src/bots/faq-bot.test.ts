import { describe, expect, it } from 'vitest';
import type { BotCannedReply, BotReply, BotTurn } from '../config/bot.ts';
import { faqBot } from './faq-bot.ts';
import { findReplies } from './find-replies.ts';
import { whatIsAsked } from './question-words.ts';
import { botTexts } from './texts.ts';

const replies = [
  { id: 'post', title: 'Delivery time', text: 'A parcel takes **three days**.' },
  { id: 'abroad', title: 'Delivery abroad', text: 'Delivery to other countries takes ten days.' },
  { id: 'return', title: 'Returning things', text: 'Send it back within 30 days.' },
  { id: 'hours', title: 'Часы работы', text: 'Мы работаем с девяти до шести.' },
  { id: 'money', title: 'Naudas atmaksa', text: 'Naudu atgriežam piecu dienu laikā.' },
  { id: 'hello', title: 'Greeting', text: 'Hello {{visitor.name}}' },
];

/** One turn, without anything around it: what the bot said and did. */
async function turnOf(
  text: string,
  { language = 'en', failures = 0, found }: { language?: string; failures?: number; found?: BotCannedReply[] } = {},
  options: Partial<Parameters<typeof faqBot>[0]> = {},
) {
  const said: (BotReply | { handoff: string } | 'unsure')[] = [];
  const turn: BotTurn = {
    conversation: {
      id: 'conversation-0001',
      site: 'pk_shop_test',
      team: 'sales',
      language,
      visitor: { id: 'mia', name: 'Mia', verified: false },
      page: null,
    },
    text,
    history: [],
    collected: {},
    failures,
    signal: new AbortController().signal,
    reply: async (what) => void said.push(what),
    stream: () => Promise.reject(new Error('not streamed')),
    typing: () => {},
    ask: () => Promise.reject(new Error('not asked')),
    callTool: () => Promise.reject(new Error('no tool')),
    handoff: async ({ reason, summary }) => void said.push({ handoff: `${reason} ${summary}` }),
    unsure: async (words) => void said.push('unsure', words ?? ''),
    cannedReplies: async (query, limit = 3) => found ?? findReplies(replies, query, limit),
  };
  const bot = faqBot({ id: 'faq', name: 'Robin', ...options });
  await bot.greet?.(turn);
  await bot.onMessage(turn);
  return { said, draft: await bot.draft?.(turn) };
}

describe('faqBot', () => {
  it.each([
    ['How long is the delivery time?', 'en', 'A parcel takes **three days**.'],
    ['I would like returning things', 'en', 'Send it back within 30 days.'],
    ['часы работы?', 'ru', 'Мы работаем с девяти до шести.'],
    ['naudas atmaksu', 'lv', 'Naudu atgriežam piecu dienu laikā.'],
  ])('answers "%s" with the canned reply that fits', async (question, language, answer) => {
    const { said, draft } = await turnOf(question, { language });
    expect(said).toEqual([answer]);
    expect(draft).toBe(answer);
  });

  it('asks which one is meant when several fit, and answers the one that is tapped', async () => {
    const { said, draft } = await turnOf('delivery');
    expect(said).toEqual([
      [
        {
          kind: 'quick-replies',
          text: 'Which of these do you mean?',
          replies: [
            { text: 'Delivery time' },
            { text: 'Delivery abroad' },
            { text: 'Talk to a person', action: 'request-human' },
          ],
        },
      ],
    ]);
    expect(draft).not.toBeNull();
    expect((await turnOf('Delivery abroad')).said).toEqual(['Delivery to other countries takes ten days.']);
  });

  it('says that it is unsure and hands off when nothing fits', async () => {
    const { said, draft } = await turnOf('Do you sell boats?');
    expect(said).toEqual([
      'I am not sure about that. I am asking a person to go on with you.',
      { handoff: 'No canned reply answers this question. Do you sell boats?' },
    ]);
    expect(draft).toBeNull();
  });

  it('asks for other words first, if it is told to', async () => {
    const options = { handoffAfter: 2 };
    expect((await turnOf('Boats?', { failures: 0 }, options)).said).toEqual([
      'unsure',
      'I found no answer to that. Can you say it in another way?',
    ]);
    expect((await turnOf('Boats?', { failures: 1 }, options)).said.at(-1)).toMatchObject({
      handoff: expect.stringContaining('No canned reply'),
    });
  });

  it.each([
    ['Can I talk to a real person?', 'en'],
    ['Human please!', 'en'],
    ['Ich möchte mit einem Menschen sprechen', 'de'],
    ['Quiero hablar con una persona', 'es'],
    ['Vēlos runāt ar cilvēku', 'lv'],
    ['Хочу поговорить с человеком', 'ru'],
    ['оператор', 'ru'],
    ['أريد التحدث مع شخص', 'ar'],
  ])('fetches a person when asked: %s', async (words, language) => {
    const { said } = await turnOf(words, { language });
    expect(said).toEqual([botTexts(language).fetchingPerson, { handoff: `The visitor asked for a person. ${words}` }]);
  });

  it.each([
    'Is this scarf for one person?',
    'Which mobile operator do you use?',
    'Подходит ли это человеку ростом 2 метра?',
  ])('does not take "%s" for that', async (words) => {
    const [said] = (await turnOf(words, { found: [{ id: 'a', title: 'A', text: 'Answer', score: 0.9 }] })).said;
    expect(said).toBe('Answer');
  });

  it('greets and speaks in words of its own, by language', async () => {
    const options = {
      greeting: { en: 'Hello!', lv: 'Sveiki!' },
      texts: { lv: { handingOff: 'Pasaukšu Adu.' } },
    };
    expect((await turnOf('laivas', { language: 'lv-LV' }, options)).said.slice(0, 2)).toEqual([
      'Sveiki!',
      'Pasaukšu Adu.',
    ]);
    expect((await turnOf('boats', { language: 'fi' }, options)).said.slice(0, 2)).toEqual([
      'Hello!',
      botTexts('en').handingOff,
    ]);
  });
});

describe('whatIsAsked', () => {
  it.each([
    ['How long is the delivery time, please?', 'en', 'long delivery time'],
    ["Hello! What's the price of shipping", 'en', 'price shipping'],
    ['Здравствуйте, сколько стоит доставка?', 'ru', 'стоит доставка'],
    ['Labdien! Cik maksā piegāde?', 'lv', 'maksā piegāde'],
    ['Wie lange dauert die Lieferung?', 'de-AT', 'lange dauert Lieferung'],
    ['¿Cuánto cuesta el envío?', 'es', 'cuesta envío'],
    ['كم سعر التوصيل؟', 'ar', 'سعر التوصيل'],
    ['Can you do it?', 'en', 'Can you do it?'],
    ['???', null, '???'],
  ])('finds in "%s"', (question, language, asked) => {
    expect(whatIsAsked(question, language)).toBe(asked);
  });
});

describe('findReplies', () => {
  it('leaves out what has to be filled in, and finds nothing in nothing', () => {
    expect(findReplies(replies, 'Greeting hello', 5)).toEqual([]);
    expect(findReplies(replies, '', 5)).toEqual([]);
    expect(findReplies([], 'delivery', 5)).toEqual([]);
    expect(findReplies(replies, '\u0000 !!! ?', 5)).toEqual([]);
  });

  it('scores from 0 to 1, the best first, rare words above common ones', () => {
    const found = findReplies(replies, 'delivery abroad', 5);
    expect(found.map(({ id }) => id)).toEqual(['abroad', 'post']);
    expect(found[0]?.score).toBe(1);
    // delivery stands in two of five, abroad in one: ln(1 + 5/2) / (ln(1 + 5/2) + ln(1 + 5)).
    expect(found[1]?.score).toBeCloseTo(Math.log(3.5) / (Math.log(3.5) + Math.log(6)), 10);
  });

  it('folds case, marks and ё', () => {
    expect(findReplies([{ id: 'a', title: 'Ещё вопрос', text: 'Ja' }], 'еще', 1)).toHaveLength(1);
    expect(findReplies(replies, 'NAUDU ATGRIEZAM', 1)[0]?.id).toBe('money');
  });
});

describe('botTexts', () => {
  it('has every word in every language, and English for others', () => {
    const english = botTexts('en');
    for (const language of ['ru', 'lv', 'de', 'es', 'ar']) {
      const texts = botTexts(language);
      for (const [key, words] of Object.entries(english)) {
        expect(texts[key as keyof typeof texts]).toBeTruthy();
        expect(texts[key as keyof typeof texts]).not.toBe(words);
      }
    }
    expect(botTexts(null)).toBe(english);
    expect(botTexts('constructor')).toBe(english);
    expect(botTexts('LV-lv')).toBe(botTexts('lv'));
  });
});
