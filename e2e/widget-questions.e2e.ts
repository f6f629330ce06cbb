import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Agent, createAgent, type FormDefinition, type OutgoingBlock } from '@sveiki/sdk/agent';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumLaunch } from '../tools/browser.mjs';
import { type WidgetUnderTest, widgetUnderTest } from './widget-under-test.ts';

/* Forms, surveys and bots in the built widget: by keyboard alone, under the strictest policy, with the SDK's fake relay behind a real socket. */
const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const about: FormDefinition = {
  id: 'about',
  purpose: 'pre-chat',
  title: 'Before we begin',
  fields: [
    {
      id: 'topic',
      kind: 'select',
      label: 'Topic',
      required: true,
      options: [
        { value: 'order', label: 'An order' },
        { value: 'other', label: 'Something else' },
      ],
    },
    {
      id: 'order',
      kind: 'text',
      label: 'Order',
      required: true,
      pattern: 'AW-####',
      when: { field: 'topic', op: 'is', value: 'order' },
    },
    { id: 'ok', kind: 'consent', label: 'I agree', policy: 'https://example.com/privacy' },
  ],
};
const csat: FormDefinition = {
  id: 'csat',
  purpose: 'post-chat',
  title: 'How did we do?',
  fields: [
    { id: 'score', kind: 'rating', scale: 'csat', label: 'Our help', required: true },
    { id: 'comment', kind: 'textarea', label: 'What should we know?' },
  ],
};
const all: FormDefinition = {
  id: 'all',
  purpose: 'in-chat',
  title: 'Everything',
  fields: [
    { id: 'head', kind: 'header', label: 'About the parcel', help: 'A line of help.' },
    { id: 'why', kind: 'radio', label: 'Why?', options: ['x', 'y'].map((value) => ({ value, label: value })) },
    { id: 'what', kind: 'multi-select', label: 'What?', options: ['a', 'b'].map((value) => ({ value, label: value })) },
    { id: 'day', kind: 'date', label: 'When?', help: 'About.' },
    { id: 'count', kind: 'number', label: 'How many?', required: true },
    { id: 'mail', kind: 'email', label: 'E-mail' },
    { id: 'likely', kind: 'rating', scale: 'nps', label: 'Likely?', low: 'No', high: 'Yes' },
    { id: 'helped', kind: 'rating', scale: 'thumbs', label: 'Helped?' },
    { id: 'news', kind: 'checkbox', label: 'Write to me' },
  ],
};
const policy = [
  "default-src 'none'",
  "script-src 'nonce-%NONCE%' 'strict-dynamic'",
  'connect-src %ORIGIN% ws://127.0.0.1:*',
  "trusted-types 'none'",
  "require-trusted-types-for 'script'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

let widget: WidgetUnderTest;
let browser: Browser;
let helper: Agent;
const open: Page[] = [];
const problems: string[] = [];

beforeAll(async () => {
  widget = await widgetUnderTest({
    bots: [{ id: 'helper', name: 'Helper' }],
    firstBot: 'helper',
    forms: [all],
    surveys: [{ id: 'csat', kind: 'csat', form: csat }],
  });
  browser = await chromium.launch(await chromiumLaunch());
  helper = createAgent({ server: widget.origin, getTicket: async () => widget.relay.ticket('helper') });
  await helper.connect();
});
afterAll(async () => {
  await helper.destroy();
  await browser.close();
  await widget.stop();
});
afterEach(async () => {
  for (const page of open.splice(0)) {
    problems.push(...(await page.evaluate(() => (window as unknown as { violations: string[] }).violations)));
    await page.context().close();
  }
  expect(problems.splice(0)).toEqual([]);
});

async function visit(context: BrowserContextOptions = {}, attributes = ''): Promise<Page> {
  const visitor = await browser.newContext({
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    ...context,
  });
  visitor.setDefaultTimeout(60_000);
  const page = await visitor.newPage();
  open.push(page);
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.addInitScript(() => {
    const violations: string[] = [];
    Object.assign(window, { violations });
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, sourceFile, lineNumber }) =>
      violations.push(`${violatedDirective} ${sourceFile}:${lineNumber}`),
    );
  });
  await page.goto(
    widget.page({
      policy,
      attributes: 'none',
      head: `<script async nonce="%NONCE%" src="/widget/widget.js" data-site="pk_shop_test" ${attributes}></script>`,
    }),
  );
  return page;
}
const composer = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });
const log = (page: Page) => page.getByRole('log');
async function openChat(page: Page): Promise<void> {
  await page.getByRole('button', { name: /chat/i }).click();
  await composer(page).waitFor();
}
let count = 0;
/** Somebody writes, and the bot has it. */
async function meet(page: Page): Promise<string> {
  await openChat(page);
  const words = `Question ${++count}`;
  await page.keyboard.type(words);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Talk to a person' }).waitFor();
  return [...widget.relay.conversations.keys()].find((id) =>
    widget.relay.transcript(id).some(({ text }) => text === words),
  )!;
}
const say = (id: string, ...blocks: OutgoingBlock[]) => helper.send(id, blocks);
const answered = (id: string) =>
  widget.relay.log(id, 'agent').events.flatMap(({ body }) => (body.kind === 'answered' ? [body] : []));
const focusedName = (page: Page) =>
  page.evaluate(() => {
    const focused = document.querySelector('sveiki-chat')?.shadowRoot?.activeElement;
    return focused?.getAttribute('aria-label') ?? focused?.textContent ?? '';
  });
/** Axe, put in past the page's policy. */
async function check(page: Page, what: string): Promise<void> {
  await page.evaluate(() =>
    Promise.all(
      document
        .querySelector('sveiki-chat')!
        .shadowRoot!.getAnimations()
        .map((one) => one.effect?.getComputedTiming().iterations === 1 && one.finished),
    ),
  );
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: `${axe}; 0` });
  const found = await page.evaluate(async () => {
    const { violations } = await (
      window as unknown as {
        axe: {
          run(o: object): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
        };
      }
    ).axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`,
    );
  });
  expect(found, what).toEqual([]);
}

describe('by keyboard alone', () => {
  it('fills in what comes before the first message, and sends both', async () => {
    widget.relay.changeSite({ preChat: about });
    try {
      const page = await visit();
      await openChat(page);
      await page.getByRole('heading', { name: 'Before we begin' }).waitFor();
      await page.keyboard.type('Where is it?');
      await page.keyboard.press('Enter');
      const topic = page.getByRole('combobox', { name: 'Topic' });
      await expect.poll(() => topic.evaluate((field) => field.matches(':focus'))).toBe(true);
      await check(page, 'a wrong field');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Tab');
      await page.keyboard.type('1042');
      await page.keyboard.press('Enter');
      const order = page.getByRole('textbox', { name: 'Order' });
      await expect.poll(() => order.getAttribute('aria-invalid')).toBe('true');
      await page.locator('.before').getByText('Write it like AW-1234.').waitFor();
      await page.reload();
      await openChat(page);
      await expect.poll(() => order.inputValue()).toBe('1042');
      await order.fill('AW-1042');
      await order.press('Enter');
      await log(page).getByText('Where is it?').waitFor();
      const id = [...widget.relay.conversations.keys()].at(-1)!;
      await expect
        .poll(() => answered(id).map(({ answers }) => answers))
        .toEqual([{ topic: 'order', order: 'AW-1042', ok: false }]);
    } finally {
      widget.relay.changeSite({ preChat: undefined as never });
    }
  });

  it('takes a quick reply, and is in the conversation afterwards', async () => {
    const page = await visit();
    const id = await meet(page);
    await say(id, {
      kind: 'quick-replies',
      text: 'What is it about?',
      replies: [{ text: 'An order' }, { text: 'A return' }],
    });
    await page.getByRole('list', { name: 'Suggested answers' }).waitFor();
    expect(await composer(page).evaluate((field) => field.matches(':focus'))).toBe(true);
    await check(page, 'quick replies');
    await page.keyboard.press('Shift+Tab');
    await expect.poll(() => focusedName(page)).toBe('A return');
    await page.keyboard.press('Enter');
    await expect.poll(() => widget.relay.transcript(id).at(-1)).toEqual({ by: 'visitor', text: 'A return' });
    await expect.poll(() => log(page).evaluate((list) => list.matches(':focus'))).toBe(true);
  });

  it('rates, says why, and changes nothing twice', async () => {
    const page = await visit();
    const id = await meet(page);
    widget.relay.agent('helper').ask(id, 'csat');
    await page.getByRole('radiogroup', { name: 'Our help' }).waitFor();
    expect(await composer(page).evaluate((field) => field.matches(':focus'))).toBe(true);
    await check(page, 'a survey');
    await page.keyboard.press('Shift+Tab');
    await expect.poll(() => focusedName(page)).toBe('Not now');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => focusedName(page)).toBe('4 of 5, Good');
    await expect.poll(() => answered(id)).toMatchObject([{ answers: { score: 4 }, final: false }]);
    await check(page, 'a rated survey');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Quick and kind.');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await log(page).getByText('Thank you for your answer. 4 of 5, Good.').waitFor();
    await expect
      .poll(() => answered(id).filter(({ final }) => final))
      .toMatchObject([{ answers: { score: 4, comment: 'Quick and kind.' } }]);
  });

  it('asks for a person, sees the wait, and goes back', async () => {
    const page = await visit();
    const id = await meet(page);
    const ask = page.getByRole('button', { name: 'Talk to a person' });
    await ask.focus();
    await page.keyboard.press('Enter');
    await page.locator('.person').getByText('You are waiting for a person.').waitFor();
    await page
      .locator('.person')
      .getByText(/You are next|ahead of you/)
      .waitFor();
    await expect.poll(() => widget.relay.log(id, 'visitor').state?.handoff?.state).toBe('requested');
    await check(page, 'waiting for a person');
    await page.keyboard.press('Tab');
    await expect.poll(() => focusedName(page)).toBe('Stop waiting');
    await page.keyboard.press('Enter');
    await ask.waitFor();
    await expect.poll(() => widget.relay.log(id, 'visitor').state?.owner?.id).toBe('helper');
  });

  it('decides what a bot may do on the page', async () => {
    const page = await visit();
    await page.evaluate(() =>
      (window as unknown as { Sveiki: { addTool(tool: object): void } }).Sveiki.addTool({
        name: 'show-cart',
        description: 'Show your cart',
        handler: () => ({ items: 2 }),
      }),
    );
    const id = await meet(page);
    const called = widget.relay.agent('helper').callTool(id, 'show-cart', { order: 'AW-1042' });
    await page.locator('.consent').getByText('Helper · bot asks to do this on the page: Show your cart').waitFor();
    expect(await composer(page).evaluate((field) => field.matches(':focus'))).toBe(true);
    await check(page, 'consent');
    await page.keyboard.press('Shift+Tab');
    await expect.poll(() => focusedName(page)).toBe('Not now');
    await page.keyboard.press('Shift+Tab');
    await expect.poll(() => focusedName(page)).toBe('Allow');
    await page.keyboard.press('Enter');
    expect(await called).toEqual({ outcome: 'done', output: { items: 2 } });
  });
});

describe.each([
  ['light', 390],
  ['dark', 1280],
] as const)('%s, %d wide', (colorScheme, width) => {
  it('axe finds nothing in a form with every kind of field, nor in a card', async () => {
    const page = await visit({ colorScheme, viewport: { width, height: 844 } });
    const id = await meet(page);
    await say(id, {
      kind: 'card',
      text: 'Order AW-1042 is on its way.',
      title: 'Order AW-1042',
      facts: [{ label: 'Carrier', value: 'Omniva' }],
      actions: [
        { kind: 'link', label: 'Follow it', href: 'https://example.com/track' },
        { kind: 'reply', label: 'Change the address' },
      ],
    });
    await page.getByRole('article', { name: 'Order AW-1042' }).waitFor();
    await check(page, 'a card');
    widget.relay.agent('helper').ask(id, 'all');
    await page.getByRole('heading', { name: 'Everything' }).waitFor();
    await check(page, 'a form');
    const small = await page
      .locator('.asked')
      .locator('button, select, input:not([type=checkbox], [type=radio]), label.tick, label.point')
      .evaluateAll((targets) =>
        targets
          .map((target) => target.getBoundingClientRect())
          .filter(({ height }) => height < 44)
          .map(({ height }) => height),
      );
    expect(small).toEqual([]);
    const overflow = await page.evaluate(() => {
      const list = document.querySelector('sveiki-chat')!.shadowRoot!.querySelector('[role=log]')!;
      return list.scrollWidth - list.clientWidth;
    });
    expect(overflow).toBe(0);
  });
});

it('grows a long reply without moving its first line, or what somebody reads above it', async () => {
  const page = await visit();
  const id = await meet(page);
  const bot = widget.relay.agent('helper');
  for (let i = 0; i < 12; i++) bot.say(id, `Line ${i} of the story`);
  await log(page).getByText('Line 11').waitFor();
  const lines = (n: number) => Array.from({ length: n }, (_, i) => `Word ${i}`).join('\n');
  const topOf = (text: string) =>
    log(page)
      .getByText(text, { exact: false })
      .first()
      .evaluate((line) => line.getBoundingClientRect().top);
  const scrolls = () => log(page).evaluate((list) => list.scrollTop);
  bot.stream(id, 'message-0001', lines(60));
  await log(page).getByText('Word 59').waitFor();
  const listTop = await log(page).evaluate((list) => list.getBoundingClientRect().top);
  expect((await topOf('Word 0')) - listTop).toBeLessThan(60);
  expect((await topOf('Word 0')) - listTop).toBeGreaterThanOrEqual(0);
  const place = await scrolls();
  bot.stream(id, 'message-0001', lines(90));
  await log(page).getByText('Word 89').waitFor();
  expect(await scrolls()).toBe(place);
  await log(page).evaluate((list) => list.scrollTo(0, 0));
  bot.stream(id, 'message-0001', lines(120));
  await log(page).getByText('Word 119').waitFor();
  expect(await scrolls()).toBe(0);
});

it('keeps an answer over a reload without a relay', async () => {
  const page = await visit();
  const id = await meet(page);
  widget.relay.agent('helper').ask(id, 'csat');
  await page.getByRole('radiogroup', { name: 'Our help' }).waitFor();
  widget.down();
  try {
    await page.getByRole('radio', { name: '5 of 5, Very good' }).click();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText(/It will go out when you are back/).waitFor();
    await page.reload();
  } finally {
    widget.up();
  }
  await expect
    .poll(() => answered(id).filter(({ final }) => final), { timeout: 20_000 })
    .toMatchObject([{ answers: { score: 5 } }]);
});

it('fetches nothing of all this for somebody who needs none of it', async () => {
  const page = await visit();
  const fetched: string[] = [];
  page.on('request', (request) => fetched.push(new URL(request.url()).pathname.replace(/-\w+\.js$/, '')));
  await openChat(page);
  await page.keyboard.type('Good morning');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Talk to a person' }).waitFor();
  expect(fetched.filter((path) => path.includes('questions'))).toEqual([]);
  expect(fetched.filter((path) => path.includes('helper'))).toHaveLength(1);
});
