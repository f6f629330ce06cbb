import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumLaunch } from '../tools/browser.mjs';
import { axeFindings } from './desk-under-test.ts';
import { type WidgetUnderTest, widgetUnderTest } from './widget-under-test.ts';

/* Consent before anything else, in the built widget: what leaves the page is counted at the page and at the relay. */
const asked = {
  version: '2026-11',
  text: {
    en: 'We keep what you write for one year, to answer you. Only our people read it.',
    ar: 'نحتفظ بما تكتبه لمدة سنة واحدة لكي نجيبك. لا يقرؤه إلا موظفونا.',
  },
  link: { '': 'https://shop.example/privacy' },
  strict: true,
};

let browser: Browser;
let under: WidgetUnderTest;
beforeAll(async () => {
  browser = await chromium.launch(await chromiumLaunch());
});
afterAll(() => browser.close());
afterEach(() => under.stop());

async function open(options: BrowserContextOptions = {}, { html = 'lang="en"', text = asked.text } = {}) {
  under = await widgetUnderTest({ consent: asked.version });
  const context = await browser.newContext(options);
  const page = await context.newPage();
  /** Everything that left the page, with what it carried. */
  const left: string[] = [];
  page.on('request', (request) => {
    const headers = request.headers();
    left.push(`${request.method()} ${request.url()} ${request.postData() ?? ''} ${headers['cookie'] ?? ''}`.trim());
  });
  page.on('websocket', (socket) => left.push(`SOCKET ${socket.url()}`));
  await page.route('**/v1/site?*', (route) => route.fulfill({ json: { consent: { ...asked, text } } }));
  await page.goto(under.page({ html }));
  await page.getByRole('button', { name: /chat|الدردشة|محادثة/i }).click();
  await page.locator('.agreement').waitFor();
  return { page, left };
}
const kept = (page: Page) => page.evaluate(() => [Object.keys(localStorage), document.cookie]);

describe('consent in strict mode', () => {
  it('lets nothing leave the page before it is given but the question for it, and keeps nothing', async () => {
    const { page, left } = await open();
    const field = page.getByRole('textbox');
    await field.fill('My name is Mia and my order is AW-1042');
    await field.press('Enter');
    await page.getByText('We need your consent to go on.').waitFor();
    // What began before this way to the relay and back, which the page itself takes, has come out by now.
    await page.evaluate(() => fetch(location.href).then((answer) => answer.text()));
    const ours = left.filter((one) => !/^GET \S+\/(page|widget)\//.test(one));
    expect(ours).toEqual([`GET ${under.origin}/v1/site?key=${under.relay.site}`]);
    expect({ sockets: under.sockets, heard: under.heard }).toEqual({ sockets: 0, heard: [] });
    expect(await kept(page)).toEqual([[], '']);
    expect(await field.inputValue()).toContain('AW-1042');
  });

  it('is given by keyboard alone, and then everything that was written goes out with it', async () => {
    const { page } = await open();
    await page.getByRole('textbox').fill('Where is my scarf?');
    const box = page.getByRole('checkbox', { name: 'I agree' });
    expect(await box.isChecked()).toBe(false);
    await box.focus();
    await page.keyboard.press('Space');
    await page.getByRole('textbox').focus();
    await page.keyboard.press('Enter');
    await page.getByText('Where is my scarf?').waitFor();
    await expect
      .poll(() => under.heard.find((frame) => frame.includes('"send"')))
      .toContain('"consent":{"version":"2026-11","language":"en"}');
    await page.reload();
    await page.getByRole('button', { name: /chat/i }).click();
    await page.getByText('Where is my scarf?').waitFor();
    expect(await page.locator('.agreement').count()).toBe(0);
    await page.getByRole('button', { name: 'Withdraw my consent' }).click();
    await page.getByRole('button', { name: 'Withdraw my consent' }).click();
    await page.locator('.agreement').waitFor();
    expect(under.heard.some((frame) => frame.includes('"withdraw-consent"'))).toBe(true);
    expect(await kept(page)).toEqual([[], '']);
  });

  it.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true }],
  ] as const)('can be read by everybody: %s', async (name, options) => {
    const { page } = await open(options);
    expect(await axeFindings(page)).toEqual([]);
    const picture = process.env['SVEIKI_PICTURES'];
    if (picture !== undefined) await page.screenshot({ path: `${picture}/consent-${name}.png` });
  });

  it('stands from right to left in Arabic, and bears a long text', async () => {
    const long = { ...asked.text, ar: `${asked.text.ar} `.repeat(20) };
    const { page } = await open(
      { viewport: { width: 360, height: 640 }, locale: 'ar' },
      { html: 'lang="ar"', text: long },
    );
    expect(await page.locator('.agreement').evaluate((one) => getComputedStyle(one).direction)).toBe('rtl');
    await page.getByRole('checkbox').scrollIntoViewIfNeeded();
    expect(await page.getByRole('checkbox').isVisible()).toBe(true);
    const isWide = await page.locator('.log').evaluate((log) => log.scrollWidth > log.clientWidth + 1);
    expect(isWide).toBe(false);
    const picture = process.env['SVEIKI_PICTURES'];
    if (picture !== undefined) await page.screenshot({ path: `${picture}/consent-arabic.png` });
  });
});
