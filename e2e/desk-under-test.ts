import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Chat, createChat, type WebSocketClass } from '@sveiki/sdk';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { chromiumLaunch } from '../tools/browser.mjs';
import { type DemoUnderTest, demoUnderTest } from './demo-under-test.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Of everybody in the demo. */
export const password = 'baltic-amber';

type ContextOptions = NonNullable<Parameters<Browser['newContext']>[0]>;

/** The built desk in front of the built relay, agents in browsers, and visitors by the SDK. */
export interface DeskUnderTest {
  readonly demo: DemoUnderTest;
  /** What went wrong on the pages since `fresh`: errors, and what the Content-Security-Policy forbade. */
  readonly problems: string[];
  /** A browser of its own. */
  newPage(options?: ContextOptions): Promise<Page>;
  /** A visitor of one of the shop's sites, connected. */
  newVisitor(site?: string): Promise<Chat>;
  /** Closes all pages and visitors. */
  fresh(): Promise<void>;
  stop(): Promise<void>;
}

export async function deskUnderTest(): Promise<DeskUnderTest> {
  const demo = await demoUnderTest();
  const browser = await chromium.launch(await chromiumLaunch());
  let contexts: BrowserContext[] = [];
  let visitors: Chat[] = [];
  const problems: string[] = [];

  async function fresh(): Promise<void> {
    for (const context of contexts) await context.close();
    for (const visitor of visitors) await visitor.destroy();
    contexts = [];
    visitors = [];
    problems.length = 0;
  }
  return {
    demo,
    problems,
    fresh,
    async newPage(options = {}) {
      const context = await browser.newContext({
        locale: 'en-GB',
        viewport: { width: 1440, height: 900 },
        reducedMotion: 'reduce',
        ...options,
      });
      contexts.push(context);
      context.setDefaultTimeout(60_000);
      context.on('weberror', (error) => problems.push(String(error.error())));
      await context.exposeBinding('reportViolation', (_source, text: string) => problems.push(`CSP: ${text}`));
      await context.addInitScript(`addEventListener('securitypolicyviolation', (event) => {
        reportViolation(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample);
      })`);
      return context.newPage();
    },
    async newVisitor(site = 'pk_amber_and_wool') {
      /** As the shop's own page would open it. */
      class ShopLine extends WebSocket {
        constructor(url: string) {
          super(url, { origin: demo.origin });
        }
      }
      // The events of `ws` are wider than those a browser gives.
      const line = ShopLine as unknown as WebSocketClass;
      const chat = createChat({ site, server: demo.origin, storage: 'memory', locale: 'en', WebSocket: line });
      visitors.push(chat);
      chat.connect();
      await heard(chat, () => chat.state.connection.status === 'online');
      return chat;
    },
    async stop() {
      await fresh();
      await browser.close();
      await demo.stop();
    },
  };
}

/** Resolves as soon as it is so. */
export function heard(chat: Chat, isSo: () => boolean): Promise<void> {
  return new Promise((done) => {
    const stop = chat.subscribe(look);
    function look() {
      if (!isSo()) return;
      stop();
      done();
    }
    look();
  });
}

export const signInFields = (page: Page) => page.getByRole('textbox', { name: 'E-mail' });

/** By keyboard: the first field has the focus already. */
export async function signIn(page: Page, demo: DemoUnderTest, email: string): Promise<void> {
  await page.goto(`${demo.origin}/desk/`);
  await signInFields(page).waitFor();
  await page.keyboard.type(email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Lists' }).waitFor();
}

/** What axe finds, past the Content-Security-Policy: by the debugger, not by a script of the page. */
export async function axeFindings(page: Page): Promise<string[]> {
  // A window that is still fading in has the colours of nobody.
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState === 'finished'));
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe });
  const { result } = await session.send('Runtime.evaluate', {
    awaitPromise: true,
    returnByValue: true,
    expression: `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`,
  });
  await session.detach();
  return result.value as string[];
}

export const focused = (page: Page) => page.locator(':focus');
export const log = (page: Page) => page.getByRole('log');
export const composer = (page: Page, name: 'Reply' | 'Note') => page.getByRole('textbox', { name, exact: true });
