import { join } from 'node:path';
import { type Agent, createAgent, plainText } from '@sveiki/sdk/agent';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { DATABASE_FILE } from '../packages/server/src/main.ts';
import { chromiumLaunch } from '../tools/browser.mjs';
import { createRandom, type Random } from '../tools/replay/random.ts';
import { fetchOf, socketsOf } from '../tools/replay/site-socket.ts';
import { storedMessages } from '../tools/replay/stored-messages.ts';
import { until } from '../tools/replay/until.ts';
import { type DemoUnderTest, demoUnderTest } from './demo-under-test.ts';

/** What happens to a visitor's browser, or to the relay behind it. */
const FAULTS = ['reload', 'crash', 'offline', 'away and back', 'second tab', 'close a tab', 'kill the relay'] as const;
type Fault = (typeof FAULTS)[number];
/** When, as one message is written. */
const MOMENTS = ['before a word', 'in the middle of a word', 'with Enter', 'when it is stored'] as const;
type Moment = (typeof MOMENTS)[number];
const isLasting = (fault: Fault): boolean => fault === 'offline' || fault === 'kill the relay';

/** Everything of one seed must have come to its end by then. */
const deadlineMs = 90_000;

export interface Played {
  points: number;
  said: number;
  /** Pages that came back out of the back/forward cache, of those that went away. */
  kept: number;
  /** What was not as promised, in words; empty when all was. */
  differences: string[];
  /** What happened, in order. */
  story: string[];
}

export interface PointsHouse {
  readonly demo: DemoUnderTest;
  readonly browser: Browser;
  readonly agent: Agent;
  stop(): Promise<void>;
}

/** The built relay in a process of its own, a Chromium with its back/forward cache, and an agent who is there all the time. */
export async function openPointsHouse(): Promise<PointsHouse> {
  const demo = await demoUnderTest({ SVEIKI_RATE_FACTOR: '1000' });
  // Playwright switches the back/forward cache off; here it is one of the points.
  const launch = { ...(await chromiumLaunch()), ignoreDefaultArgs: ['--disable-back-forward-cache'] };
  const browser = await chromium.launch(launch);
  const { Socket: WebSocket } = socketsOf(demo.origin);
  const agent = createAgent({
    ...{ server: demo.origin, WebSocket, fetch: fetchOf(demo.origin), transport: 'websocket' },
  });
  await agent.signInWithCode(new URLSearchParams(new URL(demo.desk).hash.slice(1)).get('code') ?? '');
  await agent.connect();
  return {
    ...{ demo, browser, agent },
    async stop() {
      await agent.destroy();
      await browser.close();
      await demo.stop();
    },
  };
}

export const composerOf = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });

/** The chat of a page, open; on a page that lost it, it is opened again. */
export async function chatOn(page: Page): Promise<Page> {
  const opener = page.getByRole('button', { name: /^Open chat/ });
  await composerOf(page).or(opener).first().waitFor();
  if (!(await composerOf(page).isVisible())) await opener.click();
  await composerOf(page).waitFor();
  return page;
}

/** The words of ours in the log of a page, in their order; each is one message. */
export const wordsIn = (text: string, seed: number): string[] =>
  text.match(new RegExp(`\\bp${seed}-[va]\\d+`, 'g')) ?? [];

/**
 * A visitor writes a message for every point, and at a moment of each, both chosen by the seed, something breaks. Then everything is whole again, and
 * what was written must be stored once, in its order, and be the same on a fresh page, at the agent and on disk.
 *
 * @param options `isForgetful`: the browser keeps nothing of what pages store, so that something must be lost: a play that finds nothing then proves nothing.
 */
export async function playPoints(
  house: PointsHouse,
  options: { seed: number; points: number; isForgetful?: boolean },
): Promise<Played> {
  const { demo, browser, agent } = house;
  const { seed, points, isForgetful = false } = options;
  const chance = createRandom(seed);
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(30_000);
  const played: Played = { points, said: 0, kept: 0, differences: [], story: [] };
  if (isForgetful)
    await context.addInitScript(() => {
      Storage.prototype.setItem = () => {};
    });
  context.on('weberror', (error) => played.differences.push(`an error on a page: ${error.error()}`));
  const visitor = await openVisitor(house, context, played, chance);
  const signal = AbortSignal.timeout(deadlineMs);
  const said: string[] = [];
  const replies: Promise<unknown>[] = [];
  let conversation = '';
  let stopWatching = (): void => {};

  const write = async (strike: (moment: Moment) => Promise<void>): Promise<void> => {
    const word = `p${seed}-v${said.length + 1}`;
    const text = `${word} ${'and so on '.repeat(chance.whole(8))}`.trim();
    await visitor.page();
    await strike('before a word');
    await composerOf(await visitor.page()).pressSequentially(text.slice(0, 5));
    await strike('in the middle of a word');
    // What was being written is not promised to be kept; a visitor who sees it gone writes it again.
    const composer = composerOf(await visitor.page());
    await composer.fill(text);
    await composer.press('Enter');
    // From here on it is the chat's to keep: the composer has given it away. Where the chat itself could not be fetched yet, it keeps it until then.
    const isTaken = () => composer.evaluate((field) => (field as HTMLTextAreaElement).value === '');
    if (!(await isTaken())) await visitor.heal();
    await visitor.until(isTaken);
    said.push(word);
    await strike('with Enter');
  };

  try {
    for (let point = 0; point < points; point++) {
      const fault = chance.pick(FAULTS);
      const moment = chance.pick(MOMENTS);
      const isDouble = chance.chance(0.5);
      played.story.push(`${fault}, ${moment}`);
      let hasStruck = false;
      const strike = async (now: Moment): Promise<void> => {
        if (now !== moment || hasStruck) return;
        hasStruck = true;
        await visitor.strike(fault);
      };
      await write(strike);
      if (moment === 'when it is stored') {
        await visitor.stored(said.at(-1) ?? '');
        await strike(moment);
      }
      // Somebody who does not know that all is dark goes on.
      if (isLasting(fault) && isDouble) await write(strike);
      await visitor.heal();
      if (conversation === '') {
        await visitor.stored(said[0] ?? '');
        conversation = stored(demo).find(({ text }) => text.startsWith(`${said[0]}`))?.conversation ?? '';
        stopWatching = await agent.watch(conversation);
        await agent.take(conversation);
      }
      // While the next point comes, an agent answers.
      replies.push(agent.send(conversation, `p${seed}-a${replies.length + 1} from the desk`));
    }
    await Promise.all(replies);
    const all = said.length + replies.length;
    const atDesk = await until(
      agent,
      () => {
        const texts = agent.state.watched
          .get(conversation)
          ?.events.map(({ body }) => (body.kind === 'message' ? plainText(body.blocks) : ''));
        const words = wordsIn(texts?.join('\n') ?? '', seed);
        return words.length < all ? undefined : words;
      },
      signal,
    );
    const onDisk = wordsIn(
      stored(demo)
        .map(({ text }) => text)
        .join('\n'),
      seed,
    );
    const fresh = await visitor.freshPage();
    let onScreen: string[] = [];
    await visitor.until(async () => {
      onScreen = wordsIn(await fresh.getByRole('log').innerText(), seed);
      return signal.aborted || onScreen.length >= all;
    });
    for (const [place, words] of Object.entries({ 'at the desk': atDesk, 'on a fresh page': onScreen }))
      if (words.join(' ') !== onDisk.join(' '))
        played.differences.push(`${place}: ${words.join(' ')}\n  on disk: ${onDisk.join(' ')}`);
  } catch (error) {
    played.differences.push(String(error));
  }
  const onDisk = wordsIn(
    stored(demo)
      .map(({ text }) => text)
      .join('\n'),
    seed,
  ).filter((word) => word.includes('-v'));
  if (onDisk.join(' ') !== said.join(' '))
    played.differences.push(`written: ${said.join(' ')}\n  stored: ${onDisk.join(' ')}`);
  played.said = said.length;
  stopWatching();
  await visitor.heal();
  await context.close();
  return played;
}

export const stored = (demo: DemoUnderTest) => storedMessages(join(demo.dataDir, DATABASE_FILE));

/** The tabs of one visitor, what can happen to them, and how they come back. */
async function openVisitor({ demo }: PointsHouse, context: BrowserContext, played: Played, chance: Random) {
  const tabs: Page[] = [];
  const gone = new Set<Page>();
  let dark: Fault | null = null;
  await context.addInitScript(() => {
    addEventListener('pageshow', ({ persisted }) => {
      document.documentElement.dataset['kept'] = String(persisted);
    });
  });

  async function freshPage(): Promise<Page> {
    const page = await context.newPage();
    page.on('crash', () => gone.add(page));
    await page.goto(demo.shop);
    return chatOn(page);
  }
  /** The tab that is written in: the newest one that lives. */
  async function page(): Promise<Page> {
    for (const tab of [...tabs]) {
      if (!gone.has(tab)) continue;
      tabs.splice(tabs.indexOf(tab), 1);
      await tab.close();
    }
    if (tabs.length === 0) tabs.push(await freshPage());
    return chatOn(tabs.at(-1) as Page);
  }
  async function untilTrue(holds: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + 30_000;
    while (!(await holds())) if (performance.now() > end) throw new Error(`Never came true: ${holds}`);
  }

  const strikes: Record<Fault, () => Promise<void>> = {
    async reload() {
      await (await page()).reload({ waitUntil: 'commit' });
    },
    async crash() {
      const tab = await page();
      const crashed = tab.waitForEvent('crash');
      const debug = await context.newCDPSession(tab);
      // It never answers.
      debug.send('Page.crash').catch(() => {});
      await crashed;
      // As a visitor would; a dead tab answers nothing that is asked of the whole browser.
      await tab.close();
      tabs.splice(tabs.indexOf(tab), 1);
    },
    offline: () => context.setOffline(true),
    async 'away and back'() {
      const tab = await page();
      await tab.goto(`${demo.origin}/shop/contact.html`);
      await tab.evaluate(() => history.back());
      await tab.waitForFunction(() => location.pathname === '/shop/');
      if ((await tab.evaluate(() => document.documentElement.dataset['kept'])) === 'true') played.kept++;
    },
    async 'second tab'() {
      tabs.push(await freshPage());
    },
    async 'close a tab'() {
      await page();
      const [tab] = tabs.splice(chance.whole(tabs.length), 1);
      await tab?.close();
    },
    'kill the relay': () => demo.crash(),
  };
  return {
    page,
    freshPage,
    until: untilTrue,
    async strike(fault: Fault) {
      if (isLasting(fault)) dark = fault;
      await strikes[fault]();
    },
    /** Network and relay are there again, if they were not. */
    async heal() {
      if (dark === 'offline') await context.setOffline(false);
      if (dark === 'kill the relay') await demo.start();
      dark = null;
    },
    /** Resolves when a message is on screen as one that the relay has. */
    async stored(word: string) {
      await untilTrue(async () => stored(demo).some(({ text }) => text.startsWith(`${word} `) || text === word));
    },
  };
}
