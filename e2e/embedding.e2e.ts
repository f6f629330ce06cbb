import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chromiumLaunch } from '../tools/browser.mjs';

/*
 * The widget on a site of its own, as every customer embeds it: another origin than the relay, one script tag, the strictest policy that can name the relay.
 */
const cli = fileURLToPath(new URL('../packages/server/dist/cli.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sveiki-embedding-'));
const relayAddress = createServer();
let relay = '';
let browser: Browser;
let stopRelay = (): void => {};

const site = createServer((request, response) => {
  const socket = relay.replace('http', 'ws');
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.setHeader(
    'content-security-policy',
    `default-src 'none'; script-src ${relay}; connect-src ${relay} ${socket}; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'`,
  );
  const key = request.url === '/stranger' ? 'pk_unknown_site' : 'pk_embedding_test';
  response.end(
    `<!doctype html><html lang="en"><title>A shop</title><script async src="${relay}/widget.js" data-site="${key}"></script><h1>A shop</h1>`,
  );
});

beforeAll(async () => {
  await new Promise<void>((done) => site.listen(0, '127.0.0.1', done));
  await new Promise<void>((done) => relayAddress.listen(0, '127.0.0.1', done));
  const { port } = relayAddress.address() as AddressInfo;
  await new Promise((done) => relayAddress.close(done));
  relay = `http://127.0.0.1:${port}`;
  const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const config = join(folder, 'sveiki.config.json');
  writeFileSync(
    config,
    JSON.stringify({
      port,
      dataDir: folder,
      publicUrl: relay,
      sites: [{ key: 'pk_embedding_test', name: 'A shop', origins: [origin], team: 'sales' }],
      teams: [{ id: 'sales', name: 'Sales' }],
    }),
  );
  const child = spawn(process.execPath, [cli, 'start', '--config', config], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((serves, failed) => {
    child.stdout.on('data', (data: Buffer) => data.includes('The relay serves') && serves());
    child.once('exit', (code) => failed(new Error(`The relay ended with ${code}.`)));
  });
  stopRelay = () => child.kill('SIGTERM');
  browser = await chromium.launch(await chromiumLaunch());
});
afterAll(async () => {
  await browser.close();
  stopRelay();
  await new Promise((done) => site.close(done));
  rmSync(folder, { recursive: true, force: true });
});

const pageAt = async (path: string) => {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  const requested: string[] = [];
  page.on('request', (request) => requested.push(new URL(request.url()).origin));
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}${path}`);
  await page.getByRole('button', { name: /chat/i }).click();
  return { page, problems, requested };
};

it('comes from the relay, talks to the relay, and breaks no rule of the page', async () => {
  const { page, problems, requested } = await pageAt('/');
  await page.getByRole('textbox', { name: 'Message' }).fill('Hello from another origin');
  await page.getByRole('textbox', { name: 'Message' }).press('Enter');
  await page.getByText(/· Sent/).waitFor();
  expect(problems).toEqual([]);
  expect(new Set(requested)).toEqual(new Set([relay, new URL(page.url()).origin]));
  await page.close();
});

it('says calmly that a page with a wrong key is not served', async () => {
  const { page } = await pageAt('/stranger');
  await page.getByRole('alert').getByText('This chat is not set up for this page. bad-site').waitFor();
  await page.close();
});
