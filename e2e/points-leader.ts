import type { Page } from 'playwright-core';
import { chatOn, composerOf, type PointsHouse, stored, wordsIn } from './points-play.ts';

let plays = 0;

/**
 * Three tabs of one visitor write at once; the one that has the line is killed while they do.
 *
 * @returns how long it took until the relay welcomed another tab, from the moment the tab was gone, and whatever is not as it was written
 */
export async function killLeader(
  { demo, browser }: PointsHouse,
  how: 'crashed' | 'closed',
): Promise<{ tookMs: number; differences: string[] }> {
  const seed = 9_000 + plays++;
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(30_000);
  let leader: Page | null = null;
  let welcomed = (_at: number): void => {};
  const open = async (): Promise<Page> => {
    const page = await context.newPage();
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => {
        if (!String(payload).startsWith('{"type":"welcome"')) return;
        leader = page;
        welcomed(performance.now());
      });
    });
    await page.goto(demo.shop);
    return chatOn(page);
  };
  const said: string[] = [];
  const say = async (page: Page): Promise<void> => {
    const word = `p${seed}-v${said.length + 1}`;
    said.push(word);
    await composerOf(page).fill(word);
    await composerOf(page).press('Enter');
  };
  const shows = (page: Page, words: readonly string[]) =>
    page.waitForFunction(
      (all) => {
        const log = document.querySelector('sveiki-chat')?.shadowRoot?.querySelector('[role=log]');
        return all.every((word) => log?.textContent?.includes(word));
      },
      words,
      { polling: 'raf' },
    );

  const tabs = [await open()];
  await say(tabs[0] as Page);
  await shows(tabs[0] as Page, said);
  tabs.push(await open(), await open());
  for (const tab of tabs) await shows(tab, said);
  const first = leader as Page | null;
  if (first === null) throw new Error('No tab has the line.');
  const others = tabs.filter((tab) => tab !== first);

  const isNew = new Promise<number>((done) => {
    welcomed = done;
  });
  // Every tab has something that nobody has acknowledged yet.
  for (const tab of tabs) await say(tab);
  let goneAt: number;
  if (how === 'crashed') {
    const crashed = first.waitForEvent('crash');
    const debug = await context.newCDPSession(first);
    goneAt = performance.now();
    // It never answers.
    debug.send('Page.crash').catch(() => {});
    await crashed;
  } else {
    goneAt = performance.now();
    await first.close();
  }
  for (const tab of others) await say(tab);
  const tookMs = (await isNew) - goneAt;
  const fresh = await open();
  const differences: string[] = [];
  const written = said.toSorted().join(' ');
  for (const [name, tab] of [
    ...others.map((tab, i) => [`tab ${i + 1}`, tab] as const),
    ['a fresh tab', fresh] as const,
  ]) {
    await shows(tab, said);
    const words = wordsIn(await tab.getByRole('log').innerText(), seed);
    if (words.toSorted().join(' ') !== written) differences.push(`${name}: ${words.join(' ')}`);
  }
  const onDisk = wordsIn(
    stored(demo)
      .map(({ text }) => text)
      .join('\n'),
    seed,
  );
  if (onDisk.toSorted().join(' ') !== written) differences.push(`on disk: ${onDisk.join(' ')}`);
  await context.close();
  return { tookMs, differences };
}
