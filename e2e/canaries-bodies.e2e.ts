import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSights, type Sights } from './canaries-eyes.ts';
import { signIn } from './desk-under-test.ts';
import { chatOn, composerOf, openPointsHouse, type PointsHouse, stored } from './points-play.ts';

/* Messages that would break their reader, on the screens of both sides: whatever came, what is said after it is shown. */
let house: PointsHouse;
let sights: Sights;
let mia: Page;
let cleo: Page;
let conversation = '';

/** What a reader must never take for an element of his own: each in the place of a block that was sent as a text. */
const VNODE = { type: 'img', props: { src: 'x', onerror: 'pwned()' }, key: null, ref: null, __k: null, __v: 1, __b: 0 };
const text = (value: unknown) => ({ kind: 'text', text: value });
const paragraph = (child: unknown) => ({ ...text('tree'), tree: [{ kind: 'paragraph', children: [child] }] });
const VNODES: readonly unknown[] = [
  VNODE,
  text(VNODE),
  text([VNODE]),
  text({ ...VNODE, constructor: null }),
  text({ ...VNODE, type: 'script', props: { dangerouslySetInnerHTML: { __html: 'pwned()' } } }),
  text({ type: 'div', props: { dangerouslySetInnerHTML: { __html: '<img src=x onerror=pwned()>' } } }),
  text({ $$typeof: 'Symbol(react.element)', type: 'img', props: VNODE.props }),
  text({ toString: 'pwned', valueOf: 'pwned', length: 1, 0: VNODE }),
  text(null),
  text(7),
  { ...VNODE, kind: 'text', text: 'both' },
  { ...text('tree'), tree: VNODE },
  { ...text('tree'), tree: [VNODE] },
  { ...text('tree'), tree: { length: 1, 0: VNODE } },
  paragraph(VNODE),
  paragraph({ kind: 'strong', children: [VNODE] }),
  paragraph({ kind: 'code', text: VNODE }),
  paragraph({ kind: 'link', href: 'javascript:pwned()', children: ['link'] }),
  paragraph({ kind: 'link', href: VNODE, children: VNODE }),
  {
    ...text('tree'),
    tree: [
      { kind: 'code-block', text: VNODE },
      { kind: 'list', ordered: VNODE, start: VNODE, items: [[VNODE], VNODE] },
    ],
  },
];

/** Puts what was prepared into the frames that the relay sends, in the place of the blocks that name it. */
function meddled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(meddled);
  if (typeof value !== 'object' || value === null) return value;
  const number = 'text' in value && 'kind' in value ? /^vnode-(\d+)$/.exec(String(value.text))?.[1] : undefined;
  if (number !== undefined) return VNODES[Number(number)];
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, meddled(part)]));
}
async function watched(): Promise<BrowserContext> {
  const context = await house.browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(30_000);
  await sights.watch(context);
  await context.routeWebSocket(/\/(?:v1|desk)\/socket/, (line) => {
    const relay = line.connectToServer();
    relay.onMessage((frame) => line.send(JSON.stringify(meddled(JSON.parse(String(frame))))));
    line.onMessage((frame) => relay.send(frame));
  });
  return context;
}
/** Says something after it, which both must show. */
async function goesOn(word: string): Promise<void> {
  await house.agent.send(conversation, word);
  for (const page of [mia, cleo]) {
    await page.getByRole('log').getByText(word, { exact: true }).first().waitFor();
    await sights.look(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  }
  expect([...sights.problems]).toEqual([]);
}

beforeAll(async () => {
  house = await openPointsHouse();
  sights = createSights();
  mia = await (await watched()).newPage();
  await mia.goto(house.demo.shop);
  await chatOn(mia);
  await composerOf(mia).fill('bodies-1');
  await composerOf(mia).press('Enter');
  const find = () => stored(house.demo).find((message) => message.text === 'bodies-1')?.conversation;
  while (find() === undefined) await mia.evaluate(() => new Promise((drawn) => requestAnimationFrame(drawn)));
  conversation = find() ?? '';
  await house.agent.watch(conversation);
  await house.agent.take(conversation);
  cleo = await (await watched()).newPage();
  await signIn(cleo, house.demo, 'cleo@amberandwool.example');
  await cleo.goto(`${house.demo.origin}/desk/#/open/${conversation}`);
  await cleo.getByRole('log').waitFor();
});
afterAll(() => house.stop());

it('shows what looks like an element as an error or as a text', async () => {
  for (const i of VNODES.keys()) await house.agent.send(conversation, `vnode-${i}`);
  await goesOn('after all of them');
  // From history it is no other.
  for (const page of [mia, cleo]) await page.reload();
  await chatOn(mia);
  await goesOn('after a reload');
  expect(VNODES.length).toBe(20);
});

const piece = 15_900;
const inPieces = (whole: string, size: number): string[] =>
  Array.from({ length: Math.ceil(whole.length / size) }, (_, i) => whole.slice(i * size, (i + 1) * size));
/** As much as a frame holds, of the shapes that are worst to draw. */
const BODIES: Record<string, string[]> = {
  'quotes in quotes': inPieces('>'.repeat(60_000), piece),
  'quotes and lists in each other': inPieces('> - 1. '.repeat(8_500), piece),
  'lists in lists': Array.from({ length: 3 }, () =>
    Array.from({ length: 170 }, (_, i) => `${' '.repeat(i)}- x`).join('\n'),
  ),
  'emoji made of others': inPieces('👩‍🚀😀'.repeat(2_200), 3_400),
  'ten thousand plain emoji': inPieces('😀'.repeat(10_000), 7_000),
  'one word of sixty thousand letters': inPieces('w'.repeat(60_000), piece),
  'marks on one letter': inPieces(`a${'\u0301'.repeat(25_000)}`, 7_500),
  'right to left and back': inPieces('abc \u0644\u064a\u0644\u0649 12 \u202eabc\u202c '.repeat(1_700), 9_000),
  'overrides that never end': inPieces('\u202e\u2067\u202dx'.repeat(4_000), 5_600),
  'stars and brackets': inPieces('**_[*`('.repeat(8_500), piece),
  'links without end': inPieces('https://a.example/ [x](https://b.example) '.repeat(1_400), piece),
  'empty lines': inPieces('\n\n- \n'.repeat(8_000), 7_000),
};

it.each(Object.entries(BODIES))('shows %s, and what is said after it', async (name, texts) => {
  const blocks = texts.slice(0, 8).map((one) => ({ kind: 'text' as const, text: one }));
  await house.agent.send(conversation, blocks);
  await goesOn(`after ${name}`);
});
