import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';
import { chromiumLaunch } from '../tools/browser.mjs';
import { openFaultProxy } from '../tools/faults/fault-proxy.ts';
import { storedMessages } from '../tools/replay/stored-messages.ts';
import { demoUnderTest } from './demo-under-test.ts';

describe('a captive portal in front of a browser', () => {
  it('is never shown in the chat, and what is typed behind it arrives once', async ({ signal }) => {
    const demo = await demoUnderTest();
    const { port } = new URL(demo.origin);
    let isCaught = false;
    const proxy = await openFaultProxy({
      target: () => Number(port),
      faults: () => (isCaught ? { instead: 'login-page' } : {}),
    });
    const launch = await chromiumLaunch();
    const browser = await chromium.launch({
      ...launch,
      args: [...launch.args, `--host-resolver-rules=MAP 127.0.0.1:${port} 127.0.0.1:${proxy.port}`],
    });
    signal.addEventListener('abort', () => void browser.close());
    try {
      const page = await browser.newPage();
      await page.goto(demo.shop);
      await page.getByRole('button', { name: /chat/i }).first().click();
      const box = page.getByRole('textbox', { name: 'Message' });
      const say = async (text: string): Promise<void> => {
        await box.fill(text);
        await box.press('Enter');
      };
      const stored = (): string[] =>
        storedMessages(join(demo.dataDir, 'sveiki.db')).flatMap(({ text }) =>
          text.startsWith('portal-') ? [text] : [],
        );
      await say('portal-1 in the street');
      await page
        .getByText(/· (Sent|Delivered|Seen)/)
        .last()
        .waitFor();

      isCaught = true;
      proxy.cut();
      await say('portal-2 in the lobby');
      // The part that goes over HTTP cannot be fetched here, so that something else answers may not be found out.
      const lost = page.getByText(/You are offline\.|The connection is lost\./).first();
      await lost.waitFor();
      expect(await page.getByText('Log in to the network').count()).toBe(0);
      expect(await page.evaluate(() => 'portal' in window)).toBe(false);
      expect(stored()).toEqual(['portal-1 in the street']);

      isCaught = false;
      await lost.waitFor({ state: 'detached' });
      await say('portal-3 logged in');
      await vi.waitFor(() => expect(stored()).toHaveLength(3), { timeout: 50_000 });
      expect(stored()).toEqual(['portal-1 in the street', 'portal-2 in the lobby', 'portal-3 logged in']);
      expect(proxy.opened).toBeGreaterThan(5);
    } finally {
      await browser.close();
      await proxy.close();
      await demo.stop();
    }
  });
});
