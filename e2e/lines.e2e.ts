import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumLaunch } from '../tools/browser.mjs';
import { type DemoUnderTest, demoUnderTest } from './demo-under-test.ts';

/* How a visitor's browser keeps its one line to the relay: shared by tabs, around blocked WebSockets, over the back/forward cache. */
let demo: DemoUnderTest;
let browser: Browser;

beforeAll(async () => {
  demo = await demoUnderTest();
  const launch = await chromiumLaunch();
  // Playwright switches the back/forward cache off; here it is what is tested.
  browser = await chromium.launch({ ...launch, ignoreDefaultArgs: ['--disable-back-forward-cache'] });
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
async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.getByRole('textbox', { name: 'Message' }).press('Enter');
}
/** Resolves when the message is stored: its bubble says so. */
async function stored(page: Page, text: string): Promise<void> {
  await page.getByText(text).first().waitFor();
  await page
    .getByText(/· (Sent|Delivered|Seen)/)
    .last()
    .waitFor();
}

describe('the line of a visitor', () => {
  it('is one for all tabs, and passes to another tab when its own is closed', async () => {
    const context = await browser.newContext();
    const tabs: Page[] = [];
    /** Sockets of tabs that are open. */
    const sockets = new Map<Page, number>();
    const count = (): number => [...sockets.values()].reduce((sum, one) => sum + one, 0);
    for (let i = 0; i < 3; i++) {
      const tab = await context.newPage();
      sockets.set(tab, 0);
      tab.on('websocket', (socket) => {
        sockets.set(tab, (sockets.get(tab) ?? 0) + 1);
        socket.on('close', () => sockets.set(tab, (sockets.get(tab) ?? 0) - 1));
      });
      await openChat(tab);
      tabs.push(tab);
    }
    const [first, second, third] = tabs as [Page, Page, Page];
    await say(second, 'lines-1 from the second tab');
    for (const tab of tabs) await stored(tab, 'lines-1');
    expect(count()).toBe(1);
    await first.close();
    sockets.delete(first);
    await say(third, 'lines-2 after the first was closed');
    for (const tab of [second, third]) await stored(tab, 'lines-2');
    expect(count()).toBe(1);
    await context.close();
  });

  it('goes over HTTP where WebSockets are blocked, in both directions', async () => {
    const context = await browser.newContext();
    await context.addInitScript(() => {
      // A proxy that swallows the handshake: the socket never opens, and ends after a while.
      window.WebSocket = class extends EventTarget {
        readyState = 0;
        bufferedAmount = 0;
        onclose: ((event: object) => void) | null = null;
        constructor() {
          super();
          queueMicrotask(() => this.onclose?.({ code: 1006, reason: '' }));
        }
        send(): void {}
        close(): void {}
      } as unknown as typeof WebSocket;
    });
    const page = await context.newPage();
    const streamed = page.waitForRequest((request) => request.url().endsWith('/v1/stream'));
    await openChat(page);
    await say(page, 'lines-3 around the wall');
    await streamed;
    await stored(page, 'lines-3');

    const desk = await browser.newPage();
    await desk.goto(demo.desk);
    await desk.getByText('Queue', { exact: true }).first().click();
    await desk.getByText('lines-3').first().click();
    await desk.getByRole('button', { name: 'Take', exact: true }).click();
    await desk.getByRole('textbox', { name: 'Reply', exact: true }).fill('lines-4 and back');
    await desk.getByRole('textbox', { name: 'Reply', exact: true }).press('Control+Enter');
    await page.getByText('lines-4').first().waitFor();
    await desk.close();
    await context.close();
  });

  it('ends for the back/forward cache and is there again afterwards', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await openChat(page);
    await say(page, 'lines-5 before the trip');
    await stored(page, 'lines-5');
    await page.evaluate(() => {
      window.addEventListener('pageshow', (event) => {
        document.title = event.persisted ? 'kept' : 'loaded anew';
      });
    });
    await page.goto(`${demo.origin}/shop/contact.html`);
    await page.evaluate(() => history.back());
    await page.waitForFunction(() => document.title.endsWith('kept'));
    await say(page, 'lines-6 after the trip');
    await stored(page, 'lines-6');
    await page.getByText('lines-5').first().waitFor();
    await context.close();
  });
});
