import { LIMITS } from '@sveiki/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Chat } from '../host/types.ts';
import { type Pair, pair } from '../testing/pair.ts';

let at: Pair;
let chat: Chat;
beforeEach(async () => {
  at = await pair();
  await at.agent.destroy();
  await at.chat.destroy();
  await at.clock.advance(1_000);
  at.network.traffic.length = 0;
  chat = at.newChat();
});
afterEach(async () => {
  await at.destroy();
  await at.clock.settle();
  expect({ lines: at.network.open, streams: at.http.open, timers: at.clock.waiting }).toEqual({
    lines: 0,
    streams: 0,
    timers: 0,
  });
});

const texts = () =>
  [...at.server.conversations.keys()].flatMap((id) => at.server.transcript(id).map(({ text }) => text));
const status = () => chat.state.connection.status;

describe('a lost line', () => {
  it('comes back by itself, later after every failure', async () => {
    chat.connect();
    await at.clock.advance(2_000);
    at.network.mode = 'refused';
    at.http.mode = 'refused';
    at.network.cut();
    const delays: number[] = [];
    let tried = at.network.tried;
    let last = at.clock.now();
    chat.subscribe(() => {
      const { connection } = chat.state;
      if (connection.status === 'reconnecting') delays.push(connection.retryAt - at.clock.now());
    });
    await at.clock.advance(120_000);
    tried = at.network.tried - tried;
    last = at.clock.now() - last;
    // random() is 0.5: half of 500, 1000, 2000 … 20,000 ms.
    expect(delays.slice(0, 6)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000]);
    expect(Math.max(...delays)).toBe(10_000);
    at.network.mode = 'ok';
    at.http.mode = 'ok';
    await at.clock.advance(20_000);
    expect(status()).toBe('online');
  });

  it('does not come back in a hurry when each line dies right after its welcome', async () => {
    chat.connect();
    at.network.meddle = (text, direction) => {
      if (direction === 'down' && text.includes('"welcome"')) at.clock.after(10, () => at.network.cut());
      return [text];
    };
    await at.clock.advance(60_000);
    expect(at.network.tried).toBeLessThan(15);
  });

  it('waits as long as the relay asked for before a planned stop', async () => {
    chat.connect();
    await at.clock.advance(2_000);
    at.server.restart({ afterMs: 8_000 });
    await at.clock.advance(100);
    expect(chat.state.connection).toMatchObject({ status: 'reconnecting' });
    await at.clock.advance(3_000);
    expect(status()).toBe('reconnecting');
    await at.clock.advance(2_000);
    expect(status()).toBe('online');
  });

  it('is noticed when nothing is heard for a heartbeat and its grace', async () => {
    void chat.send('Hello');
    await at.clock.advance(1_000);
    const tried = at.network.tried;
    at.network.stall('down');
    await at.clock.advance(LIMITS.heartbeatMs + LIMITS.heartbeatGraceMs - 2_000);
    expect(at.network.tried).toBe(tried);
    at.clock.after(3_000, () => at.network.flow());
    await at.clock.advance(5_000);
    expect(at.network.tried).toBe(tried + 1);
    expect(status()).toBe('online');
  });

  it('is no matter while the relay pings', async () => {
    chat.connect();
    await at.clock.advance(600_000);
    expect(at.server.lines).toBe(1);
    expect(at.network.traffic.filter(({ text }) => text.includes('"hello"'))).toHaveLength(1);
    expect(at.network.traffic.filter(({ text }) => text === '{"type":"pong"}').length).toBeGreaterThan(20);
  });

  it.each([
    ['before the relay got it', 'up'],
    ['before the ack came back', 'down'],
  ] as const)('takes no message with it when cut %s', async (_when, direction) => {
    void chat.send('One');
    await at.clock.advance(1_000);
    at.network.stall(direction);
    void chat.send('Two');
    void chat.send('Three');
    await at.clock.advance(100);
    at.network.cut();
    at.network.flow();
    await at.clock.advance(60_000);
    expect(texts()).toEqual(['One', 'Two', 'Three']);
    expect(chat.state.entries.map(({ delivery }) => delivery)).toEqual([null, 'sent', 'sent', 'sent']);
  });

  it.each([1, 2, 3, 4, 5])('stores a message once that is sent %i times', async (times) => {
    chat.connect();
    await at.clock.advance(1_000);
    at.network.meddle = (text, direction) =>
      direction === 'down' && /"type":"(ack|event|events|snapshot)"/.test(text) ? [] : [text];
    void chat.send('Hello');
    for (let i = 1; i < times; i++) {
      await at.clock.advance(1_500);
      at.network.cut();
    }
    await at.clock.advance(1_500);
    at.network.meddle = null;
    at.network.cut();
    await at.clock.advance(30_000);
    expect(texts()).toEqual(['Hello']);
    expect(chat.state.entries.map(({ delivery }) => delivery)).toEqual([null, 'sent']);
  });

  it('has at most sixteen messages without an answer', async () => {
    chat.connect();
    await at.clock.advance(1_000);
    at.network.stall('down');
    for (let i = 0; i < 40; i++) void chat.send(`Message ${i}`);
    await at.clock.advance(100);
    expect(at.network.traffic.filter(({ text }) => text.includes('"send"'))).toHaveLength(LIMITS.maxUnacked);
    at.network.flow();
    await at.clock.advance(2_000);
    expect(texts()).toEqual(Array.from({ length: 40 }, (_, i) => `Message ${i}`));
  });
});

describe('holes and repetitions', () => {
  it('are healed with one question, in order', async () => {
    void chat.send('Hello');
    await at.clock.advance(1_000);
    const id = chat.state.conversation?.id ?? '';
    at.server.agent('ada').take(id);
    await at.clock.advance(100);
    let seen = 0;
    at.network.meddle = (text, direction) =>
      direction === 'down' && text.includes('"event"') && ++seen < 3 ? [] : [text, text];
    for (const text of ['One', 'Two', 'Three', 'Four']) at.server.agent('ada').say(id, text);
    await at.clock.advance(1_000);
    expect(at.network.traffic.filter(({ text }) => text.includes('"get-events"')).length).toBeLessThanOrEqual(2);
    expect(chat.state.entries.map(({ event }) => event)).toEqual(at.server.log(id, 'visitor').events);
  });

  it('are found at the end by the heartbeat', async () => {
    void chat.send('Hello');
    await at.clock.advance(1_000);
    const id = chat.state.conversation?.id ?? '';
    at.network.meddle = (text, direction) => (direction === 'down' && text.includes('"event"') ? [] : [text]);
    at.server.agent('ada').take(id);
    at.server.agent('ada').say(id, 'Anybody there?');
    await at.clock.advance(1_000);
    expect(chat.state.unread).toBe(0);
    await at.clock.advance(LIMITS.heartbeatMs);
    expect(chat.state.unread).toBe(1);
  });

  it('heal in pages when much is missing', async () => {
    void chat.send('Hello');
    await at.clock.advance(1_000);
    const id = chat.state.conversation?.id ?? '';
    at.network.meddle = (text, direction) => (direction === 'down' && text.includes('"event"') ? [] : [text]);
    at.server.agent('ada').take(id);
    for (let i = 0; i < 180; i++) at.server.agent('ada').say(id, `Answer ${i}`);
    await at.clock.advance(100);
    at.network.meddle = null;
    at.server.agent('ada').say(id, 'And that was all');
    await at.clock.advance(1_000);
    expect(chat.state.entries).toHaveLength(184);
    expect(chat.state.conversation).toEqual(at.server.log(id, 'visitor').state);
  });

  it('resume with what is missing after a break, and drop the local copy when that is too much', async () => {
    void chat.send('Hello');
    await at.clock.advance(1_000);
    const id = chat.state.conversation?.id ?? '';
    at.server.agent('ada').take(id);
    const resume = async (count: number) => {
      at.network.mode = 'refused';
      at.http.mode = 'refused';
      at.network.cut();
      for (let i = 0; i < count; i++) at.server.agent('ada').say(id, `Answer ${i}`);
      await at.clock.advance(100);
      at.network.mode = 'ok';
      at.http.mode = 'ok';
      await at.clock.advance(30_000);
    };
    await resume(400);
    expect(chat.state.entries).toHaveLength(403);
    expect(chat.state.hasOlder).toBe(false);
    await resume(501);
    expect(chat.state.entries).toHaveLength(LIMITS.defaultPageEvents);
    expect(chat.state.hasOlder).toBe(true);
    expect(chat.state.conversation).toEqual(at.server.log(id, 'visitor').state);
  });
});

describe('a network without WebSockets', () => {
  it.each(['refused', 'silent', 'lost'] as const)('(%s) is spoken to over HTTP within ten seconds', async (mode) => {
    at.network.mode = mode;
    const sent = chat.send('Hello');
    await at.clock.advance(10_000);
    expect(chat.state.connection).toEqual({ status: 'online', via: 'http' });
    await sent;
    const id = chat.state.conversation?.id ?? '';
    at.server.agent('ada').take(id);
    at.server.agent('ada').say(id, 'Ünïcode, “quotes”\nand lines 🧣');
    await at.clock.settle();
    expect(chat.state.entries.at(-1)?.event?.body).toMatchObject({
      blocks: [{ text: 'Ünïcode, “quotes”\nand lines 🧣' }],
    });
    expect(chat.state.unread).toBe(1);
  });

  it('is remembered for ten minutes, also by the next page', async () => {
    at.network.mode = 'refused';
    void chat.send('Hello');
    await at.clock.advance(10_000);
    await chat.destroy();
    const tried = at.network.tried;
    chat = at.newChat();
    chat.connect();
    await at.clock.advance(100);
    expect(chat.state.connection).toEqual({ status: 'online', via: 'http' });
    expect(at.network.tried).toBe(tried);
    at.network.mode = 'ok';
    await at.clock.advance(300_000);
    at.http.cut();
    await at.clock.advance(10_000);
    // A line that breaks and comes back by HTTP meanwhile does not begin them anew.
    expect(chat.state.connection).toEqual({ status: 'online', via: 'http' });
    await at.clock.advance(290_000);
    at.http.cut();
    await at.clock.advance(10_000);
    expect(chat.state.connection).toEqual({ status: 'online', via: 'websocket' });
  });

  it('loses nothing when the stream breaks', async () => {
    at.network.mode = 'refused';
    void chat.send('One');
    await at.clock.advance(10_000);
    at.http.cut();
    void chat.send('Two');
    await at.clock.advance(10_000);
    expect(texts()).toEqual(['One', 'Two']);
    expect(chat.state.entries.at(-1)?.delivery).toBe('sent');
  });

  it('sends many long messages in requests the relay takes', async () => {
    at.network.mode = 'refused';
    const long = 'ш'.repeat(8_000);
    for (let i = 0; i < 20; i++) void chat.send(`${i} ${long}`);
    await at.clock.advance(20_000);
    expect(texts()).toHaveLength(20);
  });

  it('is not fallen back to when it was ruled out', async () => {
    await chat.destroy();
    at.network.mode = 'refused';
    chat = at.newChat({ transport: 'websocket' });
    chat.connect();
    await at.clock.advance(60_000);
    expect(at.http.open).toBe(0);
    expect(status()).toBe('reconnecting');
  });

  it('is the only one used when it was asked for', async () => {
    await chat.destroy();
    const tried = at.network.tried;
    chat = at.newChat({ transport: 'http' });
    chat.connect();
    await at.clock.advance(100);
    expect(chat.state.connection).toEqual({ status: 'online', via: 'http' });
    expect(at.network.tried).toBe(tried);
  });

  it('hears why a stream was closed, and does not come back when it makes no sense', async () => {
    const strict = await pair({ identityRequired: true });
    const refused = strict.newChat({ storage: 'memory', transport: 'http' });
    refused.connect();
    await strict.clock.advance(1_000);
    expect(refused.state).toMatchObject({ connection: { status: 'closed' }, problem: { code: 'identity-required' } });
    await strict.destroy();
  });

  it('waits as long as the relay says when it is asked too often', async () => {
    at.network.mode = 'refused';
    at.http.mode = 'busy';
    chat.connect();
    await at.clock.advance(3_000);
    at.http.mode = 'ok';
    at.network.mode = 'ok';
    const { tried } = at.network;
    await at.clock.advance(3_000);
    expect({ tried: at.network.tried, status: status() }).toEqual({ tried, status: 'reconnecting' });
    await at.clock.advance(20_000);
    expect(status()).toBe('online');
  });

  it('takes a portal that leads elsewhere for being offline, and does not follow it', async () => {
    await chat.destroy();
    const followed: unknown[] = [];
    const fetch = async (_input: unknown, init?: RequestInit): Promise<Response> => {
      if (init?.redirect !== 'manual') followed.push(init?.body);
      return new Response(null, { status: 307, headers: { location: 'http://login.example/' } });
    };
    chat = at.newChat({ transport: 'http', fetch });
    void chat.send('Hello');
    await at.clock.advance(5_000);
    expect([status(), followed]).toEqual(['offline', []]);
  });

  it('takes a captive portal for being offline, and its page for nothing', async () => {
    at.network.mode = 'refused';
    at.http.mode = 'portal';
    void chat.send('Hello');
    await at.clock.advance(5_000);
    expect(status()).toBe('offline');
    expect(chat.state.problem).toBeNull();
    expect(chat.state.entries).toMatchObject([{ delivery: 'sending' }]);
    at.network.mode = 'ok';
    at.http.mode = 'ok';
    await at.clock.advance(60_000);
    expect(texts()).toEqual(['Hello']);
  });

  it('does not believe in blocked WebSockets while nothing works', async () => {
    at.network.mode = 'refused';
    at.http.mode = 'refused';
    chat.connect();
    await at.clock.advance(60_000);
    at.network.mode = 'ok';
    at.http.mode = 'ok';
    await at.clock.advance(40_000);
    expect(status()).toBe('online');
    await chat.destroy();
    chat = at.newChat();
    const { tried } = at.network;
    chat.connect();
    await at.clock.advance(100);
    expect(at.network.tried).toBeLessThanOrEqual(tried + 1);
  });
});

describe('a relay that says no', () => {
  it.each([
    ['a wrong key', { site: 'pk_nobody' }, 'bad-site'],
    ['no identity where one is needed', {}, 'identity-required'],
  ] as const)('(%s) ends it, and the screen can say why', async (_what, options, code) => {
    const strict = await pair({ identityRequired: true });
    const refused = strict.newChat({ storage: 'memory', ...options });
    const errors: string[] = [];
    refused.on('error', (error) => errors.push(error.code));
    refused.connect();
    await strict.clock.advance(1_000);
    expect(refused.state.connection).toEqual({ status: 'closed' });
    expect(refused.state.problem).toMatchObject({ code, retryable: false });
    expect(errors).toEqual([code]);
    const { tried } = strict.network;
    await strict.clock.advance(120_000);
    expect(strict.network.tried).toBe(tried);
    await strict.destroy();
  });

  it.each([
    ['under way', false],
    ['made afterwards', true],
  ])('rejects what waits for it (%s) with the reason, and keeps what was typed', async (_when, isLater) => {
    const strict = await pair({
      identity: (token) => ({ sub: token, name: token, email: null }),
      identityRequired: true,
    });
    const mia = strict.newChat({ shareTabs: false });
    mia.connect();
    if (isLater) await strict.clock.advance(1_000);
    const sent = mia.send('Where is my parcel?');
    await strict.clock.advance(1_000);
    await expect(sent).rejects.toMatchObject({ name: 'ChatError', code: 'identity-required' });
    expect(mia.state.entries).toMatchObject([{ text: 'Where is my parcel?', delivery: 'sending' }]);
    await Promise.all([mia.identify({ token: 'mia' }), strict.clock.advance(1_000)]);
    expect(mia.state).toMatchObject({ problem: null, entries: [{}, { delivery: 'sent' }] });
    await strict.destroy();
  });

  it('to the version asks for nothing else', async () => {
    at.network.meddle = (text, direction) => [
      direction === 'up' ? text.replace('"versions":[1]', '"versions":[99]') : text,
    ];
    chat.connect();
    await at.clock.advance(10_000);
    expect(chat.state.problem).toMatchObject({ code: 'version' });
    expect(status()).toBe('closed');
  });

  it('for now is asked again when it said', async () => {
    chat.connect();
    at.network.meddle = (text, direction) =>
      direction === 'down' && text.includes('"welcome"')
        ? [
            '{"type":"error","code":"rate-limited","message":"Slowly.","retry":"later","retryAfterMs":7000}',
            '{"type":"bye","code":4429,"afterMs":0}',
          ]
        : [text];
    await at.clock.advance(10_000);
    at.network.meddle = null;
    const { tried } = at.network;
    at.network.cut();
    await at.clock.advance(6_900);
    expect(at.network.tried).toBe(tried);
    await at.clock.advance(5_000);
    expect(status()).toBe('online');
  });
});

describe('identity', () => {
  const identity = (token: string) =>
    token.startsWith('good-') ? { sub: token, name: token.slice(5), email: null } : null;

  it('is shown to the relay, and a fresh one is fetched once when it is refused', async () => {
    const signed = await pair({ identity });
    const asked: string[] = [];
    const mia = signed.newChat({
      storage: 'memory',
      identity: {
        async getToken(why) {
          asked.push(why);
          return why === 'start' ? 'old' : 'good-Mia';
        },
      },
    });
    mia.connect();
    await signed.clock.advance(1_000);
    expect(asked).toEqual(['start', 'expired']);
    expect(mia.state.visitor).toMatchObject({ name: 'Mia' });
    const noah = signed.newChat({ storage: 'memory', identity: { getToken: async () => 'bad' } });
    noah.connect();
    await signed.clock.advance(60_000);
    expect(noah.state.problem).toMatchObject({ code: 'bad-identity' });
    await signed.destroy();
  });

  it('may change while the chat is open', async () => {
    const signed = await pair({ identity });
    const { chat, clock } = signed;
    const before = chat.state.visitor?.id;
    const done = chat.identify({ token: 'good-Mia' });
    await clock.advance(1_000);
    await done;
    expect(chat.state.visitor).toMatchObject({ name: 'Mia' });
    expect(chat.state.visitor?.id).not.toBe(before);
    const refused = chat.identify({ token: 'bad' });
    await clock.advance(1_000);
    await expect(refused).rejects.toMatchObject({ code: 'bad-identity' });
    await signed.destroy();
  });

  it('of another person finds nothing of the one before: not unsent, not as a draft', async () => {
    const signed = await pair({ identity });
    const { chat, clock, network, http, server, storage } = signed;
    await Promise.all([chat.identify({ token: 'good-Mia' }), clock.advance(1_000)]);
    network.mode = http.mode = 'refused';
    network.cut();
    const secret = chat.send('Only for me, Mia');
    chat.setDraft('And this');
    const signing = chat.identify({ token: 'good-Noah' });
    void chat.send('I am Noah');
    network.mode = http.mode = 'ok';
    await clock.advance(30_000);
    await signing;
    await expect(secret).rejects.toMatchObject({ code: 'signed-out' });
    expect(chat.state.visitor).toMatchObject({ name: 'Noah' });
    expect(chat.state.draft).toBe('');
    const texts = [...server.conversations.keys()].flatMap((id) => server.transcript(id).map(({ text }) => text));
    expect(texts).toEqual(['I am Noah']);
    expect(JSON.stringify(storage.all)).not.toContain('Mia');
    await signed.destroy();
  });

  it('of another person finds nothing on the disk either, after a reload', async () => {
    const signed = await pair({ identity });
    const { clock, network, http, server, storage } = signed;
    await signed.chat.destroy();
    const mia = signed.newChat({ identity: { token: 'good-Mia' } });
    mia.connect();
    await clock.advance(1_000);
    network.mode = http.mode = 'refused';
    network.cut();
    void mia.send('Only for me, Mia');
    mia.setDraft('And this');
    await mia.destroy();
    expect(JSON.stringify(storage.all)).toContain('Only for me');
    network.mode = http.mode = 'ok';
    const noah = signed.newChat({ identity: { token: 'good-Noah' } });
    noah.connect();
    await clock.advance(1_000);
    expect(noah.state).toMatchObject({ draft: '', entries: [], visitor: { name: 'Noah' } });
    expect(server.conversations.size).toBe(0);
    await signed.destroy();
  });

  it('of the same person, or of one who was nobody before, takes the unsent along', async () => {
    const signed = await pair({ identity });
    const { chat, clock, network, http, server } = signed;
    network.mode = http.mode = 'refused';
    network.cut();
    void chat.send('Before I signed in');
    chat.setDraft('Half a sent');
    network.mode = http.mode = 'ok';
    await Promise.all([chat.identify({ token: 'good-Mia' }), clock.advance(1_000)]);
    network.mode = http.mode = 'refused';
    network.cut();
    void chat.send('With an old token');
    network.mode = http.mode = 'ok';
    await Promise.all([chat.identify({ token: 'good-Mia' }), clock.advance(1_000)]);
    const texts = [...server.conversations.keys()].flatMap((id) => server.transcript(id).map(({ text }) => text));
    expect(texts).toEqual(['Before I signed in', 'With an old token']);
    expect(chat.state.draft).toBe('Half a sent');
    await signed.destroy();
  });

  it('is waited for when the site cannot give a token at the moment', async () => {
    const signed = await pair({ identity, identityRequired: true });
    let times = 0;
    const mia = signed.newChat({
      storage: 'memory',
      identity: {
        async getToken() {
          if (++times < 3) throw new Error('The site is down.');
          return 'good-Mia';
        },
      },
    });
    mia.connect();
    await signed.clock.advance(10_000);
    expect(mia.state.visitor).toMatchObject({ name: 'Mia' });
    await signed.destroy();
  });
});
