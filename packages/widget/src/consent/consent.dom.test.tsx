import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Stage, stage } from '../testing/stage.ts';

const asked = {
  version: 'v1',
  text: { en: 'We keep what you write for a year.', lv: 'Mēs glabājam rakstīto gadu.' },
  link: { '': 'https://shop.example/privacy' },
  strict: true,
};
let here: Stage;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(async () => {
  await here.strike();
  vi.useRealTimers();
});

const begin = async (options: Parameters<typeof stage>[1] = {}, meanwhile = async () => {}) => {
  here = await stage((ms) => vi.advanceTimersByTimeAsync(ms), {
    asked,
    ...options,
    server: { consent: 'v1', ...options.server },
  });
  here.panel.open();
  await meanwhile();
  // The texts of its language are fetched.
  await vi.waitFor(
    async () => {
      await here.wait();
      expect(here.find('.agreement')).not.toBeNull();
    },
    { timeout: 20_000 },
  );
};
const box = () => here.find<HTMLInputElement>('input[type=checkbox]')!;
const press = async (text: string) => {
  here
    .findAll('button')
    .find((button) => button.textContent === text)!
    .click();
  await here.wait();
};
/** What the page was told of a connection. */
const lines = () => here.events.filter(([name]) => name === 'connection').length;
const bodies = () => here.server.log(here.conversation(), 'agent').events.map(({ body }) => body);

it('shows the text with its link and a box that nobody ticked, and opens no line', async () => {
  await begin();
  expect(here.find('.agreement')?.textContent).toBe(asked.text.en);
  expect(here.find<HTMLAnchorElement>('.form a')?.href).toBe('https://shop.example/privacy');
  expect(box().checked).toBe(false);
  expect(lines()).toBe(0);
  expect(here.spoken.join()).toContain(asked.text.en);
});

it('says what is missing when somebody goes on without ticking it, and keeps his words', async () => {
  await begin();
  await here.say('Where is my scarf?');
  expect(here.find('[data-wrong]')?.textContent).toContain('We need your consent to go on.');
  expect(here.find<HTMLTextAreaElement>('.composer textarea')?.value).toBe('Where is my scarf?');
  expect(lines()).toBe(0);
});

it('sends what was written as soon as he agrees, with the text he agreed to', async () => {
  await begin();
  await here.say('Where is my scarf?');
  box().click();
  await press('Continue');
  await here.wait(1_000);
  expect(bodies().slice(0, 3)).toMatchObject([
    { kind: 'started' },
    { kind: 'consent', given: true, version: 'v1', language: 'en' },
    { kind: 'message', blocks: [{ text: 'Where is my scarf?' }] },
  ]);
  expect(here.find('.agreement')).toBeNull();
});

it('sends when he agrees also what was sent before anything could be asked', async () => {
  await begin({ failures: 1 }, () => here.say('Where is my scarf?'));
  box().click();
  await press('Continue');
  await here.wait(1_000);
  expect(bodies().at(-1)).toMatchObject({ kind: 'message', blocks: [{ text: 'Where is my scarf?' }] });
});

it('lets him take it back, and asks again before anything else', async () => {
  await begin();
  box().click();
  await press('Continue');
  await here.say('Hello');
  await press('Withdraw my consent');
  await press('Withdraw my consent');
  await here.wait(1_000);
  expect(bodies().at(-1)).toMatchObject({ kind: 'consent', given: false, version: 'v1' });
  expect(here.find('.agreement')).not.toBeNull();
  expect(box().checked).toBe(false);
});

it('keeps the keyboard where it is asked whether he is sure, and says what comes of it', async () => {
  await begin();
  box().click();
  await press('Continue');
  await here.say('Hello');
  const pressed = (text: string) => here.findAll('.withdraw button').find((one) => one.textContent === text)!;
  pressed('Withdraw my consent').focus();
  await press('Withdraw my consent');
  expect(here.host._root.activeElement).toBe(pressed('Not now'));
  const hint = here.find(`#${pressed('Not now').getAttribute('aria-describedby')}`);
  expect(hint?.textContent).toBe('This ends the chat on this device. What was said before stays with us.');
  await press('Not now');
  expect(here.host._root.activeElement).toBe(pressed('Withdraw my consent'));
  await press('Withdraw my consent');
  await press('Withdraw my consent');
  await here.wait(1_000);
  expect(here.find('.agreement')).not.toBeNull();
  expect(here.host._root.activeElement).toBe(here.find('.composer textarea'));
});

it('asks again when the site has another text, and then sends what was refused', async () => {
  await begin({
    askedNext: { ...asked, version: 'v2', text: { en: 'We keep it for two years.' } },
    server: { consent: 'v2' },
  });
  box().click();
  await press('Continue');
  await here.say('Hello');
  await here.wait(1_000);
  expect(here.find('.agreement')?.textContent).toBe('We keep it for two years.');
  box().click();
  await press('Continue');
  await here.wait(1_000);
  expect(bodies()).toMatchObject([{ kind: 'started' }, { kind: 'consent', version: 'v2' }, { kind: 'message' }]);
});

it('asks the site once for what was refused, also when its answer is the same', async () => {
  const askedNext = { ...asked };
  await begin({ askedNext, server: { consent: 'v2' } });
  box().click();
  await press('Continue');
  await here.say('Hello');
  await here.wait(1_000);
  expect(here.find('.agreement')).toBeNull();
  expect(here.find('.meta.failed')?.textContent).toContain('Not sent');
});

it('says nothing in the name of the next visitor, and signs nobody in for him', async () => {
  await begin({ server: { identity: (token) => ({ sub: token, name: 'Mia', email: null }) } });
  const waits = [here.panel.send('From Mia'), here.panel.identify({ token: 'mia' })];
  const ends = waits.map((one) => expect(one).rejects.toMatchObject({ code: 'signed-out' }));
  await here.wait();
  await here.panel.logout();
  await Promise.all(ends);
  box().click();
  await press('Continue');
  await here.say('From Noah');
  expect(here.server.hellos.filter((hello) => 'identity' in hello)).toEqual([]);
  expect(here.server.transcript(here.conversation())).toEqual([{ by: 'visitor', text: 'From Noah' }]);
});

it('does not sign out whoever came while it was being taken back, and asks him', async () => {
  await begin({
    server: { identity: (token) => ({ sub: token, name: token, email: null }) },
    chat: { identity: { token: 'mia' }, transport: 'websocket' },
  });
  box().click();
  await press('Continue');
  await here.say('Hello');
  here.network.mode = 'refused';
  here.network.cut();
  await press('Withdraw my consent');
  await press('Withdraw my consent');
  void here.panel.identify({ token: 'noah' });
  here.network.mode = 'ok';
  await here.wait(20_000);
  expect(here.events.filter(([name]) => name === 'connection').at(-1)?.[1]).toMatchObject({ status: 'online' });
  expect(here.server.hellos.at(-1)).toMatchObject({ identity: 'noah' });
  expect(here.find('.agreement')).not.toBeNull();
});

it('lets a line be open without strictness, and nothing be said', async () => {
  await begin({ asked: { ...asked, strict: false } });
  expect(lines()).toBeGreaterThan(0);
  await here.say('Hello');
  expect(here.server.conversations.size).toBe(0);
});

it('speaks the language of the visitor, where the site does', async () => {
  await begin({ texts: { tag: 'lv', catalogue: undefined } });
  expect(here.find('.agreement')?.textContent).toBe(asked.text.lv);
  expect(here.find('.agreement')?.lang).toBe('lv');
});

it('says in words that something in a message was hidden', async () => {
  await begin();
  box().click();
  await press('Continue');
  await here.say('My card is 4111 1111 1111 1111');
  // The code that hides is fetched for it.
  await vi.waitFor(
    async () => {
      await here.wait();
      expect(here.find('.bubble')?.textContent).toBe('My card is 4111 11•• •••• 1111');
    },
    { timeout: 20_000 },
  );
  expect(here.find('.message.own')?.textContent).toContain('Part of this message was hidden to keep it safe.');
  expect(JSON.stringify(bodies())).not.toContain('1111 1111');
});

describe('a chat that is closed', () => {
  const contact = { phone: '+371 20000000' };
  const shop = { site: 'test', name: 'Shop', madeAt: 0, until: Number.MAX_SAFE_INTEGER, consent: null, contact };
  const door = async () => Response.json({ signed: { payload: btoa(JSON.stringify(shop)), signatures: [] } });

  it('says so before it asks for anything, and opens no line', async () => {
    let isPaused = true;
    here = await stage((ms) => vi.advanceTimersByTimeAsync(ms), {
      ...{ asked, isPaused, sources: { fetch: door } },
      ask: async (model) => {
        model._isPaused.value = isPaused;
      },
    });
    here.panel.open();
    await vi.waitFor(
      async () => {
        await here.wait();
        expect(here.find('.problem a')?.getAttribute('href')).toBe('tel:+37120000000');
      },
      { timeout: 20_000 },
    );
    expect(here.find('.problem')?.textContent).toBe('This chat is closed at the moment.');
    expect(here.find('.agreement')).toBeNull();
    expect(here.find('textarea')).toBeNull();
    expect(lines()).toBe(0);
    // Open again, it is as it would have been.
    isPaused = false;
    await here.wait(11_000);
    expect(here.find('.problem')).toBeNull();
    expect(here.find('.agreement')).not.toBeNull();
    expect(here.find('textarea')).not.toBeNull();
    expect(lines()).toBe(0);
  });

  it('asks for nothing either where the line may be open', async () => {
    here = await stage((ms) => vi.advanceTimersByTimeAsync(ms), {
      asked: { ...asked, strict: false },
      server: { consent: 'v1', siteInfo: { paused: true, contact } },
    });
    here.panel.open();
    await here.wait(2_000);
    expect(here.find('.problem')?.textContent).toBe('This chat is closed at the moment.');
    expect(here.find('.agreement')).toBeNull();
  });
});
