import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumLaunch } from '../tools/browser.mjs';
import { type PageOptions, type WidgetUnderTest, widgetUnderTest } from './widget-under-test.ts';

/* The built widget on pages of many kinds, against the SDK's fake relay behind a real socket. */
const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

let widget: WidgetUnderTest;
let browser: Browser;
const open: Page[] = [];
const problems: string[] = [];

beforeAll(async () => {
  widget = await widgetUnderTest();
  browser = await chromium.launch(await chromiumLaunch());
});
afterAll(async () => {
  await browser.close();
  await widget.stop();
});
afterEach(async () => {
  for (const page of open.splice(0)) await page.context().close();
  expect(problems.splice(0)).toEqual([]);
});

async function visit(options: PageOptions = {}, context: BrowserContextOptions = {}): Promise<Page> {
  const visitor = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 }, ...context });
  visitor.setDefaultTimeout(60_000);
  const page = await visitor.newPage();
  open.push(page);
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.goto(widget.page(options));
  return page;
}
const launcher = (page: Page) => page.getByRole('button', { name: /chat/i });
const composer = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });
const log = (page: Page) => page.getByRole('log');
async function openChat(page: Page): Promise<void> {
  await launcher(page).click();
  await composer(page).waitFor();
}
async function say(page: Page, text: string): Promise<string> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
  await log(page).getByText(text).waitFor();
  await expect.poll(() => [...widget.relay.conversations.keys()].filter((id) => said(id, text))).toHaveLength(1);
  return [...widget.relay.conversations.keys()].find((id) => said(id, text))!;
}
const said = (id: string, text: string) => widget.relay.transcript(id).some((line) => line.text === text);
const inside = <T>(page: Page, run: (root: ShadowRoot) => T): Promise<Awaited<T>> =>
  page.evaluate(`(${run})(document.querySelector('sveiki-chat').shadowRoot)`);
/** Until nothing moves any more but what moves for ever. */
const atRest = (page: Page) =>
  inside(page, (root) =>
    Promise.all(root.getAnimations().map((one) => one.effect?.getComputedTiming().iterations === 1 && one.finished)),
  );
let count = 0;
/** Somebody writes, Ada takes it and answers. */
async function talk(page: Page): Promise<string> {
  const words = `Where is parcel ${++count}?`;
  const id = await say(page, words);
  const ada = widget.relay.agent('ada');
  ada.take(id);
  ada.say(id, `Let me look for ${count}. See https://example.com/help`);
  await log(page).getByText(`Let me look for ${count}.`).waitFor();
  return id;
}
describe('before somebody opens it', () => {
  it('is one request of at most two kilobytes, stores nothing, opens nothing and moves nothing', async () => {
    const visitor = await browser.newContext();
    const page = await visitor.newPage();
    open.push(page);
    const requests: string[] = [];
    page.on('request', (request) => requests.push(new URL(request.url()).pathname));
    await page.addInitScript(() => {
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          (window as unknown as { shifts: number }).shifts =
            ((window as unknown as { shifts?: number }).shifts ?? 0) + 1;
          void entry;
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    const socketsBefore = widget.sockets;
    await page.goto(widget.page());
    await launcher(page).waitFor();
    await page.evaluate(() => new Promise((idle) => requestIdleCallback(idle)));
    expect(requests.slice(1)).toEqual(['/widget/widget.js']);
    const state = await page.evaluate(async () => ({
      bytes: (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
        .filter(({ name }) => name.includes('/widget/'))
        .map(({ encodedBodySize }) => encodedBodySize),
      cookies: document.cookie,
      stored: localStorage.length + sessionStorage.length,
      databases: (await indexedDB.databases()).length,
      shifts: (window as unknown as { shifts?: number }).shifts ?? 0,
      last: document.body.lastElementChild?.localName,
      globals: Object.keys(window).filter((name) => /sveiki/i.test(name)),
    }));
    expect(state.bytes).toHaveLength(1);
    expect(state.bytes[0]).toBeLessThanOrEqual(2048);
    expect(state).toMatchObject({
      cookies: '',
      stored: 0,
      databases: 0,
      shifts: 0,
      last: 'sveiki-chat',
      globals: ['Sveiki'],
    });
    expect(widget.sockets).toBe(socketsBefore);
  });

  it('fetches the code when the pointer comes near, and still opens no socket', async () => {
    const page = await visit();
    const socketsBefore = widget.sockets;
    const fetched = page.waitForResponse(/chunks\/mount/);
    await launcher(page).hover();
    await fetched;
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
    expect(widget.sockets).toBe(socketsBefore);
  });

  it('keeps nothing until somebody writes, also when it is open and connected', async () => {
    const page = await visit();
    const welcome = page.waitForEvent('websocket').then((socket) => socket.waitForEvent('framereceived'));
    await openChat(page);
    await welcome;
    const kept = () =>
      page.evaluate(async () => ({
        names: [...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie].filter(Boolean),
        databases: (await indexedDB.databases()).length,
      }));
    expect(await kept()).toEqual({ names: [], databases: 0 });
    await talk(page);
    const { names, databases } = await kept();
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !name.startsWith(`sveiki:${widget.relay.site}:`))).toEqual([]);
    expect(databases).toBe(0);
  });

  it('brings the unread count of somebody who was here before', async () => {
    const page = await visit();
    await openChat(page);
    const id = await talk(page);
    await page.goto('about:blank');
    widget.relay.agent('ada').say(id, 'Found it.');
    widget.relay.agent('ada').say(id, 'It comes tomorrow.');
    await page.goto(widget.page());
    await page.getByRole('button', { name: 'Open chat, 2 unread messages' }).waitFor();
  });
});

describe('opening', () => {
  it('needs at most 16 KB until one can type, the script included', async () => {
    const page = await visit();
    await page.evaluate(() => {
      const look = () => {
        const field = document.querySelector('sveiki-chat')?.shadowRoot?.querySelector('textarea');
        if (field?.checkVisibility()) (window as unknown as { typeableAt: number }).typeableAt = performance.now();
        else requestAnimationFrame(look);
      };
      look();
    });
    await openChat(page);
    const fetched = await page.evaluate(() => {
      const { typeableAt } = window as unknown as { typeableAt: number };
      return (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
        .filter(({ responseEnd }) => responseEnd > 0 && responseEnd <= typeableAt)
        .map(({ name, encodedBodySize }) => [new URL(name).pathname, encodedBodySize] as const);
    });
    expect(fetched.length).toBeLessThanOrEqual(3);
    expect(fetched.map(([name]) => name)).toContain('/widget/widget.js');
    expect(fetched.reduce((sum, [, bytes]) => sum + bytes, 0)).toBeLessThanOrEqual(16_384);
  });

  it('works with the keyboard alone and gives the focus back', async () => {
    const page = await visit({ body: '<main><h1>Shop</h1><a href="#x">A link</a></main>' });
    const focused = () =>
      page.evaluate(() => {
        const active = document.activeElement;
        const inner = active?.shadowRoot?.activeElement ?? active;
        return inner?.getAttribute('aria-label') ?? inner?.textContent;
      });
    await launcher(page).waitFor();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('A link');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Open chat');
    await page.keyboard.press('Enter');
    await composer(page).waitFor();
    await expect.poll(focused).toBe('Message');
    await page.keyboard.type('By keyboard');
    await page.keyboard.press('Enter');
    await log(page).getByText('By keyboard').waitFor();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    expect(await focused()).toBe('Close');
    await page.keyboard.press('Enter');
    await composer(page).waitFor({ state: 'hidden' });
    expect(await focused()).toBe('Open chat');
    await page.keyboard.press('Space');
    await composer(page).waitFor();
    await page.keyboard.press('Escape');
    await composer(page).waitFor({ state: 'hidden' });
    expect(await focused()).toBe('Open chat');
  });

  it('gives the focus back to the button of the page that opened it', async () => {
    const page = await visit({
      body: '<main><button id="own" type="button">Ask us</button></main>',
      attributes: 'data-launcher="none"',
    });
    await page.evaluate(() => {
      document.querySelector('#own')?.addEventListener('click', () => {
        void (window as unknown as { Sveiki: { open(): void } }).Sveiki.open();
      });
    });
    await expect.poll(() => page.evaluate(() => 'Sveiki' in window)).toBe(true);
    expect(await launcher(page).count()).toBe(0);
    await page.getByRole('button', { name: 'Ask us' }).press('Enter');
    await composer(page).waitFor();
    await page.keyboard.press('Escape');
    await composer(page).waitFor({ state: 'hidden' });
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('own');
  });

  it.each([true, false])(
    'shows a draft of the page as high as it is, if the style sheet can say so: %s',
    async (can) => {
      const page = await visit({ body: '' });
      if (!can)
        await page.evaluate(() => {
          CSS.supports = () => false;
        });
      await page.evaluate(() =>
        (window as unknown as { Sveiki: { setDraft(text: string): void } }).Sveiki.setDraft('One\nTwo\nThree\nFour'),
      );
      await openChat(page);
      await composer(page).evaluate((field, own) => field.style.setProperty('field-sizing', own), can ? '' : 'fixed');
      const height = async () => (await composer(page).boundingBox())?.height ?? 0;
      await composer(page).press('End');
      expect(await height()).toBeGreaterThan(100);
      for (let i = 0; i < 20; i++) await composer(page).press('Shift+Enter');
      await composer(page).pressSequentially('Five');
      expect(await height()).toBeLessThanOrEqual(160);
      await composer(page).fill('One');
      await expect.poll(height).toBeLessThan(50);
    },
  );

  it('closes with Escape when it covers what has the focus in the page', async () => {
    const page = await visit({
      body: '<main><a id="far" href="#a">Far</a><a id="covered" href="#b" style="position:fixed;bottom:200px;right:100px">Covered</a></main>',
    });
    await openChat(page);
    await page.locator('#far').focus();
    await page.keyboard.press('Escape');
    await composer(page).waitFor();
    await page.locator('#covered').focus();
    await page.keyboard.press('Escape');
    await composer(page).waitFor({ state: 'hidden' });
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('covered');
  });

  it('is a modal sheet over a small screen, as high as the keyboard leaves, without zooming', async () => {
    const page = await visit({}, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    await openChat(page);
    const box = page.locator('sveiki-chat').locator('dialog');
    expect(await box.evaluate((dialog) => dialog.matches(':modal'))).toBe(true);
    await expect.poll(() => box.boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 844 });
    expect(
      await composer(page).evaluate((field) => Number.parseFloat(getComputedStyle(field).fontSize)),
    ).toBeGreaterThanOrEqual(16);
    await page.evaluate(() => {
      Object.defineProperty(visualViewport, 'height', { value: 350 });
      visualViewport?.dispatchEvent(new Event('resize'));
    });
    await expect.poll(async () => (await box.boundingBox())?.height).toBe(350);
    const field = await composer(page).boundingBox();
    expect(field!.y + field!.height).toBeLessThanOrEqual(350);
    // Back to a large screen while it is open: the page can be used beside it again.
    await page.setViewportSize({ width: 1280, height: 800 });
    await expect.poll(() => box.evaluate((dialog) => dialog.matches(':modal'))).toBe(false);
    expect(await box.isVisible()).toBe(true);
  });

  it('fits into 320 x 256 without scrolling two ways', async () => {
    const page = await visit({}, { viewport: { width: 320, height: 256 } });
    await openChat(page);
    await talk(page);
    const field = await composer(page).boundingBox();
    expect(field!.y).toBeGreaterThan(0);
    expect(field!.y + field!.height).toBeLessThanOrEqual(256);
    expect(
      await inside(page, (root) => [...root.querySelectorAll('*')].filter((e) => e.scrollWidth > 320).length),
    ).toBe(0);
  });

  it('has targets of at least 44 pixels', async () => {
    const page = await visit();
    await openChat(page);
    await composer(page).fill('x');
    for (const button of await page.locator('sveiki-chat').getByRole('button').all()) {
      const box = await button.boundingBox();
      expect(Math.min(box!.width, box!.height), await button.innerText()).toBeGreaterThanOrEqual(44);
    }
  });
});

describe('under the strictest policy', () => {
  const policy = [
    "default-src 'none'",
    "script-src 'nonce-%NONCE%' 'strict-dynamic'",
    'connect-src %ORIGIN% ws://127.0.0.1:*',
    "trusted-types 'none'",
    "require-trusted-types-for 'script'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

  it.each(['async', 'type="module"'])('works through a whole conversation without a violation (%s)', async (how) => {
    const visitor = await browser.newContext({ locale: 'en-GB' });
    const page = await visitor.newPage();
    open.push(page);
    await page.addInitScript(() => {
      const violations: string[] = [];
      Object.assign(window, { violations });
      document.addEventListener('securitypolicyviolation', (event) =>
        violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`),
      );
    });
    await page.goto(
      widget.page({
        policy,
        attributes: 'none',
        head: `<script ${how} nonce="%NONCE%" src="/widget/widget.js" data-site="pk_shop_test" data-color="#6c2bd9" data-locale="en"></script>`,
      }),
    );
    await openChat(page);
    const id = await talk(page);
    const ada = widget.relay.agent('ada');
    widget.relay.refuse('forbidden');
    await composer(page).fill('Refused');
    await composer(page).press('Enter');
    await page.getByRole('button', { name: 'Try again' }).click();
    ada.typing(id);
    await page.getByText('Ada is typing').waitFor();
    ada.resolve(id);
    await page.getByText('This conversation was resolved').waitFor();
    await page.evaluate(() =>
      (window as unknown as { Sveiki: { update(o: object): void } }).Sveiki.update({ locale: 'ar', scheme: 'dark' }),
    );
    await page.getByRole('textbox', { name: 'رسالة' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => (window as unknown as { violations: string[] }).violations)).toEqual([]);
    await page.reload();
    await launcher(page)
      .or(page.getByRole('button', { name: 'فتح المحادثة' }))
      .first()
      .waitFor();
    expect(await page.evaluate(() => (window as unknown as { violations: string[] }).violations)).toEqual([]);
  });
});

describe('accessibility', () => {
  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 390],
  ] as const)('axe finds nothing, %s, %d wide', async (colorScheme, width) => {
    const page = await visit(
      { body: '<header><h1>Shop</h1></header><main><p>Scarves and hats.</p></main>' },
      { colorScheme, viewport: { width, height: 844 } },
    );
    await page.addScriptTag({ content: axe });
    const check = async (what: string) => {
      await atRest(page);
      const found = await page.evaluate(async () => {
        const { violations } = await (
          window as unknown as {
            axe: {
              run(
                o: object,
              ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
            };
          }
        ).axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
        return violations.map(
          ({ id, nodes }) =>
            `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`,
        );
      });
      expect(found, what).toEqual([]);
    };
    await launcher(page).waitFor();
    await check('closed');
    await openChat(page);
    await page.getByText('Where is my parcel?').waitFor();
    await check('empty');
    const id = await talk(page);
    await check('conversation');
    widget.relay.refuse('forbidden');
    await composer(page).fill('Refused');
    await composer(page).press('Enter');
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    widget.relay.agent('ada').resolve(id);
    await page.getByText('This conversation was resolved').waitFor();
    await composer(page).fill('Something to send');
    await check('failed and resolved');
  });

  it('writes on any brand colour what can be read', async () => {
    const page = await visit();
    await launcher(page).waitFor();
    const worst = await page.evaluate(() => {
      const host = document.querySelector('sveiki-chat') as HTMLElement;
      const button = host.shadowRoot?.querySelector('button') as HTMLElement;
      const pixel = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
      const luminance = (color: string) => {
        pixel.fillStyle = color;
        pixel.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...pixel.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) => {
          const part = value / 255;
          return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
      };
      let seed = 20261122;
      const random = () => {
        seed = (seed * 1103515245 + 12345) % 2 ** 31;
        return seed / 2 ** 31;
      };
      let lowest: [number, string] = [21, ''];
      for (let i = 0; i < 3_000; i++) {
        const color = `#${Math.floor(random() * 0x1000000)
          .toString(16)
          .padStart(6, '0')}`;
        host.setAttribute('color', color);
        const style = getComputedStyle(button);
        const [a, b] = [luminance(style.backgroundColor), luminance(style.color)].sort((x, y) => y - x);
        const contrast = (a! + 0.05) / (b! + 0.05);
        if (contrast < lowest[0]) lowest = [contrast, color];
      }
      return lowest;
    });
    expect(worst[0], worst[1]).toBeGreaterThanOrEqual(4.5);
  });

  it('moves nothing when less motion is asked for', async () => {
    const page = await visit({}, { reducedMotion: 'reduce' });
    await openChat(page);
    const id = await talk(page);
    widget.relay.agent('ada').typing(id);
    await page.getByText('Ada is typing').waitFor();
    expect(await inside(page, (root) => root.getAnimations().length)).toBe(0);
  });

  it('keeps edges and focus when colours are forced', async () => {
    const page = await visit({}, { forcedColors: 'active' });
    await openChat(page);
    await talk(page);
    const widths = await inside(page, (root) =>
      [...root.querySelectorAll('[part=launcher], .bubble, [part=panel]')].map((e) =>
        Number.parseFloat(getComputedStyle(e).borderTopWidth),
      ),
    );
    expect(Math.min(...widths)).toBeGreaterThan(0);
    expect(await composer(page).evaluate((field) => getComputedStyle(field).outlineStyle)).toBe('solid');
  });
});

describe('on pages of others', () => {
  it('looks the same under the most hostile style sheet', async () => {
    const look = async (head: string) => {
      const page = await visit({ head, body: '' }, { reducedMotion: 'reduce' });
      await openChat(page);
      await page.getByText('Usually replies in 2 minutes').waitFor();
      const box = await page.locator('sveiki-chat').locator('dialog').boundingBox();
      const { x, y, width, height } = box!;
      await composer(page).blur();
      return page.screenshot({ clip: { x: x + 20, y: y + 2, width: width - 40, height: height - 20 } });
    };
    const hostile = `<style>*,*::before,*::after{all:unset!important;color:red!important;font:italic 40px serif!important;
      letter-spacing:9px!important;text-transform:uppercase!important;line-height:3!important;cursor:wait!important}
      sveiki-chat,dialog,button,textarea{display:none!important;opacity:0!important;transform:scale(0)!important;visibility:hidden!important}</style>`;
    expect((await look('')).equals(await look(hostile))).toBe(true);
  });

  it('can be an element that was there before the script, in the middle of the page', async () => {
    const page = await visit({
      attributes: 'none',
      body: `<main><h1>Contact</h1><sveiki-chat site="pk_shop_test" mode="inline" locale="de" style="width:420px;height:500px"></sveiki-chat></main>
        <script async src="/widget/widget.js"></script>`,
    });
    const socketsBefore = widget.sockets;
    const field = page.getByRole('textbox', { name: 'Nachricht' });
    await field.waitFor();
    expect(await page.locator('sveiki-chat').boundingBox()).toMatchObject({ width: 420, height: 500 });
    expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true);
    expect(widget.sockets).toBe(socketsBefore);
    await field.fill('Guten Tag');
    await field.press('Enter');
    await log(page).getByText('Guten Tag').waitFor();
  });

  it.each([
    ['its own size', 'width:420px;height:500px', ''],
    ['a small one', 'width:320px;height:256px', ''],
    ['a tall one', 'width:600px;height:1200px', ''],
    ['what its parent leaves', '', 'width:500px;height:640px'],
    ['a share of its parent', 'height:50%', 'width:700px;height:900px'],
    ['the rest of a flex box', 'flex:1;min-height:0', 'width:400px;height:700px;display:flex;flex-direction:column'],
  ])('fills exactly the element it is put in: %s', async (_what, own, parent) => {
    const page = await visit({
      attributes: 'none',
      body: `<main><div style="${parent}"><sveiki-chat site="pk_shop_test" mode="inline" storage="memory" style="${own}"></sveiki-chat></div></main>
        <script async src="/widget/widget.js"></script>`,
    });
    await composer(page).waitFor();
    const same = async () => {
      const host = await page.locator('sveiki-chat').boundingBox();
      expect(await page.locator('sveiki-chat').locator('[part=panel]').boundingBox()).toEqual(host);
      const field = (await composer(page).boundingBox())!;
      expect(field.y + field.height).toBeLessThanOrEqual(host!.y + host!.height);
      return host!;
    };
    const before = await same();
    expect(before.height).toBeGreaterThan(200);
    // A long conversation scrolls inside, it does not push the page.
    const id = await talk(page);
    for (let i = 0; i < 40; i++) widget.relay.agent('ada').say(id, `Line ${i}`);
    await log(page).getByText('Line 39', { exact: true }).waitFor();
    const { width, height } = await same();
    expect({ width, height }).toEqual({ width: before.width, height: before.height });
  });

  it.each(['navy blue', '#12345', 'red; display: none'])(
    'keeps its colour where it is given none: %s',
    async (color) => {
      const warned: string[] = [];
      const visitor = await browser.newContext({ locale: 'en-GB' });
      const page = await visitor.newPage();
      open.push(page);
      page.on('console', (message) => warned.push(`${message.type()}: ${message.text()}`));
      await page.goto(widget.page({ attributes: `data-color="${color}"` }));
      await launcher(page).waitFor();
      expect(await launcher(page).evaluate((button) => getComputedStyle(button).backgroundColor)).toBe(
        'rgb(11, 110, 79)',
      );
      expect(warned).toEqual([`warning: Sveiki: "${color}" is no color like #0b6e4f.`]);
    },
  );

  it('is there once when the script tag is there twice', async () => {
    const warned: string[] = [];
    const visitor = await browser.newContext({ locale: 'en-GB' });
    const page = await visitor.newPage();
    open.push(page);
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => warned.push(`${message.type()}: ${message.text()}`));
    const tag = (site: string) => `<script async src="/widget/widget.js" data-site="${site}"></script>`;
    await page.goto(
      widget.page({ head: tag('pk_shop_test'), body: `<main></main>${tag('pk_shop_test')}${tag('pk_other_shop')}` }),
    );
    await expect.poll(() => warned.length).toBe(2);
    expect(warned).toEqual(Array(2).fill('warning: Sveiki: remove the second script of pk_shop_test.'));
    await expect.poll(() => launcher(page).count()).toBe(2);
    // Gone and put in again is no second one.
    await page.evaluate(async () => {
      for (const chat of document.querySelectorAll<HTMLElement & { destroy(): Promise<void> }>('sveiki-chat'))
        await chat.destroy();
      const script = document.createElement('script');
      script.src = '/widget/widget.js';
      script.dataset['site'] = 'pk_shop_test';
      document.head.append(script);
    });
    await openChat(page);
    expect(warned).toHaveLength(2);
  });

  it('says at the first press that nothing could be fetched, and tries again at the next', async () => {
    const page = await visit();
    await page.route('**/chunks/**', (route) => route.abort());
    await launcher(page).click();
    const failed = page.getByRole('button', { name: '⚠ Open chat ↻' });
    await failed.waitFor();
    expect(await failed.evaluate((button) => getComputedStyle(button, '::before').content)).toBe('"⚠↻"');
    await failed.click();
    await failed.waitFor();
    expect(await composer(page).count()).toBe(0);
    await page.unroute('**/chunks/**');
    await failed.click();
    await composer(page).waitFor();
    await page.getByRole('button', { name: 'Close chat' }).waitFor();
  });

  it('keeps what is typed while the second half cannot be fetched, and sends it when it can', async () => {
    const page = await visit();
    await page.route('**/chunks/start-*', (route) => route.abort());
    await openChat(page);
    await page.getByText('The connection is lost. Trying again.').waitFor();
    await composer(page).fill('Is anybody there?');
    await composer(page).press('Enter');
    expect(await composer(page).inputValue()).toBe('Is anybody there?');
    await page.unroute('**/chunks/start-*');
    await log(page).getByText('Is anybody there?').waitFor();
    expect(await composer(page).inputValue()).toBe('');
  });

  it('serves two sites on one page that know nothing of each other', async () => {
    const page = await visit({
      body: '<main></main><sveiki-chat site="pk_shop_test" position="start" storage="memory"></sveiki-chat>',
    });
    await expect.poll(() => launcher(page).count()).toBe(2);
    await launcher(page).nth(0).click();
    await composer(page).waitFor();
    expect(await composer(page).count()).toBe(1);
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
  });

  it('works when another script puts it into the page', async () => {
    const page = await visit({ attributes: 'none' });
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.src = '/widget/widget.js';
      script.dataset['site'] = 'pk_shop_test';
      document.head.append(script);
    });
    await openChat(page);
  });

  it('carries out what the page asked before the script had loaded', async () => {
    const readme = readFileSync(new URL('../packages/widget/README.md', import.meta.url), 'utf8');
    const stub = /<script>window\.Sveiki.*<\/script>/.exec(readme)?.[0] ?? '';
    expect(stub.length).toBeLessThanOrEqual(250);
    const page = await visit({
      head: `${stub}<script>
        window.order = [];
        Sveiki.setDraft('About the scarf').then(() => order.push('draft'));
        Sveiki.open().then(() => order.push('open'));
        Sveiki.on('close', () => order.push('closed')).then(() => order.push('on'));
      </script>`,
    });
    await composer(page).waitFor();
    expect(await composer(page).inputValue()).toBe('About the scarf');
    await page.keyboard.press('Escape');
    await expect
      .poll(() => page.evaluate(() => (window as unknown as { order: string[] }).order))
      .toEqual(['draft', 'open', 'on', 'closed']);
  });

  it('leaves nothing behind, however often it comes and goes', async () => {
    const page = await visit({ attributes: 'none', head: '<script async src="/widget/widget.js"></script>' });
    await expect.poll(() => page.evaluate(() => !!customElements.get('sveiki-chat'))).toBe(true);
    const session = await page.context().newCDPSession(page);
    const counters = async () => {
      await session.send('HeapProfiler.collectGarbage');
      const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters');
      return { nodes, jsEventListeners };
    };
    const round = () =>
      page.evaluate(async () => {
        const chat = document.createElement('sveiki-chat') as HTMLElement & {
          open(): Promise<void>;
          destroy(): Promise<void>;
        };
        chat.setAttribute('site', 'pk_shop_test');
        document.body.append(chat);
        await chat.open();
        await chat.destroy();
      });
    for (let i = 0; i < 5; i++) await round();
    const before = await counters();
    for (let i = 0; i < 30; i++) await round();
    const after = await counters();
    expect(after.nodes - before.nodes).toBeLessThan(30);
    expect(after.jsEventListeners - before.jsEventListeners).toBeLessThan(15);
    expect(
      await page.evaluate(() => [document.querySelectorAll('sveiki-chat').length, document.title, 'Sveiki' in window]),
    ).toEqual([0, 'Shop', false]);
    await expect.poll(() => widget.relay.lines).toBe(0);
  });
});

describe('a conversation', () => {
  it('stays where the reader is when history comes in above and news below', async () => {
    const page = await visit();
    await openChat(page);
    const id = await talk(page);
    const ada = widget.relay.agent('ada');
    for (let i = 0; i < 160; i++) ada.say(id, `Line ${i}`);
    await log(page).getByText('Line 159', { exact: true }).waitFor();
    await page.reload();
    await openChat(page);
    await log(page).getByText('Line 159', { exact: true }).waitFor();
    await expect.poll(() => log(page).evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight)).toBeLessThan(2);

    const first = (await log(page).locator('.bubble').first().innerText()).trim();
    await atRest(page);
    const y = async () => (await log(page).getByText(first, { exact: true }).boundingBox())!.y;
    const before = await log(page).evaluate((element) => {
      element.scrollTop = 40;
      return element.querySelector('.bubble p')!.getBoundingClientRect().y;
    });
    await log(page)
      .getByText(`Line ${Number(first.slice(5)) - 30}`, { exact: true })
      .waitFor({ state: 'attached' });
    expect(Math.abs((await y()) - before)).toBeLessThan(1);

    ada.say(id, 'News 1');
    ada.say(id, 'News 2');
    await page.getByRole('button', { name: '2 new messages' }).waitFor();
    expect(Math.abs((await y()) - before)).toBeLessThan(1);
    await page.getByRole('button', { name: '2 new messages' }).click();
    await expect.poll(() => log(page).evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight)).toBeLessThan(2);
    await page.getByRole('button', { name: '2 new messages' }).waitFor({ state: 'detached' });
  });

  it('counts unread messages in the title while nobody looks, and takes exactly that away', async () => {
    const page = await visit();
    await openChat(page);
    const id = await talk(page);
    const hide = (hidden: boolean) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await hide(true);
    widget.relay.agent('ada').say(id, 'Are you there?');
    await expect.poll(() => page.title()).toBe('(1) Shop');
    await hide(false);
    await expect.poll(() => page.title()).toBe('Shop');
  });

  it('keeps what was typed and sent over a reload without a relay', async () => {
    const page = await visit();
    await openChat(page);
    await talk(page);
    widget.down();
    const words = `Into the dark ${count}`;
    await composer(page).fill(words);
    await composer(page).press('Enter');
    await log(page).getByText(words).waitFor();
    await composer(page).fill('Half a sent');
    await page.reload();
    await openChat(page);
    await log(page).getByText(words).waitFor();
    await expect.poll(() => composer(page).inputValue()).toBe('Half a sent');
    widget.up();
    await expect
      .poll(() => [...widget.relay.conversations.keys()].filter((id) => said(id, words)).length, { timeout: 40_000 })
      .toBe(1);
  });

  it('follows the page without reloads', async () => {
    const page = await visit();
    await openChat(page);
    await talk(page);
    await page.evaluate(() => {
      document.title = 'Cart';
      history.pushState(null, '', '/page/cart');
    });
    const frame = { type: 'visit', visit: { url: `${widget.origin}/page/cart`, title: 'Cart' } };
    await expect.poll(() => widget.heard.map((text) => JSON.parse(text))).toContainEqual(frame);
  });
});
