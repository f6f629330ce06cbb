import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chromiumLaunch } from '../tools/browser.mjs';
import { type DemoUnderTest, demoUnderTest } from './demo-under-test.ts';

/*
 * First light, as its users see it: a visitor on the shop page, an agent at the desk, the relay killed while both type, a reload, a lost network, a
 * second tab. Afterwards both sides show the same conversation: nothing lost, nothing twice.
 */
let demo: DemoUnderTest;
let browser: Browser;
let visitors: BrowserContext;
let staff: BrowserContext;
const problems: string[] = [];

beforeAll(async () => {
  demo = await demoUnderTest();
  browser = await chromium.launch(await chromiumLaunch());
  visitors = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
  staff = await browser.newContext({ locale: 'en-GB', viewport: { width: 1440, height: 900 } });
  for (const context of [visitors, staff]) {
    context.setDefaultTimeout(60_000);
    context.on('weberror', (error) => problems.push(String(error.error())));
  }
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
});

async function openChat(page: Page): Promise<void> {
  await page.goto(demo.shop);
  await page.getByRole('button', { name: /chat/i }).first().click();
  await page.getByRole('textbox', { name: 'Message' }).waitFor();
}
async function say(page: Page, box: 'Message' | 'Reply', text: string): Promise<void> {
  await page.getByRole('textbox', { name: box, exact: true }).fill(text);
  await page.getByRole('textbox', { name: box, exact: true }).press(box === 'Message' ? 'Enter' : 'Control+Enter');
}
/** The words of ours that stand in a log, in order; each is one message. */
async function ours(page: Page): Promise<string[]> {
  const text = await page.getByRole('log').first().innerText();
  return [...text.matchAll(/e2e-\d+/g)].map(([word]) => word);
}
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Never came true: ${what}`);
    await new Promise<void>((soon) => setImmediate(soon));
  }
}

it('carries a conversation through a crash, a reload, a lost network and a second tab', async () => {
  const mia = await visitors.newPage();
  await openChat(mia);
  await say(mia, 'Message', 'e2e-1 Is the blue scarf still there?');

  const ada = await staff.newPage();
  await ada.goto(demo.desk);
  await ada.getByText('Queue', { exact: true }).first().click();
  await ada.getByText('e2e-1', { exact: false }).first().click();
  await ada.getByRole('button', { name: 'Take', exact: true }).click();
  await ada.getByRole('textbox', { name: 'Reply', exact: true }).waitFor();
  await say(ada, 'Reply', 'e2e-2 Yes, two are left.');
  await mia.getByText('e2e-2', { exact: false }).first().waitFor();

  // The relay dies while both type; both send into the dark.
  await mia.getByRole('textbox', { name: 'Message' }).pressSequentially('e2e-3 Then');
  await demo.crash();
  await mia.getByRole('textbox', { name: 'Message' }).pressSequentially(' I take one.');
  await mia.getByRole('textbox', { name: 'Message' }).press('Enter');
  await say(ada, 'Reply', 'e2e-4 Shall I keep it for you?');
  // She reloads before anything could be sent: what she typed is on disk.
  await mia.reload({ waitUntil: 'commit' }).catch(() => undefined);
  await demo.start();
  await openChat(mia);
  await ada.getByText('e2e-3', { exact: false }).first().waitFor();
  await mia.getByText('e2e-4', { exact: false }).first().waitFor();

  // She loses the network, writes, and is back.
  await visitors.setOffline(true);
  await say(mia, 'Message', 'e2e-5 Please do.');
  await visitors.setOffline(false);
  await ada.getByText('e2e-5', { exact: false }).first().waitFor();

  // A second tab shows the same, and writes into the same.
  const tab = await visitors.newPage();
  await openChat(tab);
  await tab.getByText('e2e-5', { exact: false }).first().waitFor();
  await say(tab, 'Message', 'e2e-6 From the other tab.');
  await mia.getByText('e2e-6', { exact: false }).first().waitFor();
  await ada.getByText('e2e-6', { exact: false }).first().waitFor();
  await say(ada, 'Reply', 'e2e-7 Done.');

  const all = (words: string[]): string => [...words].sort().join(' ');
  const expected = 'e2e-1 e2e-2 e2e-3 e2e-4 e2e-5 e2e-6 e2e-7';
  for (const page of [mia, tab, ada])
    await until(`everything is on ${page.url()}`, async () => all(await ours(page)) === expected);
  // One log: every screen shows the same order.
  expect(await ours(tab)).toEqual(await ours(ada));
  expect(await ours(mia)).toEqual(await ours(ada));

  // And so it is after everybody starts anew.
  await demo.crashAndRestart();
  const fresh = await visitors.newPage();
  await openChat(fresh);
  await until('a fresh page shows everything', async () => all(await ours(fresh)) === expected);
  expect(await ours(fresh)).toEqual(await ours(ada));
  expect(problems).toEqual([]);
});
