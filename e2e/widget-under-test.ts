import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '@sveiki/sdk';
import { type FakeServer, type FakeServerOptions, fakeServer } from '@sveiki/sdk/testing';
import { WebSocketServer } from 'ws';

const dist = join(import.meta.dirname, '../packages/widget/dist');

/** What is built now, as the relay serves it (compressed beforehand), by name. A build that runs meanwhile takes nothing away. */
function readBuilt(): Map<string, Buffer> {
  const names = readdirSync(dist, { recursive: true }).map(String);
  const files = names
    .filter((name) => name.endsWith('.js.br'))
    .map((name) => [name.slice(0, -3).replaceAll('\\', '/'), readFileSync(join(dist, name))] as const);
  if (!files.some(([name]) => name === 'widget.js'))
    throw new Error('The widget is not built. Run `npm run build` first.');
  return new Map(files);
}

export interface PageOptions {
  /** Attributes of the script tag, `data-site` included by itself. */
  attributes?: string;
  /** Attributes of `<html>`. */
  html?: string;
  /** What stands in the body before the widget. */
  body?: string;
  /** In the head, before the script. */
  head?: string;
  /** The Content-Security-Policy of the page; `%NONCE%` and `%ORIGIN%` are filled in. */
  policy?: string;
}

/** The built widget on a page of its own making, with the SDK's fake relay behind a real socket. */
export interface WidgetUnderTest {
  readonly origin: string;
  readonly relay: FakeServer;
  /** Sockets that were ever opened. */
  readonly sockets: number;
  /** Every message that came over them. */
  readonly heard: readonly string[];
  /** Decides what the next page looks like; gives its address. */
  page(options?: PageOptions): string;
  /** No relay from here on, until `up()`. */
  down(): void;
  up(): void;
  stop(): Promise<void>;
}

export async function widgetUnderTest(options: Partial<FakeServerOptions> = {}): Promise<WidgetUnderTest> {
  const relay = fakeServer({ clock: systemClock, ...options });
  const pages: PageOptions[] = [];
  const heard: string[] = [];
  const built = readBuilt();
  let sockets = 0;
  let isUp = true;

  const http = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname.startsWith('/widget/')) {
      const file = built.get(pathname.slice('/widget/'.length));
      if (!file) return response.writeHead(404).end();
      response.writeHead(200, {
        'content-type': 'text/javascript',
        'content-encoding': 'br',
        'access-control-allow-origin': '*',
      });
      return response.end(file);
    }
    const page = pages[Number(pathname.slice('/page/'.length))];
    if (!page) return response.writeHead(404).end();
    const nonce = 'n0nce';
    const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const fill = (text: string) => text.replaceAll('%NONCE%', nonce).replaceAll('%ORIGIN%', origin);
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      ...(page.policy ? { 'content-security-policy': fill(page.policy) } : {}),
    });
    response.end(
      fill(`<!doctype html><html ${page.html ?? 'lang="en"'}><head><title>Shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1">${page.head ?? ''}
${page.attributes === 'none' ? '' : `<script async nonce="%NONCE%" src="/widget/widget.js" data-site="${relay.site}" ${page.attributes ?? ''}></script>`}
</head><body>${page.body ?? '<main><h1>Shop</h1><p>Scarves and hats.</p></main>'}</body></html>`),
    );
  });
  const webSockets = new WebSocketServer({ server: http });
  webSockets.on('connection', (socket, request) => {
    sockets++;
    if (!isUp) return socket.terminate();
    const line = relay.accept({
      url: request.url ?? '',
      send: (text) => socket.send(text),
      close: (code, reason) => socket.close(code, reason),
    });
    socket.on('message', (data) => {
      heard.push(String(data));
      line.message(String(data));
    });
    socket.on('close', () => line.closed());
  });
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;

  return {
    origin,
    relay,
    get sockets() {
      return sockets;
    },
    heard,
    page(page = {}) {
      pages.push(page);
      return `${origin}/page/${pages.length - 1}`;
    },
    down() {
      isUp = false;
      for (const socket of webSockets.clients) socket.terminate();
    },
    up() {
      isUp = true;
    },
    async stop() {
      for (const socket of webSockets.clients) socket.terminate();
      http.closeAllConnections();
      await new Promise((closed) => http.close(closed));
    },
  };
}
