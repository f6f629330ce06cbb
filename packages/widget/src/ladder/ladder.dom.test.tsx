import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Stage, stage } from '../testing/stage.ts';

const contact = { phone: '+371 20000000', email: 'help@shop.example', url: 'https://shop.example/help' };
const shop = { site: 'test', name: 'Shop', madeAt: 0, until: Number.MAX_SAFE_INTEGER, consent: null, contact };
const heard = (value: object) => ({
  payload: btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
  signatures: [],
});
/** What the browser kept of the relay's last answer. */
const kept =
  (value: object = shop) =>
  async () =>
    Response.json({ consent: null, signed: heard(value) });
const nothing = async () => {
  throw new TypeError('Failed to fetch');
};
const sources = (fetch: () => Promise<Response> = kept()) => ({ fetch: fetch as typeof globalThis.fetch });

let here: Stage;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(async () => {
  await here.strike();
  vi.useRealTimers();
});
const begin = async (options: Parameters<typeof stage>[1] = {}) => {
  here = await stage((ms) => vi.advanceTimersByTimeAsync(ms), {
    sources: sources(),
    // The other way, over HTTP, is not cut with this one.
    chat: { transport: 'websocket' },
    ...options,
  });
  here.panel.open();
  await here.wait();
};
const ladder = () => here.find('.ladder');
const addresses = () => here.findAll('.ladder a').map((way) => way.getAttribute('href'));
const field = () => here.find<HTMLTextAreaElement>('.composer textarea')!;
/** What was kept is looked up meanwhile. */
const shown = () =>
  vi.waitFor(
    async () => {
      await here.wait(0);
      expect(ladder()).not.toBeNull();
    },
    { timeout: 20_000 },
  );
const cut = async (ms: number) => {
  here.network.mode = 'refused';
  here.network.cut();
  await here.wait(ms);
};
const offline = async () => {
  await cut(7_000);
  await shown();
};

describe('a relay that cannot be reached', () => {
  it('is not worth a word for the first seconds, and then other ways are offered in their order', async () => {
    await begin();
    await cut(5_000);
    expect(ladder()).toBeNull();
    await here.wait(3_000);
    await shown();
    expect(ladder()?.textContent).toContain('The chat cannot be reached at the moment. Leave your message here');
    expect(addresses()).toEqual([
      'tel:+37120000000',
      'mailto:help@shop.example?subject=Shop',
      'https://shop.example/help',
    ]);
    expect(here.findAll('.composer textarea')).toHaveLength(1);
  });

  it('is announced once, also to somebody who closes the panel and opens it again', async () => {
    await begin();
    await offline();
    here.panel.close();
    await here.wait();
    here.panel.open();
    await here.wait(20_000);
    const said = here.spoken.filter((text) => text.includes('cannot be reached'));
    expect(said).toEqual([
      'The chat cannot be reached at the moment. Leave your message here: it is kept, and goes out as soon as the chat is back. ' +
        'You can reach us here: +371 20000000, help@shop.example, https://shop.example/help',
    ]);
  });

  it('is forgotten when the line is there again, and whoever was there by keyboard goes on writing', async () => {
    await begin();
    await offline();
    here.find('.ladder a')!.focus();
    here.network.mode = 'ok';
    await here.wait(40_000);
    expect(ladder()).toBeNull();
    expect(here.host.shadowRoot?.activeElement).toBe(field());
  });

  it('keeps what is typed, gives it to the mail program, and gets it once', async () => {
    await begin();
    await offline();
    await here.say('Where is my "scarf" & hat?\nNumber 7');
    field().value = 'And the gloves';
    field().dispatchEvent(new Event('input', { bubbles: true }));
    await here.wait();
    const mail = new URL(addresses()[1] ?? '');
    expect(mail.pathname).toBe('help@shop.example');
    expect(mail.searchParams.get('body')).toBe('Where is my "scarf" & hat?\r\nNumber 7\r\n\r\nAnd the gloves');
    here.network.mode = 'ok';
    await here.wait(40_000);
    const { events } = here.server.log(here.conversation(), 'agent');
    expect(events.filter(({ body }) => body.kind === 'message')).toHaveLength(1);
    expect(field().value).toBe('And the gloves');
  });

  it('cuts what goes to the mail program to what mail programs take, between letters', async () => {
    await begin();
    await offline();
    field().value = '🧣'.repeat(1_200);
    field().dispatchEvent(new Event('input', { bubbles: true }));
    await here.wait();
    expect(new URL(addresses()[1] ?? '').searchParams.get('body')).toBe('🧣'.repeat(1_000));
  });

  it('is said in words alone where nobody says how else to reach the site', async () => {
    await begin({ sources: sources(nothing) });
    await offline();
    expect(ladder()?.textContent).toMatch(/back\.$/);
    expect(addresses()).toEqual([]);
  });

  it('gets no way from an answer that is of another site, too old, or no answer', async () => {
    for (const fetch of [
      kept({ ...shop, site: 'pk_other' }),
      kept({ ...shop, until: 1 }),
      async () => new Response('<!doctype html><h1>Log in to the network</h1><script>portal = 1</script>'),
    ]) {
      await begin({ sources: sources(fetch) });
      await offline();
      expect(ladder()).not.toBeNull();
      expect(addresses()).toEqual([]);
      expect(here.host._root.textContent).not.toContain('Log in');
      await here.strike();
    }
    await begin();
  });

  it('leads nowhere it should not, whatever stands in what was kept', async () => {
    const bad = { url: 'javascript:alert(1)', email: { toString: () => 'x' }, fax: '1', phone: '1<img src=x>' };
    await begin({ sources: sources(kept({ ...shop, contact: bad })) });
    await offline();
    expect(addresses()).toEqual(['tel:1']);
    expect(ladder()?.querySelector('img')).toBeNull();
    expect(ladder()?.textContent).toContain('javascript:alert(1)');
  });

  it('takes what the open chat knows before anything that was kept', async () => {
    const fetch = vi.fn(kept());
    await begin({ sources: sources(fetch), server: { siteInfo: { contact: { email: 'live@shop.example' } } } });
    await offline();
    expect(addresses()).toEqual(['mailto:live@shop.example?subject=Shop']);
    expect(fetch).not.toHaveBeenCalled();
  });

  it('leaves nothing when it is destroyed', async () => {
    await begin();
    await offline();
    await here.panel._destroy();
    expect(here.host._root.adoptedStyleSheets).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('is seen before the chat itself could be fetched, and what was sent meanwhile goes out by itself', async () => {
  await begin({ failures: 3 });
  await here.say('Hello?');
  await here.wait(2_500);
  expect(ladder()).toBeNull();
  await here.strike();
  await begin({ failures: 100 });
  await here.wait(8_000);
  await shown();
  expect(addresses()).toHaveLength(3);
});

it('says nothing in a chat that nobody wanted yet', async () => {
  here = await stage((ms) => vi.advanceTimersByTimeAsync(ms), { sources: sources(), attributes: { mode: 'inline' } });
  await here.wait(20_000);
  expect(ladder()).toBeNull();
});

describe('before consent', () => {
  const asked = { version: 'v1', text: { en: 'We keep what you write.' }, link: {}, strict: true };
  const strict = { asked, server: { consent: 'v1' } };

  it('the ways are shown when the door is closed, without a line, and it is knocked at until it opens', async () => {
    let isOpen = false;
    const ask = vi.fn(nothing);
    ask.mockImplementation(async () => {
      if (!isOpen) throw new TypeError('Failed to fetch');
      return undefined as never;
    });
    await begin({ ...strict, ask, isSilent: true });
    await here.wait(8_000);
    await shown();
    expect(addresses()).toHaveLength(3);
    // What he writes waits for his consent, not only for the line.
    expect(ladder()?.textContent).not.toContain('Leave your message');
    expect(here.events.filter(([name]) => name === 'connection')).toEqual([]);
    isOpen = true;
    await here.wait(12_000);
    expect(ask).toHaveBeenCalled();
  });

  it('nothing is shown while the relay is there', async () => {
    await begin(strict);
    await here.wait(20_000);
    expect(ladder()).toBeNull();
  });
});
