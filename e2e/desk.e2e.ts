import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  axeFindings,
  composer,
  type DeskUnderTest,
  deskUnderTest,
  focused,
  log,
  password,
  signIn as signInAt,
  signInFields,
} from './desk-under-test.ts';

/*
 * The desk as it is built, in front of the real relay: a day's work by keyboard only, on every width and in both colours, under the relay's own
 * Content-Security-Policy, without one violation, and clean for axe.
 */
let desk: DeskUnderTest;
beforeAll(async () => {
  desk = await deskUnderTest();
});
beforeEach(() => desk.fresh());
afterAll(() => desk.stop());

const newPage: DeskUnderTest['newPage'] = (options) => desk.newPage(options);
const signIn = (page: Page, email: string) => signInAt(page, desk.demo, email);

it('signs in by a one-time link, once, and takes the code out of the address', async () => {
  const page = await newPage();
  const link = desk.demo.desk;
  await page.goto(link);
  await page.getByRole('navigation', { name: 'Lists' }).waitFor();
  expect(page.url()).not.toContain('code=');

  const other = await newPage();
  await other.goto(link);
  await other.getByRole('alert').getByText('This sign-in link was used already').waitFor();
  await signInFields(other).waitFor();

  // The session outlives a reload; signing out ends it.
  await page.reload();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out.').waitFor();
  await page.reload();
  await signInFields(page).waitFor();
  expect(desk.problems).toEqual([]);
});

it('says in words that a password is wrong, and keeps the e-mail', async () => {
  const page = await newPage();
  await page.goto(`${desk.demo.origin}/desk/`);
  await signInFields(page).fill('ada@amberandwool.example');
  await page.getByLabel('Password', { exact: true }).fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('E-mail and password do not match').waitFor();
  expect(await signInFields(page).inputValue()).toBe('ada@amberandwool.example');
  expect(await axeFindings(page)).toEqual([]);
});

it('takes, answers, notes, transfers and resolves without a mouse', async () => {
  const ada = await newPage();
  const ben = await newPage();
  await signIn(ada, 'ada@amberandwool.example');
  await signIn(ben, 'ben@amberandwool.example');

  // To the queue, to its first row, into it: the keyboard is on Take.
  await ada.keyboard.press('2');
  const row = ada.getByRole('region', { name: 'Conversations' }).getByRole('listitem').getByRole('link').first();
  await row.waitFor();
  await expect.poll(() => focused(ada).getAttribute('id')).toBe(await row.getAttribute('id'));
  const name = await row.locator('.row-name').innerText();
  await ada.keyboard.press('Enter');
  await expect.poll(() => focused(ada).innerText()).toBe('Take');
  expect(await axeFindings(ada)).toEqual([]);
  await ada.keyboard.press('t');

  // The cursor is where the reply goes.
  await expect.poll(() => focused(ada).getAttribute('aria-label')).toBe('Reply');
  await ada.keyboard.type('The parcel went out this morning.');
  await ada.keyboard.press('Control+Enter');
  await log(ada).getByText('The parcel went out this morning.').waitFor();
  await ada
    .getByText(/^(Sent|Delivered|Seen)$/)
    .last()
    .waitFor();

  // A note: other name, other words, other button; nobody confuses it.
  await ada.keyboard.press('Escape');
  await ada.keyboard.press('n');
  await expect.poll(() => focused(ada).getAttribute('aria-label')).toBe('Note');
  await ada.getByText('Only your team sees this.').waitFor();
  await ada.keyboard.type('Warehouse confirmed by phone.');
  await ada.keyboard.press('Control+Enter');
  await log(ada).locator('.note', { hasText: 'Warehouse confirmed by phone.' }).waitFor();

  // To Ben, with a word for him.
  await ada.keyboard.press('Escape');
  await ada.keyboard.press('a');
  const transfer = ada.getByRole('dialog', { name: 'Transfer the conversation' });
  await transfer.waitFor();
  expect(await axeFindings(ada)).toEqual([]);
  const toBen = transfer.getByRole('radio', { name: /^Ben/ });
  for (let step = 0; step < 10 && !(await toBen.isChecked()); step += 1) await ada.keyboard.press('ArrowDown');
  await ada.keyboard.press('Tab');
  await ada.keyboard.type('She asks about the second parcel too.');
  await ada.keyboard.press('Tab');
  await ada.keyboard.press('Tab');
  await ada.keyboard.press('Enter');
  await transfer.waitFor({ state: 'hidden' });

  // Ben has it, with everything that was said and noted, and resolves it by number.
  await ben.getByText(`${name} is yours now.`).waitFor();
  await ben.keyboard.press('Control+k');
  await ben.keyboard.type(name);
  await ben.keyboard.press('Enter');
  await log(ben).getByText('She asks about the second parcel too.').waitFor();
  await expect.poll(() => focused(ben).getAttribute('aria-label')).toBe('Reply');
  await ben.keyboard.press('Escape');
  await ben.keyboard.press('e');
  const resolve = ben.getByRole('dialog', { name: 'Resolve the conversation' });
  await resolve.waitFor();
  expect(await axeFindings(ben)).toEqual([]);
  await ben.keyboard.press('2');
  await ben.keyboard.press('Enter');
  await resolve.waitFor({ state: 'hidden' });
  await ben.getByText('This conversation is resolved.').waitFor();
  // On to the next one: the keyboard is in the list again.
  await expect.poll(() => focused(ben).getAttribute('id')).toMatch(/^row-|^list$/);
  await log(ada)
    .getByText(/resolved the conversation/)
    .waitFor();
  expect(desk.problems).toEqual([]);
});

it('keeps drafts over a reload and over the end of the session', async () => {
  const page = await newPage();
  await signIn(page, 'cleo@amberandwool.example');
  await page.keyboard.press('3');
  await page.getByRole('region', { name: 'Conversations' }).getByRole('listitem').getByRole('link').first().waitFor();
  await page.keyboard.press('Enter');
  await log(page).waitFor();
  await page.keyboard.press('n');
  await expect.poll(() => focused(page).getAttribute('aria-label')).toBe('Note');
  await page.keyboard.type('Half a thought');
  await page.reload();
  await page.getByRole('tab', { name: 'Note' }).click();
  expect(await composer(page, 'Note').inputValue()).toBe('Half a thought');

  await page.context().clearCookies();
  await desk.demo.crashAndRestart();
  await page.getByText('Your session has ended. Sign in again: your drafts are kept.').waitFor();
  await signInFields(page).fill('cleo@amberandwool.example');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('tab', { name: 'Note' }).click();
  expect(await composer(page, 'Note').inputValue()).toBe('Half a thought');
  expect(desk.problems).toEqual([]);
});

it.each([
  { width: 1440, height: 900, colorScheme: 'dark' },
  { width: 1024, height: 768, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
  // 200 % of zoom on a small laptop.
  { width: 640, height: 400, colorScheme: 'light' },
] as const)('is whole and clean for axe at $width pixels, $colorScheme', async ({ width, height, colorScheme }) => {
  const page = await newPage({ viewport: { width, height }, colorScheme });
  await signIn(page, 'ada@amberandwool.example');
  const fits = async () => {
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    expect(await axeFindings(page)).toEqual([]);
  };
  await rows(page).first().waitFor();
  await fits();
  await rows(page).first().click();
  await log(page).waitFor();
  await fits();
  if (width < 1280) {
    await page.getByRole('button', { name: 'Show details' }).click();
    await page.getByRole('heading', { name: 'This visit' }).waitFor();
    await fits();
    await page.keyboard.press('Escape');
  }
  await page.getByRole('tab', { name: 'Note' }).click();
  await fits();
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Commands' }).waitFor();
  await fits();
  await page.keyboard.press('Escape');
  if (width < 768) await page.getByRole('button', { name: 'Back to the list' }).click();
  await page.getByRole('button', { name: 'Settings' }).click();
  await fits();
  expect(desk.problems).toEqual([]);
});

/** What the relay says to this page goes through `change` first; what the page says is answered by `answer`, or goes on to the relay. */
async function between(
  page: Page,
  meddle: { change?: (frame: unknown) => void; answer?: (frame: { type: string; id?: string }) => object | null },
): Promise<void> {
  await page.routeWebSocket(/\/desk\/socket/, (line) => {
    const relay = line.connectToServer();
    relay.onMessage((text) => {
      const frame: unknown = JSON.parse(String(text));
      meddle.change?.(frame);
      line.send(JSON.stringify(frame));
    });
    line.onMessage((text) => {
      const answer = meddle.answer?.(JSON.parse(String(text))) ?? null;
      if (answer === null) relay.send(text);
      else line.send(JSON.stringify(answer));
    });
  });
}

const rows = (page: Page) =>
  page.getByRole('region', { name: 'Conversations' }).getByRole('listitem').getByRole('link');

it('keeps a refused message with its reason and its ways on', async () => {
  const page = await newPage({ viewport: { width: 390, height: 844 } });
  let isRefusing = true;
  await between(page, {
    answer: ({ type, id }) =>
      isRefusing && type === 'send'
        ? { type: 'nack', id, code: 'unavailable', message: 'The relay cannot store this now.', retry: 'never' }
        : null,
  });
  await signIn(page, 'ben@amberandwool.example');
  await page.keyboard.press('1');
  await rows(page).first().click();
  await log(page).waitFor();
  await composer(page, 'Reply').fill('Refused once');
  await page.getByRole('button', { name: 'Reply', exact: true }).click();
  const refused = log(page).locator('.pending', { hasText: 'Refused once' });
  await refused.getByText('Not sent. The relay cannot store this now.').waitFor();
  expect(await axeFindings(page)).toEqual([]);
  isRefusing = false;
  await refused.getByRole('button', { name: 'Try again' }).click();
  await log(page).locator('.said:not(.pending)', { hasText: 'Refused once' }).waitFor();
  expect(desk.problems).toEqual([]);
});

/** Names and titles as a stranger could choose them. */
const strangers = [
  '\u202egnorw si siht\u202c',
  'x'.repeat(150),
  ' \u200b ',
  '\u0644\u064a\u0644\u0649',
  `Z${'\u0301'.repeat(60)}`,
];

function renamed(value: unknown, key = ''): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, part] of Object.entries(value)) renamed(part, name);
  if (key === 'visitor' && 'id' in value && 'name' in value)
    value.name =
      strangers[[...String(value.id)].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % strangers.length];
  if (key === 'visit' && 'title' in value) value.title = `\u202e${'T'.repeat(150)}`;
  if (key === 'last' && 'text' in value) value.text = `**${'w'.repeat(80)}** \u202eback`;
}

it.each([
  { width: 1440, height: 900, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
] as const)('is not distorted by what strangers call themselves, at $width pixels', async (screen) => {
  const { width, height, colorScheme } = screen;
  const page = await newPage({ viewport: { width, height }, colorScheme });
  await between(page, { change: renamed });
  await signIn(page, 'cleo@amberandwool.example');
  await page.keyboard.press('3');
  await rows(page).first().waitFor();
  const isWhole = async () => {
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    expect(await page.locator('main').innerText()).not.toMatch(/[\u200b\u202a-\u202e]|\*\*/);
    expect(await axeFindings(page)).toEqual([]);
  };
  await isWhole();
  for (let index = 0; index < (await rows(page).count()); index += 1) {
    await rows(page).nth(index).click();
    await log(page).waitFor();
    await isWhole();
    if (width < 768) await page.getByRole('button', { name: 'Back to the list' }).click();
  }
  expect(desk.problems).toEqual([]);
});

it('shows a colleague that a note is being written, and says at once when there is no network', async () => {
  const cleo = await newPage();
  const ben = await newPage();
  await signIn(cleo, 'cleo@amberandwool.example');
  await signIn(ben, 'ben@amberandwool.example');
  await cleo.keyboard.press('3');
  await rows(cleo).first().click();
  await log(cleo).waitFor();
  await ben.goto(`${desk.demo.origin}/desk/${new URL(cleo.url()).hash}`);
  await log(ben).waitFor();
  await ben.getByRole('tab', { name: 'Note' }).click();
  await composer(ben, 'Note').pressSequentially('Ask the warehouse');
  await cleo.getByText(/^Ben .*is writing a note$/).waitFor();

  const offline = cleo.getByText('You are offline. What you send goes out when you are back.');
  await cleo.context().setOffline(true);
  await offline.waitFor();
  await cleo.context().setOffline(false);
  await offline.waitFor({ state: 'hidden' });
  expect(desk.problems).toEqual([]);
});

it('leads back to the row one came from where one pane is there', async () => {
  const page = await newPage({ viewport: { width: 640, height: 400 } });
  await signIn(page, 'cleo@amberandwool.example');
  await page.keyboard.press('3');
  await rows(page).nth(1).waitFor();
  await page.keyboard.press('j');
  const row = await rows(page).nth(1).getAttribute('id');
  await expect.poll(() => focused(page).getAttribute('id')).toBe(row);
  await page.keyboard.press('Enter');
  await log(page).waitFor();
  await page.keyboard.press('n');
  await expect.poll(() => focused(page).getAttribute('aria-label')).toBe('Note');
  await page.keyboard.press('Escape');
  await expect.poll(() => focused(page).getAttribute('id')).toBe(row);
  await log(page).waitFor({ state: 'hidden' });
  expect(desk.problems).toEqual([]);
});
