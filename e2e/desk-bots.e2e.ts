import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  axeFindings,
  composer,
  type DeskUnderTest,
  deskUnderTest,
  focused,
  heard,
  log,
  signIn,
} from './desk-under-test.ts';

/*
 * Offers, bots, canned replies and the pages of the desk, against the real relay with the demo's own configuration: by keyboard, in both colours,
 * wide and narrow, clean for axe.
 */
let desk: DeskUnderTest;
beforeAll(async () => {
  desk = await deskUnderTest();
});
beforeEach(() => desk.fresh());
afterAll(() => desk.stop());

async function fits(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  expect(await axeFindings(page)).toEqual([]);
}

it('offers a conversation, says why it came, and gives it to who accepts by one key', async () => {
  const ben = await desk.newPage();
  const phone = await desk.newPage({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
  await signIn(ben, desk.demo, 'ben@amberandwool.example');
  await signIn(phone, desk.demo, 'ben@amberandwool.example');
  const visitor = await desk.newVisitor();
  await visitor.send('Hello, I would like to return a jumper.');

  // To Ben or to Cleo, who is not here: it comes to Ben.
  const offer = ben.getByRole('region', { name: 'Offered to you' });
  await offer.getByText('Hello, I would like to return a jumper.').waitFor();
  await offer.getByText('Asks about a return').waitFor();
  await offer.getByText(/^\d+ seconds left$/).waitFor();
  await fits(ben);
  await phone.getByRole('region', { name: 'Offered to you' }).waitFor();
  await fits(phone);

  await ben.keyboard.press('d');
  await expect.poll(() => focused(ben).getAttribute('type')).toBe('text');
  await ben.keyboard.press('Escape');
  await ben.keyboard.press('y');
  await log(ben).getByText('You accepted the offer').waitFor();
  await expect.poll(() => focused(ben).getAttribute('aria-label')).toBe('Reply');
  await ben.getByText(/^Offered, and accepted by you/).waitFor();
  await offer.waitFor({ state: 'hidden' });
  await phone.getByRole('region', { name: 'Offered to you' }).waitFor({ state: 'hidden' });
  await fits(ben);
  expect(desk.problems).toEqual([]);
});

it('shows what a bot handed over, answers with canned replies, asks, and gives it back', async () => {
  const ada = await desk.newPage();
  await signIn(ada, desk.demo, 'ada@amberandwool.example');
  const visitor = await desk.newVisitor('pk_amber_and_wool_help');
  await visitor.send('How long does delivery in Latvia take?');
  await heard(visitor, () => visitor.state.conversation?.last?.by === 'bot');
  // It is a bot's, and called so in the list.
  await ada.keyboard.press('3');
  await ada.getByRole('region', { name: 'Conversations' }).getByText('Dzintra (bot)').first().waitFor();
  await visitor.requestHuman();

  await ada.keyboard.press('2');
  await ada.getByTitle('The visitor asks for a person').last().click();
  const handed = ada.getByRole('region', { name: 'Handed over to people' });
  await handed.waitFor();
  await fits(ada);
  await expect.poll(() => focused(ada).innerText()).toBe('Take');
  await ada.keyboard.press('t');
  await expect.poll(() => focused(ada).getAttribute('aria-label')).toBe('Reply');

  // Found by a slash, with a preview; two of them, one after the other.
  await ada.keyboard.type('/deliv');
  const list = ada.getByRole('listbox', { name: 'Canned replies' });
  await list.getByRole('option').first().waitFor();
  await expect.poll(() => list.getByRole('option', { selected: true }).count()).toBe(1);
  await fits(ada);
  await ada.keyboard.press('Enter');
  await expect.poll(() => composer(ada, 'Reply').inputValue()).toMatch(/parcel takes \*\*1-2 working days\*\*/);
  await ada.keyboard.type(' /late');
  await list.getByRole('option', { name: /Parcel is late/ }).waitFor();
  await ada.keyboard.press('Enter');

  // What is missing is asked for; without it nothing goes into the text.
  const number = ada.getByRole('textbox', { name: 'Order number' });
  await expect.poll(() => number.evaluate((field) => field === document.activeElement)).toBe(true);
  await ada.keyboard.press('Enter');
  await ada.getByText('This is needed.').first().waitFor();
  await fits(ada);
  await ada.keyboard.type('AW-1042');
  await ada.keyboard.press('Tab');
  await ada.keyboard.type('Friday');
  await ada.keyboard.press('Enter');
  await expect.poll(() => composer(ada, 'Reply').inputValue()).toMatch(/AW-1042.*Friday/);
  await expect.poll(() => focused(ada).getAttribute('aria-label')).toBe('Reply');
  await ada.keyboard.press('Control+Enter');
  await heard(visitor, () => visitor.state.conversation?.last?.by === 'agent');
  expect(JSON.stringify(visitor.state.entries.at(-1))).toContain('AW-1042');

  // A survey by hand.
  await ada.getByRole('button', { name: 'Ask the visitor' }).click();
  await fits(ada);
  await ada.getByRole('button', { name: /satisfied/ }).click();
  await log(ada).getByText('Asked for feedback').waitFor();

  // And back to the bot, with a word.
  await ada.keyboard.press('Escape');
  await ada.keyboard.press('b');
  const dialog = ada.getByRole('dialog', { name: 'Return to the bot' });
  await dialog.waitFor();
  await fits(ada);
  await dialog.getByRole('button', { name: 'Return to the bot' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await heard(visitor, () => visitor.state.conversation?.owner?.bot === true);
  expect(desk.problems).toEqual([]);
});

it('writes a canned reply, finds it, and keeps what is wrong at its field', async () => {
  const cleo = await desk.newPage();
  await signIn(cleo, desk.demo, 'cleo@amberandwool.example');
  await cleo.keyboard.press('5');
  await cleo.getByRole('heading', { name: 'Canned replies' }).waitFor();
  await cleo.locator('.reply-row').first().waitFor();
  await cleo.getByRole('link', { name: 'New reply' }).click();
  await cleo.getByRole('textbox', { name: 'Shortcut' }).fill('two words');
  await cleo.getByRole('textbox', { name: 'Title' }).fill('Linen bags');
  await cleo.getByRole('textbox', { name: 'Text in en' }).fill('We have {{count}} linen bags');
  await cleo.getByRole('button', { name: 'Save' }).click();
  await cleo.getByRole('alert').getByText('Not saved.').waitFor();
  expect(await cleo.getByRole('textbox', { name: 'Shortcut' }).getAttribute('aria-invalid')).toBe('true');
  await fits(cleo);
  await cleo.getByRole('textbox', { name: 'Shortcut' }).fill('bags');
  await cleo.getByRole('textbox', { name: 'Text in en' }).fill('We pack in linen bags.');
  await cleo.getByRole('button', { name: 'Save' }).click();
  await cleo.getByText('“Linen bags” is saved.').waitFor();
  await cleo.getByRole('searchbox', { name: 'Find' }).fill('linen bag');
  await expect.poll(() => cleo.locator('.reply-row').count()).toBe(1);

  await cleo.setInputFiles('input[type=file]', {
    name: 'broken.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('id,shortcut,title,body.en\nbroken,has space,Broken,Text\n'),
  });
  await cleo.getByText(/^broken\.csv: 0 replies saved\.$/).waitFor();
  await fits(cleo);

  await cleo.locator('.reply-row').first().click();
  await cleo.getByRole('button', { name: 'Delete', exact: true }).click();
  await cleo.getByRole('button', { name: 'Delete it' }).click();
  await cleo.getByText('“Linen bags” is deleted.').waitFor();
  expect(desk.problems).toEqual([]);
});

/** Somebody waits, is taken, and asked how it was. */
async function askedSomebody(page: Page): Promise<void> {
  const visitor = await desk.newVisitor();
  await visitor.send('Is the grey scarf still there?');
  await page.goto(`${desk.demo.origin}/desk/#/queue/${visitor.state.conversation?.id}`);
  await page.getByRole('button', { name: 'Take', exact: true }).click();
  await page.getByRole('button', { name: 'Ask the visitor' }).click();
  await page.getByRole('button', { name: /satisfied/ }).click();
  await log(page).getByText('Asked for feedback').waitFor();
  await page.goto(`${desk.demo.origin}/desk/#/mine`);
}

it.each([
  { width: 1440, height: 900, colorScheme: 'dark' },
  { width: 390, height: 844, colorScheme: 'light' },
  { width: 640, height: 400, colorScheme: 'dark' },
] as const)('has pages that are whole and clean for axe at $width pixels, $colorScheme', async (screen) => {
  const { width, height, colorScheme } = screen;
  const page = await desk.newPage({ viewport: { width, height }, colorScheme });
  await signIn(page, desk.demo, 'cleo@amberandwool.example');
  const go = (name: string) => page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();
  await go('Replies');
  await page.locator('.reply-row').first().waitFor();
  await fits(page);
  await page.locator('.reply-row').first().click();
  await page.getByRole('textbox', { name: 'Shortcut' }).waitFor();
  await fits(page);
  await go('Surveys');
  await page.locator('.survey').first().waitFor();
  await fits(page);
  await askedSomebody(page);
  await go('Surveys');
  await page
    .getByRole('link', { name: /^Asked: \d+\. List them$/ })
    .first()
    .click();
  await page.getByRole('link', { name: 'All surveys' }).waitFor();
  await page.locator('.answer-row').first().waitFor();
  await fits(page);
  await go('Team');
  await page.getByRole('heading', { name: 'What runs' }).waitFor();
  await page.getByText('No hook has failed').waitFor();
  await fits(page);
  expect(desk.problems).toEqual([]);
});

it('keeps results from those who do not lead', async () => {
  const page = await desk.newPage();
  await signIn(page, desk.demo, 'ada@amberandwool.example');
  await page.goto(`${desk.demo.origin}/desk/#/surveys`);
  await page.getByText('Results are for leads.').waitFor();
  expect(await page.getByRole('link', { name: 'Surveys' }).count()).toBe(0);
  expect(desk.problems).toEqual([]);
});
