import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DESK, type GatewayUnderTest, gatewayUnderTest } from '../../test-support/gateway.ts';
import { createPages } from './pages.ts';

const folder = mkdtempSync(join(tmpdir(), 'sveiki-public-'));
const script = 'console.log("hello");';
const files: Record<string, string | Buffer> = {
  'secret.txt': 'above every served folder',
  'widget/widget.js': script,
  'widget/widget.js.br': brotliCompressSync(script),
  'widget/widget.js.gz': gzipSync(script),
  'widget/chunks/panel-Ab3_x-9Z.js': 'export {};',
  'widget/chunks/lv-Ab3_x9.js': 'export {};',
  'widget/sizes.json': '{}',
  'widget/survey/index.html': '<!doctype html><title>Survey</title>',
  'widget/survey/main-12345678.js': 'export {};',
  'desk/index.html': '<!doctype html><title>Desk</title>',
  'desk/main-12345678.js': 'export {};',
  'desk/icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'shop/index.html': '<!doctype html><title>Shop</title>',
  'shop/contact/index.html': '<!doctype html><title>Contact</title>',
  'shop/style.css': 'body{}',
};

let house: GatewayUnderTest;
beforeAll(async () => {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  house = await gatewayUnderTest({ folder, hasShop: true });
});
afterAll(async () => {
  await house.stop();
  rmSync(folder, { recursive: true });
});
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(house.url + path, { method, headers: { 'accept-encoding': 'identity', ...headers }, redirect: 'manual' });

describe('the widget', () => {
  it('may be loaded by every page, keeps for minutes, and is revalidated by its content', async () => {
    const first = await get('/widget.js');
    expect(await first.text()).toBe(script);
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': 'public, max-age=300, stale-while-revalidate=86400, stale-if-error=2592000',
      'x-content-type-options': 'nosniff',
      vary: 'accept-encoding',
    });
    const again = await get('/widget.js', { 'if-none-match': first.headers.get('etag')! });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
    expect((await get('/widget.js', { 'if-none-match': '"old", W/"older"' })).status).toBe(200);
  });

  it('comes packed when the browser can unpack it, and each packing has a tag of its own', async () => {
    const [br, gzip, plain, none] = await Promise.all([
      get('/widget.js', { 'accept-encoding': 'gzip, deflate, br' }),
      get('/widget.js', { 'accept-encoding': 'gzip;q=0.8, br;q=0' }),
      get('/widget.js', { 'accept-encoding': '' }),
      get('/chunks/panel-Ab3_x-9Z.js', { 'accept-encoding': 'br' }),
    ]);
    expect([br, gzip, plain, none].map((response) => response!.headers.get('content-encoding'))).toEqual([
      'br',
      'gzip',
      null,
      null,
    ]);
    expect(await br!.text()).toBe(script);
    expect(await gzip!.text()).toBe(script);
    expect(new Set([br, gzip, plain].map((response) => response!.headers.get('etag'))).size).toBe(3);
  });

  it('has parts that keep for ever, as their names change with them', async () => {
    for (const path of ['/chunks/panel-Ab3_x-9Z.js', '/chunks/lv-Ab3_x9.js']) {
      const part = await get(path);
      expect(part.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(part.headers.get('access-control-allow-origin')).toBe('*');
    }
  });

  it('shows nothing else of its folder', async () => {
    expect((await get('/sizes.json')).status).toBe(404);
    expect((await get('/widget/widget.js')).status).toBe(404);
    expect((await get('/widget.js.br')).status).toBe(404);
  });
});

describe('the desk', () => {
  it('runs under the strictest policy, with sockets to its own origin only', async () => {
    const page = await get('/desk/');
    expect(await page.text()).toContain('Desk');
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' wss://chat.example.com; img-src 'self' data:; font-src 'self'; " +
        "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    );
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'cache-control': 'no-cache',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
    expect(page.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('is one page for all its screens, but a file that is missing stays missing', async () => {
    for (const path of ['/desk/', '/desk/queue', '/desk/conversations/0190?x=1'])
      expect((await get(path)).status).toBe(200);
    for (const path of ['/desk/main-00000000.js', '/desk/api/nothing', '/desk/stream', '/desk/socket'])
      expect((await get(path)).status).toBe(404);
    expect((await get('/desk')).headers.get('location')).toBe('/desk/');
    expect((await get('/desk/main-12345678.js')).headers.get('cache-control')).toContain('immutable');
    expect((await get('/desk/icon.svg')).headers.get('content-security-policy')).toContain("default-src 'none'");
  });
});

describe('the shop of the demo', () => {
  it('has pages of its own under a strict policy', async () => {
    expect(await (await get('/shop/')).text()).toContain('Shop');
    expect(await (await get('/shop/contact/')).text()).toContain('Contact');
    expect((await get('/shop/')).headers.get('content-security-policy')).toContain(
      "require-trusted-types-for 'script'; trusted-types 'none'",
    );
    expect((await get('/shop')).headers.get('location')).toBe('/shop/');
    expect((await get('/')).headers.get('location')).toBe('/shop/');
  });

  it('is not there without the demo', async () => {
    const pages = createPages({ folder, deskOrigins: [DESK], hasShop: false });
    expect(pages.missing).toEqual([]);
    const plain = await gatewayUnderTest({ folder });
    expect((await fetch(`${plain.url}/shop/`)).status).toBe(404);
    expect((await fetch(`${plain.url}/`, { redirect: 'manual' })).headers.get('location')).toBe('/desk/');
    await plain.stop();
  });
});

describe('paths', () => {
  it.each([
    '/../secret.txt',
    '/desk/../secret.txt',
    '/desk/../../secret.txt',
    '/desk/..%2fsecret.txt',
    '/desk/%2e%2e/secret.txt',
    '/desk/%2e%2e%2fsecret.txt',
    '/desk/..\\secret.txt',
    '/desk/..%5csecret.txt',
    '/desk/.%00./secret.txt',
    '/desk//secret.txt',
    '/desk/....//secret.txt',
    '/shop/../secret.txt',
    '/shop/%252e%252e/secret.txt',
    '/chunks/../widget.js/../../secret.txt',
    '/chunks/..%2f..%2fsecret.txt',
    '/widget.js/../secret.txt',
    '/secret.txt',
    '/shop/index.html%00.js',
    '/etc/passwd',
  ])('%s leads nowhere', async (path) => {
    const answer = await house.raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 40[04]/);
    expect(answer).not.toContain('above every served folder');
  });

  it('are asked for by GET and HEAD only', async () => {
    const head = await get('/widget.js', {}, 'HEAD');
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe(String(script.length));
    expect(await head.text()).toBe('');
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
      expect((await get('/widget.js', {}, method)).status).toBe(404);
  });
});

describe('the page behind a survey’s link', () => {
  it('runs its own scripts only, is in no frame, and tells nobody where it was', async () => {
    const page = await get('/survey/');
    expect(await page.text()).toContain('Survey');
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'content-security-policy': expect.stringMatching(/default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/),
      'referrer-policy': 'no-referrer',
    });
    expect((await get('/survey/main-12345678.js')).status).toBe(200);
    for (const path of ['/survey/nothing', '/survey/api/question', '/survey/../secret.txt', '/survey'])
      expect((await get(path)).status).toBe(404);
  });
});

describe('a build that is missing', () => {
  it('is said by name', () => {
    expect(createPages({ folder: join(folder, 'nowhere'), deskOrigins: [DESK], hasShop: true }).missing).toEqual([
      'the widget (widget.js)',
      'the desk (desk/)',
      'the page of surveys (widget/survey/)',
      'the shop (shop/)',
    ]);
  });
});
