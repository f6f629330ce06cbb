import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hostileFiles } from '../packages/server/src/files/testing/hostile-files.ts';
import { png } from '../packages/server/src/files/testing/pictures.ts';
import { chromiumLaunch } from '../tools/browser.mjs';
import { type DemoUnderTest, demoUnderTest } from './demo-under-test.ts';
import { axeFindings } from './desk-under-test.ts';

/*
 * Files as people meet them: a visitor sends a picture and a document under the policy of the shop's page, which lets no picture in; an agent
 * sees both, and answers with one. And what hostile ones do when their links are opened: nothing.
 */
let demo: DemoUnderTest;
let browser: Browser;
let visitors: BrowserContext;
let staff: BrowserContext;
const problems: string[] = [];

beforeAll(async () => {
  demo = await demoUnderTest({ SVEIKI_RATE_FACTOR: '1000' });
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
  await page.getByRole('button', { name: 'Attach files' }).waitFor();
}
const attach = (page: Page, ...files: { name: string; buffer: Buffer; mimeType?: string }[]) =>
  page
    .locator('input[type=file]')
    .first()
    .setInputFiles(files.map((file) => ({ mimeType: 'application/octet-stream', ...file })));

/** Whether something is drawn in a canvas: anything but one colour without any light. */
const isDrawn = (page: Page, name: string): Promise<boolean> =>
  page.getByRole('img', { name }).evaluate((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const data = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(width >> 1, height >> 1, 1, 1).data;
    return data !== undefined && data[3] === 255 && (data[0] ?? 0) > 100;
  });

it('carries pictures and documents both ways', async () => {
  const mia = await visitors.newPage();
  await openChat(mia);
  await attach(
    mia,
    { name: 'scarf.png', buffer: png({ width: 60, height: 40 }), mimeType: 'image/png' },
    { name: 'bill.pdf', buffer: Buffer.from('%PDF-1.7 bill') },
  );
  await mia.getByRole('list', { name: 'Files to send' }).getByText('bill.pdf').waitFor();
  expect(await axeFindings(mia)).toEqual([]);
  await mia.getByRole('textbox', { name: 'Message' }).fill('files-1 Here is what came.');
  await mia.getByRole('textbox', { name: 'Message' }).press('Enter');
  await mia.getByRole('img', { name: 'Picture scarf.png' }).waitFor();
  await mia.waitForFunction(
    () => document.querySelector('sveiki-chat')?.shadowRoot?.querySelectorAll('.sent a').length === 2,
  );
  await expect.poll(() => isDrawn(mia, 'Picture scarf.png'), { timeout: 20_000 }).toBe(true);

  const ada = await staff.newPage();
  await ada.goto(demo.desk);
  await ada.getByText('Queue', { exact: true }).first().click();
  await ada.getByText('files-1', { exact: false }).first().click();
  const picture = ada.getByRole('img', { name: /scarf\.png/ });
  await picture.waitFor();
  await expect
    .poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth), { timeout: 20_000 })
    .toBe(60);
  const bill = ada.getByRole('log').getByRole('link', { name: /bill\.pdf/ });
  await bill.waitFor();
  // It is fetched in a tab of its own, which is gone as soon as that begins: the desk's page hears of it.
  const [download] = await Promise.all([ada.waitForEvent('download'), bill.click()]);
  expect(download.suggestedFilename()).toBe('bill.pdf');

  await ada.getByRole('button', { name: 'Take', exact: true }).click();
  await ada.getByRole('textbox', { name: 'Reply', exact: true }).waitFor();
  await attach(ada, { name: 'label.pdf', buffer: Buffer.from('%PDF-1.7 label') });
  await ada.getByRole('list', { name: 'Files that go with it' }).getByText('label.pdf').waitFor();
  await expect.poll(() => ada.locator('.attachment progress').count(), { timeout: 20_000 }).toBe(0);
  expect(await axeFindings(ada)).toEqual([]);
  await ada.getByRole('textbox', { name: 'Reply', exact: true }).fill('files-2 Your label.');
  await ada.getByRole('textbox', { name: 'Reply', exact: true }).press('Control+Enter');
  await mia.getByRole('link', { name: 'Download label.pdf' }).waitFor();
  expect(await axeFindings(mia)).toEqual([]);
  expect(problems).toEqual([]);
});

/** Sends hostile files as visitors do, some of each, and gives their links. */
async function linksToHostileFiles(): Promise<{ what: string; url: string }[]> {
  const shop = await (await fetch(demo.shop)).text();
  const site = /data-site="([^"]+)"/.exec(shop)?.[1] ?? '';
  const taken = hostileFiles().filter(({ refused }) => refused !== true);
  const links: { what: string; url: string }[] = [];
  for (const [n, { what, name, bytes }] of taken.entries()) {
    // Nothing is stored of somebody who only looks, so every token names somebody; he may have some uploads at once.
    const token = `visitor-${Math.floor(n / 10)}`.padEnd(43, 'x');
    const ask = async (method: string, path: string, body: string | Buffer<ArrayBuffer>, type: string) => {
      const response = await fetch(`${demo.origin}/v1/files${path}`, {
        method,
        body,
        headers: {
          origin: demo.origin,
          authorization: `Bearer ${token}`,
          'content-type': type,
          'sveiki-site': site,
          'upload-offset': '0',
        },
      });
      return (await response.json()) as { id?: string; url?: string };
    };
    const json = 'application/json';
    const { id = '' } = await ask('POST', '', JSON.stringify({ site, name, size: bytes.length }), json);
    await ask('PATCH', `/${id}`, Buffer.from(bytes), 'application/offset+octet-stream');
    const { url = '' } = await ask('POST', '/link', JSON.stringify({ site, id }), json);
    links.push({ what, url: demo.origin + url });
  }
  return links;
}

it('runs nothing of hostile files, whoever opens them and however', async () => {
  const context = await browser.newContext();
  const hacked: string[] = [];
  await context.exposeBinding('hacked', (_source, what: unknown) => void hacked.push(String(what)));
  const links = await linksToHostileFiles();
  expect(links.length).toBeGreaterThan(45);
  // Opened alone: pictures are shown, everything else is a download.
  const openAlone = async ({ what, url }: { what: string; url: string }): Promise<void> => {
    const tab = await context.newPage();
    const download = tab.waitForEvent('download', { timeout: 60_000 }).catch(() => null);
    const response = await tab.goto(url).catch(() => null);
    if (response === null) expect(await download, what).not.toBeNull();
    else expect(response.headers()['content-type'], what).toMatch(/^image\/(png|jpeg|gif|webp)$/);
    await tab.close();
  };
  // How each is served is looked at for all of them beside the relay; here some of every kind are opened.
  const some = links.filter((_, n) => n % 6 === 0);
  while (some.length > 0) await Promise.all(some.splice(0, 4).map(openAlone));
  // And in a page of somebody else, by every element that could run or show them.
  await context.route('http://evil.example/', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: links
        .map(
          ({ url }) =>
            `<script src="${url}"></script><script type="module" src="${url}"></script><link rel="stylesheet" href="${url}">` +
            `<iframe src="${url}"></iframe><object data="${url}"></object><embed src="${url}">`,
        )
        .join('\n'),
    }),
  );
  const evil = await context.newPage();
  await evil.goto('http://evil.example/', { waitUntil: 'load' });
  expect(await evil.evaluate('typeof hacked')).toBe('function');
  expect(hacked).toEqual([]);
  await evil.evaluate('hacked("it would be heard")');
  expect(hacked).toEqual(['it would be heard']);
  await context.close();
});
