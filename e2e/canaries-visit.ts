import { readdirSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { pages, views } from '../packages/desk/src/models/route.ts';
import { chromiumLaunch } from '../tools/browser.mjs';
import { createSights, type Sights } from './canaries-eyes.ts';
import { type Fillers, openFillers } from './canaries-fill.ts';
import { ADMIN, type CanaryHouse, openCanaryHouse, SITE } from './canaries-house.ts';
import { createMarks, type Marks } from './canaries-marks.ts';
import { countRequests, deskPage, openWidget, pressEverything, readAll, settled, widgetPage } from './canaries-walk.ts';

export interface Visit {
  /** Fields that took a canary, by how they were filled. */
  taken: { config: number; frames: number; bodies: number; strangers: number };
  pressed: number;
  problems: string[];
  /** Fields whose canaries came to a browser and were on none of its screens. */
  unseen: { desk: string[]; widget: string[] };
  seen: { desk: number; widget: number };
  /** Chunks of the widget that nobody fetched. */
  unvisited: string[];
}

export interface VisitOptions {
  /** Leaves out most fields of the deepest forms, and presses fewer things. */
  isShort: boolean;
  /** Without the policy of the pages: what is made of texts must not even try to run. */
  isBare?: boolean;
}

/** Fills every text there is with a canary, and goes through every screen of widget and desk. */
export async function visitEverything(options: VisitOptions): Promise<Visit> {
  const marks = createMarks();
  const house = await openCanaryHouse(marks);
  const browser = await chromium.launch(await chromiumLaunch());
  try {
    return await visit({ ...options, marks, house, browser });
  } finally {
    await browser.close();
    await house.stop();
  }
}

async function visit(all: VisitOptions & { marks: Marks; house: CanaryHouse; browser: Browser }): Promise<Visit> {
  const { marks, house, browser, isShort, isBare = false } = all;
  const [atDesk, atWidget] = [createSights(), createSights()];
  const open = async (sights: Sights): Promise<BrowserContext> => {
    const context = await browser.newContext({
      ...{ locale: 'en-GB', viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', bypassCSP: isBare },
    });
    context.setDefaultTimeout(15_000);
    countRequests(context);
    await sights.watch(context);
    return context;
  };
  const visitors = await open(atWidget);
  const staff = await open(atDesk);
  const { token } = await house.signedIn(ADMIN);
  await staff.addCookies([{ name: 'sveiki_session', value: token, url: house.desk }]);
  await staff.addInitScript(() => {
    if (location.protocol.startsWith('http'))
      localStorage.setItem('sveiki.desk.settings', JSON.stringify({ notifications: true, sound: false }));
  });

  // A visitor who is there all the time, and what she writes by hand: her own echo first, then everybody's.
  const mia = await widgetPage(visitors, house.page(SITE));
  // Its first look, before anything was said: what people usually ask.
  await mia.getByRole('button', { name: /qz/ }).first().waitFor();
  await atWidget.look(mia);
  await mia.evaluate(() => {
    const { Sveiki } = window as unknown as { Sveiki: { addTool(tool: object): Promise<void> } };
    return Sveiki.addTool({ name: 'sample-0001', description: 'Looks something up', handler: () => null });
  });
  const [typed = ''] = marks.textsFor('what a visitor types');
  await write(mia, typed);
  const session = await mia.waitForFunction((key) => localStorage.getItem(key), `sveiki:${SITE}:session`);
  const conversation = await firstConversation(house);
  const fillers = await openFillers(house, marks, { conversation, session: String(await session.jsonValue()) });
  await fillers.own(ADMIN);
  const away = await staff.newPage();
  await away.addInitScript(() => {
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
  });
  await away.goto(`${house.desk}/desk/#/mine`);
  // The one that is looked at comes last: it is in front.
  const ari = await deskPage(staff, house.desk, `#/mine/${conversation}`);
  const [replied = ''] = marks.textsFor('what an agent types');
  await ari.getByRole('textbox', { name: 'Reply', exact: true }).fill(replied);
  await ari.getByRole('textbox', { name: 'Reply', exact: true }).press('Control+Enter');

  // Live: everything comes while all of them look at it.
  const frames = await fillers.frames(isShort ? 2 : 12);
  const bodies = await fillers.bodies();
  const strangers = await fillers.strangers();
  await fillers.others();
  await settled(mia);
  const allow = mia.locator('sveiki-chat .consent button.main');
  while (await allow.isVisible()) {
    await allow.click();
    await settled(mia);
    await atWidget.look(mia);
  }
  for (const [page, sights] of [
    [mia, atWidget],
    [ari, atDesk],
    [away, atDesk],
  ] as const) {
    await settled(page);
    await sights.look(page);
  }
  const known = new Set<string>();
  let pressed = 0;
  const most = isShort ? 60 : 400;
  const press = async (page: Page, sights: Sights): Promise<void> => {
    pressed += await pressEverything(page, sights, { known, most });
  };

  // History: the same after a reload, older pages with it.
  await mia.reload();
  await openWidget(mia);
  await readAll(mia, atWidget);
  for (const site of house.sites.filter((one) => one !== SITE)) {
    const page = await widgetPage(visitors, house.page(site));
    // Most of them say something of their own; those that do not are as empty as they were.
    const own = page.locator('sveiki-chat').getByText(/qz/).first();
    await own.waitFor({ timeout: 3_000 }).catch(() => {});
    await settled(page);
    await atWidget.look(page);
    await fillForm(page);
    await atWidget.look(page);
    await press(page, atWidget);
    await page.close();
  }
  await survey(fillers, house, conversation, visitors, atWidget);

  await ari.reload();
  await settled(ari);
  await readAll(ari, atDesk);
  const talks = await conversationsOf(house);
  for (const id of isShort ? talks.slice(0, 6) : talks) {
    await ari.goto(`${house.desk}/desk/#/open/${id}`);
    await settled(ari);
    await readAll(ari, atDesk);
  }
  await ari.goto(`${house.desk}/desk/#/mine/${conversation}`);
  await settled(ari);
  for (const words of ['/hello', '/order']) {
    const reply = ari.getByRole('textbox', { name: 'Reply', exact: true });
    await reply.fill('');
    await reply.pressSequentially(words);
    await ari.getByRole('listbox').getByRole('option').first().waitFor();
    await atDesk.look(ari);
    await ari.keyboard.press('Enter');
    await settled(ari);
    await atDesk.look(ari);
    await ari.keyboard.press('Escape');
  }
  await press(ari, atDesk);
  for (const screen of [...views, ...pages.filter((one) => one !== 'inbox')]) {
    await ari.goto(`${house.desk}/desk/#/${screen}`);
    await settled(ari);
    await search(ari);
    await atDesk.look(ari);
    await press(ari, atDesk);
    // Whatever has an address of its own on this page.
    await ari.goto(`${house.desk}/desk/#/${screen}`);
    await settled(ari);
    const links = await ari
      .locator(`main a[href^="#/${screen}/"]`)
      .evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    // A list may show its first page only.
    if (screen === 'replies')
      links.push(
        ...(await house.server.store.cannedReplies()).map(({ reply }) => `#/replies/${encodeURIComponent(reply.id)}`),
      );
    for (const link of [...new Set(links)].slice(0, isShort ? 60 : 500)) {
      await ari.goto(`${house.desk}/desk/${link}`);
      await settled(ari);
      await atDesk.look(ari);
    }
  }
  await press(mia, atWidget);
  await fillers.end();

  const unseenBy = ({ received, seen }: Sights): string[] => {
    // Ids end in base 36: now and then one of them looks like a mark that nobody made.
    const namesOf = (all: ReadonlySet<string>) =>
      new Set([...marks.fields].filter(([mark]) => all.has(mark)).map(([, field]) => plainField(field)));
    const shown = namesOf(seen);
    return [...namesOf(received)].filter((name) => !shown.has(name)).toSorted();
  };
  const problems = [...new Set([...atDesk.problems, ...atWidget.problems])].map((problem) =>
    problem.replace(/qz\d+x/g, (mark) => `${mark} (${marks.fields.get(mark)})`),
  );
  return {
    taken: { config: house.configured, frames, bodies, strangers },
    ...{ pressed, problems },
    unseen: { desk: unseenBy(atDesk), widget: unseenBy(atWidget) },
    seen: { desk: atDesk.seen.size, widget: atWidget.seen.size },
    unvisited: chunksOfWidget().filter(
      (name) => ![...atWidget.scripts].some((path) => path.includes(`/chunks/${name}-`)),
    ),
  };
}

/** The same field, whoever filled it and in whichever item of a list. */
const plainField = (field: string): string => field.replace(/ of \S+$/, '').replace(/\.\d+(?=\.|$)/g, '');

async function write(page: Page, text: string): Promise<void> {
  const box = page.getByRole('textbox', { name: 'Message', exact: true });
  await box.fill(text);
  await box.press('Enter');
}

async function firstConversation(house: CanaryHouse): Promise<string> {
  for (;;) {
    const [first] = await conversationsOf(house);
    if (first !== undefined) return first;
    await new Promise<void>((soon) => setImmediate(soon));
  }
}
async function conversationsOf(house: CanaryHouse): Promise<string[]> {
  const { conversations } = await house.server.store.list({ view: 'open', agent: ADMIN, limit: 100 });
  return conversations.map(({ state }) => state.id);
}

/** Fills in what a form asks, as far as it takes words, and sends it. */
async function fillForm(page: Page): Promise<void> {
  for (const box of await page
    .locator('sveiki-chat form')
    .locator('input[type=text], input:not([type]), textarea')
    .all())
    await box.fill('words').catch(() => {});
  await settled(page);
}

async function search(page: Page): Promise<void> {
  for (const box of await page.getByRole('searchbox').all()) await box.fill('qz').catch(() => {});
  await settled(page);
}

/** The page behind a link to a survey. */
async function survey(
  fillers: Fillers,
  house: CanaryHouse,
  conversation: string,
  visitors: BrowserContext,
  sights: Sights,
): Promise<void> {
  const { ownership } = await fillers.own(ADMIN);
  await fillers.send(ADMIN, {
    ...{ type: 'ask', id: 'asked-for-a-link', conversation, ownership },
    what: { kind: 'configured', id: 'custom' },
  });
  const response = await house.post(
    '/desk/api/surveys/link',
    { conversation, ask: await fillers.ask() },
    await house.signedIn(ADMIN),
  );
  const { url } = (await response.json()) as { url: string };
  const page = await visitors.newPage();
  await page.goto(url);
  await page.locator('form').waitFor();
  await sights.look(page);
  await page.getByRole('button').last().click();
  await settled(page);
  await sights.look(page);
  await page.close();
}

/** What the widget fetches when it is needed, by name; of languages, one is enough. */
function chunksOfWidget(): string[] {
  const folder = new URL('../packages/widget/dist/chunks/', import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.js'));
  const plain = names.map((name) => name.replace(/-[a-z0-9]+\.js$/, ''));
  return [...new Set(plain)].filter((name) => !/^(?:[a-z]{2}|pseudo)$/.test(name));
}
