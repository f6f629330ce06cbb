import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseConfig } from '../packages/server/src/config.ts';
import { silentLog } from '../packages/server/src/log.ts';
import { DATABASE_FILE, type RunningServer, startServer } from '../packages/server/src/main.ts';
import { chromiumLaunch } from '../tools/browser.mjs';
import { type Faults, openFaultProxy } from '../tools/faults/fault-proxy.ts';
import { storedMessages } from '../tools/replay/stored-messages.ts';
import { axeFindings } from './desk-under-test.ts';

/*
 * A relay that is away when the page comes, in the built widget: the page is of another server, so it stands. What a browser had from the relay before, or what
 * the page itself keeps, says how else to reach the site.
 */
const site = 'pk_ladder_shop';
const contact = { phone: '+371 20000000', email: 'help@shop.example', url: 'https://shop.example/contact' };
const consent = { text: { en: 'We keep what you write for one year, to answer you.' }, strict: true };

/** The code as a page may serve it itself, read before a build that runs meanwhile takes it away. */
const dist = join(import.meta.dirname, '../packages/widget/dist');
const built = new Map(
  readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .map((name) => [`/widget/${name.replaceAll('\\', '/')}`, readFileSync(join(dist, name))]),
);

let browser: Browser;
let host: Server;
let shop: string;
/** What pages are made of, by path; each house has paths of its own. */
const pages = new Map<string, string>();

beforeAll(async () => {
  browser = await chromium.launch(await chromiumLaunch());
  host = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://shop');
    const code = built.get(pathname);
    const body = code ?? pages.get(pathname);
    const type = code ? 'text/javascript' : 'text/html; charset=utf-8';
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type }).end(body);
  });
  await new Promise<void>((listening) => host.listen(0, '127.0.0.1', listening));
  shop = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await browser.close();
  await new Promise((closed) => host.close(closed));
});

let houses = 0;
/** A relay behind an address that stays, and pages of somebody else's. */
async function openHouse(more: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sveiki-ladder-'));
  const place = `/${++houses}`;
  const contexts: BrowserContext[] = [];
  let relay: RunningServer | null = null;
  let faults: Faults = {};
  const proxy = await openFaultProxy({ target: () => relay?.port ?? 1, faults: () => faults });
  const server = `http://127.0.0.1:${proxy.port}`;
  async function start(): Promise<void> {
    const config = await parseConfig({
      ...{ host: '127.0.0.1', port: 0, dataDir: folder, publicUrl: server, logLevel: 'silent' },
      sites: [{ key: site, name: 'Shop', origins: [shop], team: 'sales', contact, ...more }],
      teams: [{ id: 'sales', name: 'Sales', strategy: 'manual' }],
    });
    relay = await startServer(config, { log: silentLog });
  }
  async function stop(): Promise<void> {
    const running = relay;
    relay = null;
    await running?.stop();
    proxy.cut();
  }
  await start();
  return {
    server,
    proxy,
    start,
    stop,
    /** Something else answers in the relay's place. */
    meddle(instead: Faults): void {
      faults = instead;
      proxy.cut();
    },
    stored: () => storedMessages(join(folder, DATABASE_FILE)).map(({ text }) => text),
    ask: async (path: string) => (await fetch(`${relay?.url}${path}`)).text(),
    /** Puts something beside the pages; gives its address. */
    put(name: string, body: string): string {
      pages.set(`${place}/${name}`, body);
      return `${shop}${place}/${name}`;
    },
    /** A page with the widget; `attributes` are those of its tag. */
    page({ name = 'page', attributes = '', html = 'lang="en"', from = server } = {}): string {
      return this.put(
        name,
        `<!doctype html><html ${html}><head><title>Shop</title><meta name="viewport" content="width=device-width">
<script async src="${from}/widget.js" data-site="${site}" ${attributes}></script></head><body><main><h1>Shop</h1></main></body></html>`,
      );
    },
    async person(options: BrowserContextOptions = {}): Promise<Page> {
      const context = await browser.newContext(options);
      contexts.push(context);
      return context.newPage();
    },
    /** Has been on the page before, said nothing, and left the code and what the site says in the browser. */
    async seen(address: string, options?: BrowserContextOptions): Promise<Page> {
      const one = await this.person(options);
      await one.goto(address);
      await open(one);
      await one.locator('.who p:not(:empty)').waitFor();
      await until(() =>
        one.evaluate(() => performance.getEntriesByType('resource').some(({ name }) => name.includes('/ladder-'))),
      );
      return one;
    },
    async close(): Promise<void> {
      await Promise.all(contexts.map((context) => context.close()));
      await stop();
      await proxy.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const open = (one: Page) =>
  one
    .getByRole('button', { name: /chat|Nachricht|الدردشة|محادثة/i })
    .first()
    .click();
const field = (one: Page) => one.locator('.composer textarea');
async function say(one: Page, text: string): Promise<void> {
  await field(one).fill(text);
  await field(one).press('Enter');
}
/** How high what somebody looks at stands. The button for files, which comes when its code does, takes some of the width. */
const heights = (one: Page) =>
  Promise.all(
    [field(one), one.locator('.greeting')].map(async (element) => {
      const { y, height } = (await element.boundingBox()) ?? {};
      return [y, height];
    }),
  );
const ways = (one: Page) => one.locator('.ladder a').evaluateAll((links) => links.map((link) => link.textContent));
const until = (holds: () => boolean | Promise<boolean>) => vi.waitUntil(holds, { timeout: 40_000, interval: 100 });

describe.concurrent('a relay that is away when the page comes', () => {
  it('leaves somebody who was here before the ways to the site, and gets what he leaves exactly once', async ({
    onTestFinished,
  }) => {
    const house = await openHouse();
    onTestFinished(house.close);
    const mia = await house.seen(house.page());
    await say(mia, 'one, before');
    await mia.getByText(/· Sent/).waitFor();
    await house.stop();
    await mia.reload();
    await open(mia);
    await mia.locator('.ladder').waitFor();
    expect(await ways(mia)).toEqual(Object.values(contact));
    expect(await mia.getByRole('heading', { name: 'Shop' }).first().isVisible()).toBe(true);
    await say(mia, 'two, meanwhile');
    await mia.locator('.ladder a[href*="body=two%2C%20meanwhile"]').waitFor();
    // He looks again later: it is still there, and still not sent.
    await mia.reload();
    await open(mia);
    await mia.getByText('two, meanwhile').waitFor();
    await field(mia).fill('three, not sent');
    await house.start();
    await until(() => house.stored().includes('two, meanwhile'));
    await mia.locator('.ladder').waitFor({ state: 'detached' });
    expect(house.stored()).toEqual(['one, before', 'two, meanwhile']);
    expect(await field(mia).inputValue()).toBe('three, not sent');
  });

  it('leaves a stranger the ways that the page keeps, and before consent nothing leaves the page but the question for it', async ({
    onTestFinished,
  }) => {
    const house = await openHouse({ consent });
    onTestFinished(house.close);
    const { signed } = JSON.parse(await house.ask(`/v1/site?key=${site}`));
    const key = JSON.parse(await house.ask('/v1/site/keys')).keys[0].x;
    const words = Buffer.from(signed.payload, 'base64url').toString().replace('+371 20000000', '+900 11111111');
    const altered = { ...signed, payload: Buffer.from(words).toString('base64url') };
    await house.stop();
    const stranger = async (name: string, copy: unknown) => {
      const file = house.put(`${name}.json`, JSON.stringify({ signed: copy }));
      const attributes = `data-server="${house.server}" data-config="${name}.json" data-key="${key}"`;
      const one = await house.person();
      const left: string[] = [];
      one.on('request', (request) =>
        left.push(`${request.method()} ${request.url()} ${request.postData() ?? ''}`.trim()),
      );
      one.on('websocket', (socket) => left.push(socket.url()));
      await one.goto(house.page({ name, attributes, from: '/widget' }));
      await open(one);
      return { one, file, left };
    };
    const [right, changed] = await Promise.all([stranger('right', signed), stranger('changed', altered)]);
    await right.one.locator('.agreement').waitFor();
    await field(right.one).fill('My name is Noah');
    await Promise.all([right, changed].map(({ one }) => one.locator('.ladder').waitFor()));
    expect(await ways(right.one)).toEqual(Object.values(contact));
    expect(await ways(changed.one)).toEqual([]);
    const others = right.left.filter((one) => !/\.js$|\/right$/.test(one));
    expect(new Set(others)).toEqual(new Set([`GET ${house.server}/v1/site?key=${site}`, `GET ${right.file}`]));
    expect(await right.one.evaluate(() => [Object.keys(localStorage), document.cookie])).toEqual([[], '']);

    await right.one.getByRole('checkbox').check();
    await field(right.one).press('Enter');
    await house.start();
    await until(() => house.stored().length > 0);
    await right.one.locator('.ladder').waitFor({ state: 'detached' });
    expect(house.stored()).toEqual(['My name is Noah']);
  });

  it('may as well be silent: a stranger is not kept waiting for an answer that never comes', async ({
    onTestFinished,
  }) => {
    const house = await openHouse();
    onTestFinished(house.close);
    house.put('site.json', await house.ask(`/v1/site?key=${site}`));
    const key = JSON.parse(await house.ask('/v1/site/keys')).keys[0].x;
    house.proxy.stall('up', 'down');
    const attributes = `data-server="${house.server}" data-config="site.json" data-key="${key}"`;
    const noah = await house.person();
    await noah.goto(house.page({ attributes, from: '/widget' }));
    await open(noah);
    await say(noah, 'Is anybody there?');
    await noah.locator('.ladder').waitFor();
    expect(await ways(noah)).toEqual(Object.values(contact));
    await noah.locator('.ladder a[href*="body=Is%20anybody"]').waitFor();
    house.proxy.release();
    await until(() => house.stored().length > 0);
    await noah.locator('.ladder').waitFor({ state: 'detached' });
    expect(house.stored()).toEqual(['Is anybody there?']);
  });

  it('is what a captive portal makes of it: its page is never shown, and what was typed arrives once', async ({
    onTestFinished,
  }) => {
    const house = await openHouse();
    onTestFinished(house.close);
    const mia = await house.seen(house.page());
    house.meddle({ instead: 'login-page' });
    await mia.locator('.ladder').waitFor();
    expect(await ways(mia)).toEqual(Object.values(contact));
    await say(mia, 'from the lobby');
    house.meddle({ instead: 'redirect' });
    await mia.getByText('from the lobby').waitFor();
    expect(await mia.getByText('Log in to the network').count()).toBe(0);
    expect(await mia.evaluate(() => 'portal' in window)).toBe(false);
    expect(house.stored()).toEqual([]);
    house.meddle({});
    await until(() => house.stored().length > 0);
    await mia.locator('.ladder').waitFor({ state: 'detached' });
    expect(house.stored()).toEqual(['from the lobby']);
  });

  it('can be read by everybody, small and large, light and dark, from right to left, and moves nothing', async ({
    onTestFinished,
  }) => {
    const house = await openHouse();
    onTestFinished(house.close);
    const phone = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true } as const;
    const looks: [name: string, options: BrowserContextOptions, html: string][] = [
      ['light', {}, 'lang="en"'],
      ['dark', { colorScheme: 'dark' }, 'lang="en"'],
      ['phone', phone, 'lang="de"'],
      ['arabic', phone, 'lang="ar" dir="rtl"'],
    ];
    const opened = await Promise.all(
      looks.map(async ([name, options, html]) => {
        const one = await house.seen(house.page({ name, html }), options);
        return { name, one, before: await heights(one) };
      }),
    );
    await house.stop();
    for (const { name, one, before } of opened) {
      await one.locator('.ladder').waitFor();
      expect(await heights(one)).toEqual(before);
      expect(await one.locator('.ladder').evaluate((box) => box.scrollWidth > box.clientWidth)).toBe(false);
      expect(await axeFindings(one)).toEqual([]);
      const picture = process.env['SVEIKI_PICTURES'];
      if (picture !== undefined) await one.screenshot({ path: `${picture}/ladder-${name}.png` });
      // By keyboard they come after the head of the panel.
      await one.locator('.head button').last().focus();
      const reached: string[] = [];
      for (const _ of Object.keys(contact)) {
        await one.keyboard.press('Tab');
        reached.push(
          await one.evaluate(
            () => document.querySelector('sveiki-chat')?.shadowRoot?.activeElement?.textContent ?? 'nothing',
          ),
        );
      }
      expect(reached).toEqual(Object.values(contact));
    }
  });
});
