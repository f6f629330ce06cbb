import type { BrowserContext, JSHandle, Page, Request } from 'playwright-core';
import type { Sights } from './canaries-eyes.ts';

/** Questions of a page that are not answered yet. */
const open = new WeakMap<Page, Set<Request>>();

/** Counts the questions of all pages of a context, for `settled`. */
export function countRequests(context: BrowserContext): void {
  context.on('page', (page) => {
    const requests = new Set<Request>();
    open.set(page, requests);
    page.on('request', (request) => {
      if (['fetch', 'script', 'document'].includes(request.resourceType())) requests.add(request);
    });
    page.on('requestfinished', (request) => requests.delete(request));
    page.on('requestfailed', (request) => requests.delete(request));
    page.on('framenavigated', () => requests.clear());
  });
}

/** Nothing is being fetched or drawn any more; what never ends is waited for only a while. */
export async function settled(page: Page): Promise<void> {
  for (let quiet = 0, round = 0; quiet < 2 && round < 200; round++) {
    await page
      .evaluate(() => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))))
      // It went to another page meanwhile.
      .catch(() => {});
    quiet = (open.get(page)?.size ?? 0) === 0 ? quiet + 1 : 0;
  }
}

/** What would end the visit. */
const LAST = /sign out|log ?out/i;

/**
 * Presses everything on a page that can be pressed, each kind of thing once, dialogs and menus with it, and looks after each. A new button is pressed
 * without anybody naming it.
 *
 * @param known kinds that were pressed before; grows
 * @returns how many were pressed
 */
export async function pressEverything(
  page: Page,
  sights: Sights,
  options: { known: Set<string>; most: number },
): Promise<number> {
  const { known, most } = options;
  const home = page.url();
  let count = 0;
  while (count < most) {
    const found = await nextControl(page, [...known]);
    if (found === null) {
      const hasOverlay = await page.evaluate(
        () => document.querySelector('dialog[open], [popover]:popover-open') !== null,
      );
      if (!hasOverlay) break;
      await page.keyboard.press('Escape');
      const isStuck = await page.evaluate(() => document.querySelector('dialog[open]') !== null);
      if (isStuck) await page.goto(home);
      continue;
    }
    known.add(found.kind);
    if (LAST.test(found.kind)) continue;
    const element = found.control.asElement();
    await element?.click({ timeout: 1_500 }).catch(() => {});
    count++;
    await settled(page);
    await sights.look(page);
    if (new URL(page.url()).hash.split('/')[1] !== new URL(home).hash.split('/')[1]) {
      await page.goto(home);
      await settled(page);
    }
  }
  return count;
}

/** The first control on screen of a kind that is not known: in the dialog that is open, else anywhere, shadow trees included. */
async function nextControl(page: Page, known: string[]): Promise<{ kind: string; control: JSHandle } | null> {
  const found = await page.evaluateHandle((list) => {
    const seen = new Set(list);
    const roots: ParentNode[] = [];
    const open = [...document.querySelectorAll('dialog[open], [popover]')].filter(
      (one) => one.matches('dialog:modal') || one.matches(':popover-open'),
    );
    roots.push(open.at(-1) ?? document);
    for (const host of document.querySelectorAll('*')) if (host.shadowRoot) roots.push(host.shadowRoot);
    for (const root of roots) {
      for (const control of root.querySelectorAll<HTMLElement>(
        'button, a[href], summary, [role=tab], [role=option], [role=menuitem]',
      )) {
        if (control.matches('[disabled], [aria-disabled=true], [target=_blank], .skip-links *')) continue;
        if (control.getClientRects().length === 0) continue;
        const name = (control.getAttribute('aria-label') ?? control.textContent ?? '').trim();
        // What strangers wrote tells nothing about the kind of a thing.
        const words = /qz\d+x|made-/.test(name) ? '*' : name.replace(/\d+/g, '#').slice(0, 30);
        const place = control.closest('dialog, [popover], nav, aside, section, form, main')?.className ?? '';
        const kind = `${place} ${control.localName}.${control.className} ${words}`;
        if (!seen.has(kind)) return { kind, control };
      }
    }
    return null;
  }, known);
  const kind = await found.evaluate((one) => one?.kind ?? null);
  if (kind === null) return null;
  return { kind, control: await found.getProperty('control') };
}

/** A page of the desk, under its own policy. */
export async function deskPage(context: BrowserContext, desk: string, hash: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${desk}/desk/${hash}`);
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  await settled(page);
  return page;
}

/** A page with the widget, open. */
export async function widgetPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  await openWidget(page);
  return page;
}
export async function openWidget(page: Page): Promise<void> {
  const opener = page.locator('sveiki-chat [part=launcher]');
  await opener.waitFor();
  await opener.click();
  await page.locator('sveiki-chat [part=panel]').waitFor();
  await settled(page);
}

/** Fetches all of the history that there is. */
export async function readAll(page: Page, sights: Sights): Promise<void> {
  for (;;) {
    await sights.look(page);
    const older = page.getByRole('button', { name: /earlier/i }).first();
    if (!(await older.isVisible())) return;
    await older.click({ timeout: 2_000 }).catch(() => {});
    await settled(page);
  }
}
