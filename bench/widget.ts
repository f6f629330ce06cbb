import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';
import { chromiumLaunch } from '../tools/browser.mjs';
import { startDemo } from './demo.ts';
import { startRelay } from './relay.ts';
import { median, type Result, rounded } from './results.ts';

/** What Lighthouse applies for slow 4G: latency of each request, and 1,474.56 kbit/s down. */
const slow4G = {
  offline: false,
  latency: 562.5,
  downloadThroughput: (1_474.56 * 1_024) / 8,
  uploadThroughput: (675 * 1_024) / 8,
};
const slowerCpu = 4;
/** After the page has loaded, everything that a widget would do by itself has happened by then. */
const quietMs = 3_000;

/** What the widget costs a page and those who wait for it, by what Chromium fetches and shows. */
export async function measureWidget({ quick }: { quick: boolean }): Promise<Result[]> {
  return [...(await measureWeight()), ...(await measureSpeed(quick ? 1 : 5))];
}

const launch = async (): Promise<Browser> => chromium.launch(await chromiumLaunch());

// ------------------------------------------------------------------------------------------------------------- weight

interface Fetched {
  url: string;
  bytes: number;
}

/** A new visitor of the demo's shop, who in the end opens the chat. */
async function measureWeight(): Promise<Result[]> {
  const demo = await startDemo();
  const browser = await launch();
  try {
    const context = await browser.newContext({ locale: 'en-GB' });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    const { fetched, sockets } = await watchNetwork(session);
    await page.addInitScript(watchPage);
    await page.goto(demo.shop, { waitUntil: 'load' });
    await page.waitForTimeout(quietMs);
    const isOurs = ({ url }: Fetched): boolean => !url.startsWith(demo.shop);
    const atLoad = [...fetched.values()].filter(isOurs);
    const pageBytes = sum([...fetched.values()].filter((file) => !isOurs(file)));
    const traces = sockets() + (await countTraces(context, page));
    const shift = await page.evaluate(() => (globalThis as unknown as Watched).shift);

    await page.evaluate(clickToComposer);
    const toType = sum([...fetched.values()].filter(isOurs));
    await page.waitForTimeout(quietMs);
    const opened = sum([...fetched.values()].filter(isOurs));

    const bytes = { unit: 'B', baseline: pageBytes, compares: 'value', better: 'lower' } as const;
    const none = { baseline: null, ratio: null, compares: 'value', better: 'lower' } as const;
    const share = (value: number): number => rounded(value / pageBytes);
    return [
      {
        id: 'widget.requests',
        what: 'requests of the widget on a new visitor’s page, before he does anything',
        value: atLoad.length,
        unit: 'requests',
        ...none,
        goal: 1,
        floor: 1,
      },
      {
        id: 'widget.launcher-bytes',
        what: 'bytes of these as they come over the wire; beside the demo’s page without the widget',
        value: sum(atLoad),
        ratio: share(sum(atLoad)),
        ...bytes,
        goal: 2_048,
        floor: 2_048,
      },
      {
        id: 'widget.traces',
        what: 'sockets, cookies and stored entries before he does anything',
        value: traces,
        unit: 'traces',
        ...none,
        goal: 0,
        floor: 0,
      },
      {
        id: 'widget.layout-shift',
        what: 'cumulative layout shift of the page while it loads and after',
        value: rounded(shift),
        unit: 'CLS',
        ...none,
        goal: 0,
        floor: 0,
      },
      {
        id: 'widget.bytes-to-type',
        what: 'bytes of the widget until one can type, launcher, styles and English included',
        value: toType,
        ratio: share(toType),
        ...bytes,
        goal: 16_384,
        floor: 18_432,
      },
      {
        id: 'widget.bytes-opened',
        what: `the same ${quietMs / 1_000} s later: with the code that connects, which comes after the composer`,
        value: opened,
        ratio: share(opened),
        ...bytes,
        goal: null,
        floor: null,
      },
    ];
  } finally {
    await browser.close();
    await demo.stop();
  }
}

/** Every response with the bytes of its body as they came over the wire, and how many sockets were opened. */
async function watchNetwork(
  session: CDPSession,
): Promise<{ fetched: ReadonlyMap<string, Fetched>; sockets: () => number }> {
  const fetched = new Map<string, Fetched>();
  let sockets = 0;
  session.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (request.url.startsWith('http')) fetched.set(requestId, { url: request.url, bytes: 0 });
  });
  session.on('Network.dataReceived', ({ requestId, encodedDataLength }) => {
    const file = fetched.get(requestId);
    if (file !== undefined) file.bytes += encodedDataLength;
  });
  session.on('Network.webSocketCreated', () => {
    sockets++;
  });
  await session.send('Network.enable');
  return { fetched, sockets: () => sockets };
}

const sum = (files: readonly Fetched[]): number => files.reduce((total, { bytes }) => total + bytes, 0);

async function countTraces(context: BrowserContext, page: Page): Promise<number> {
  const stored = await page.evaluate(async () => {
    const databases = await indexedDB.databases();
    const caches = await globalThis.caches.keys();
    return localStorage.length + sessionStorage.length + databases.length + caches.length;
  });
  return stored + (await context.cookies()).length;
}

// -------------------------------------------------------------------------------------------------------------- speed

/** A page with nothing but a heading and the script tag, on slow 4G and a slow CPU; every run in a new browser. */
async function measureSpeed(runs: number): Promise<Result[]> {
  const host = await servePages();
  const relay = await startRelay({ plain: true, origin: host.origin });
  host.embed(`<script async src="http://127.0.0.1:${relay.port}/widget.js" data-site="${relay.door.site}"></script>`);
  const blank: number[] = [];
  const blankTasks: number[] = [];
  const launcher: number[] = [];
  const tasks: number[] = [];
  const cold: number[] = [];
  const warm: number[] = [];
  try {
    for (let run = 0; run < runs; run++) {
      const browser = await launch();
      await onSlowPhone(browser, `${host.origin}/blank`, async (page) => {
        blank.push(await when(page, 'headingAt'));
        blankTasks.push(await longTasks(page));
      });
      await onSlowPhone(browser, `${host.origin}/page`, async (page) => {
        launcher.push(await when(page, 'launcherAt'));
        tasks.push(await longTasks(page));
        cold.push(await page.evaluate(clickToComposer));
      });
      await onSlowPhone(browser, `${host.origin}/page`, async (page) => {
        await when(page, 'launcherAt');
        await hoverLauncher(page);
        await page.waitForTimeout(quietMs);
        warm.push(await page.evaluate(clickToComposer));
      });
      await browser.close();
    }
  } finally {
    await relay.stop();
    host.close();
  }
  const time = (values: readonly number[]) => {
    const value = rounded(median(values));
    const baseline = rounded(median(blank));
    return {
      value,
      unit: 'ms',
      baseline,
      ratio: rounded(value / baseline),
      compares: 'value',
      better: 'lower',
    } as const;
  };
  const slow = 'slow 4G, CPU 4 times slower; beside a blank page';
  return [
    {
      id: 'widget.launcher-visible',
      what: `until the launcher is visible, ${slow}`,
      ...time(launcher),
      goal: 1_300,
      floor: 1_500,
    },
    {
      id: 'widget.composer-cold',
      what: `from a click to a composer one can type in, nothing fetched before, ${slow}`,
      ...time(cold),
      goal: 750,
      floor: 1_000,
    },
    {
      id: 'widget.composer-warm',
      what: `the same after the pointer was over the launcher, ${slow}`,
      ...time(warm),
      goal: 100,
      floor: 200,
    },
    {
      id: 'widget.long-tasks',
      what: 'tasks over 50 ms until 3 s after the launcher is there, in the best run, CPU 4 times slower; beside a blank page',
      // One of the page's own is there in every run; one that comes from a busy machine is not.
      value: Math.min(...tasks),
      unit: 'tasks',
      baseline: Math.min(...blankTasks),
      ratio: null,
      goal: 0,
      floor: 0,
      compares: 'value',
      better: 'lower',
    },
  ];
}

async function onSlowPhone(browser: Browser, url: string, measure: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', slow4G);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowerCpu });
  await page.addInitScript(watchPage);
  await page.goto(url);
  await measure(page);
  await context.close();
}

const when = async (page: Page, what: 'headingAt' | 'launcherAt'): Promise<number> => {
  const found = await page.waitForFunction((name) => (globalThis as unknown as Watched)[name], what);
  return (await found.jsonValue()) as number;
};

async function longTasks(page: Page): Promise<number> {
  await page.waitForTimeout(quietMs);
  return page.evaluate(() => (globalThis as unknown as Watched).longTasks);
}

async function hoverLauncher(page: Page): Promise<void> {
  const { x, y, width, height } = await page.evaluate(() => {
    const button = document.querySelector('sveiki-chat')?.shadowRoot?.querySelector('button');
    return (button as HTMLButtonElement).getBoundingClientRect().toJSON() as DOMRect;
  });
  await page.mouse.move(x + width / 2, y + height / 2);
}

/** The site that embeds the widget. */
async function servePages(): Promise<{ origin: string; embed(tag: string): void; close(): void }> {
  let tag = '';
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    const head = `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">`;
    response.end(`${head}${request.url === '/page' ? tag : ''}<h1>Shop</h1>`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    embed(html) {
      tag = html;
    },
    close: () => server.close(),
  };
}

// --------------------------------------------------------------------- in the page (these functions are sent to Chromium)

interface Watched {
  headingAt?: number;
  launcherAt?: number;
  shift: number;
  longTasks: number;
}

/** Runs before anything else of the page: notes the first frame in which things can be seen, every shift and every long task. */
function watchPage(): void {
  const watched = globalThis as unknown as Watched;
  watched.shift = 0;
  watched.longTasks = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) watched.shift += (entry as unknown as { value: number }).value;
  }).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver((list) => {
    watched.longTasks += list.getEntries().length;
  }).observe({ type: 'longtask', buffered: true });
  const isVisible = (element: Element | null | undefined): boolean =>
    element?.checkVisibility({ visibilityProperty: true }) === true && element.getBoundingClientRect().width > 0;
  const look = (): void => {
    if (isVisible(document.querySelector('h1'))) watched.headingAt ??= performance.now();
    if (isVisible(document.querySelector('sveiki-chat')?.shadowRoot?.querySelector('button'))) {
      watched.launcherAt ??= performance.now();
    }
    if (watched.launcherAt === undefined) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** Clicks the launcher; resolves with the milliseconds until the first frame in which one can type. */
function clickToComposer(): Promise<number> {
  const root = document.querySelector('sveiki-chat')?.shadowRoot;
  const button = root?.querySelector('button');
  if (root == null || button == null) throw new Error('There is no launcher in this page.');
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    button.click();
    const look = (): void => {
      const field = root.querySelector('textarea');
      if (field !== null && !field.disabled && field.checkVisibility({ visibilityProperty: true })) {
        resolve(performance.now() - startedAt);
      } else if (performance.now() - startedAt > 20_000) reject(new Error('No composer came within 20 s.'));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}
