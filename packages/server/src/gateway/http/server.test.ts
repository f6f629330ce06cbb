import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { CLOSE_CODES, LIMITS } from '@sveiki/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { secretHash } from '../../auth/secrets.ts';
import { keepBotAccounts } from '../../bots/accounts.ts';
import { DESK, type GatewayUnderTest, gatewayUnderTest, PASSWORD, SHOP } from '../../test-support/gateway.ts';
import { createHttpServer } from './server.ts';

let house: GatewayUnderTest;
beforeEach(async () => {
  house = await gatewayUnderTest();
});
afterEach(() => house.stop());

const json = { 'content-type': 'application/json' };
const own = { ...json, origin: DESK };
const right = { email: 'ada@example.com', password: PASSWORD };
const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = own) =>
  fetch(house.url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
const cookieOf = (response: Response) => response.headers.get('set-cookie')!.split(';')[0]!;
async function signedIn() {
  const response = await call('POST', '/desk/api/session', right);
  expect(response.status).toBe(200);
  return { ...own, cookie: cookieOf(response) };
}

describe('health', () => {
  it('is told to everybody; readiness only when the relay runs and the store can be written', async () => {
    expect(await (await fetch(`${house.url}/healthz`)).json()).toEqual({ status: 'ok' });
    expect((await fetch(`${house.url}/readyz`)).status).toBe(200);
  });

  it('stays well while the store cannot be written; readiness does not, and comes back', async () => {
    await house.stop();
    let isWritable = false;
    let asked = 0;
    const writable = async () => {
      asked++;
      return isWritable;
    };
    house = await gatewayUnderTest({ store: { writable } });
    for (let i = 0; i < 20; i++) expect((await fetch(`${house.url}/readyz`)).status).toBe(503);
    expect(asked).toBe(1);
    expect((await fetch(`${house.url}/healthz`)).status).toBe(200);
    isWritable = true;
    house.clock.advance(1_000);
    expect((await fetch(`${house.url}/readyz`)).status).toBe(200);
  });

  it('is not ready while the relay is not, nor after the doors are closed', async () => {
    await house.stop();
    house = await gatewayUnderTest({ isReady: false });
    expect((await fetch(`${house.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${house.url}/healthz`)).status).toBe(200);
  });

  it('answers HTTP/1.0 without a host too: old balancers ask so', async () => {
    expect(await house.raw('GET /healthz HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200/);
  });
});

describe('metrics', () => {
  it('are there for who has the token, and for nobody else is there anything', async () => {
    const ask = (authorization?: string) =>
      fetch(`${house.url}/metrics`, { headers: authorization === undefined ? {} : { authorization } });
    const open = await ask('Bearer a-token-that-is-long-enough');
    expect(open.status).toBe(200);
    expect(await open.text()).toContain('sveiki_sessions');
    const nothing = await (await fetch(`${house.url}/nothing-here`)).json();
    for (const header of [
      undefined,
      '',
      'Bearer',
      'Bearer x',
      'Bearer a-token-that-is-long-enougH',
      'Basic a-token-that-is-long-enough',
    ]) {
      const refused = await ask(header);
      expect(refused.status).toBe(404);
      expect(await refused.json()).toEqual(nothing);
    }
  });

  it('are not there without a token in the configuration', async () => {
    await house.stop();
    house = await gatewayUnderTest({ config: { metricsToken: null } });
    expect((await fetch(`${house.url}/metrics`, { headers: { authorization: 'Bearer null' } })).status).toBe(404);
  });
});

describe('signing in over HTTP', () => {
  it('answers who one is and sets a cookie that no script and no other site can use', async () => {
    const response = await call('POST', '/desk/api/session', right);
    expect(await response.json()).toEqual({
      agent: { id: 'ada', name: 'Ada', email: 'ada@example.com', role: 'agent' },
    });
    expect(response.headers.get('set-cookie')).toMatch(
      /^sveiki_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure$/,
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('leaves Secure out where there is no TLS, or the browser would drop the cookie', async () => {
    await house.stop();
    house = await gatewayUnderTest({ config: { publicUrl: 'http://127.0.0.1:4310' } });
    expect((await call('POST', '/desk/api/session', right)).headers.get('set-cookie')).not.toContain('Secure');
  });

  it('says the same about a wrong password and an unknown e-mail', async () => {
    const wrong = await call('POST', '/desk/api/session', { ...right, password: 'wrong horse battery' });
    const unknown = await call('POST', '/desk/api/session', { ...right, email: 'nobody@example.com' });
    expect(wrong.status).toBe(403);
    expect(wrong.headers.get('content-type')).toBe('application/problem+json');
    expect(wrong.headers.get('set-cookie')).toBeNull();
    const body = await wrong.json();
    expect(body).toEqual({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
      code: 'forbidden',
      detail: 'The e-mail or the password is not right.',
      retry: 'never',
    });
    expect(unknown.status).toBe(403);
    expect(await unknown.json()).toEqual(body);
  });

  it('takes a one-time code once', async () => {
    const code = await house.auth.makeCode('ada');
    expect((await call('POST', '/desk/api/session', { code })).status).toBe(200);
    const again = await call('POST', '/desk/api/session', { code });
    expect(again.status).toBe(401);
    expect(await again.json()).toMatchObject({ code: 'bad-ticket', retry: 'after-login' });
  });

  it('says when it is too fast, and when to come back', async () => {
    await house.stop();
    house = await gatewayUnderTest({ rateFactor: 1 });
    for (let i = 0; i < 5; i++) await call('POST', '/desk/api/session', { ...right, password: 'wrong horse battery' });
    const refused = await call('POST', '/desk/api/session', right);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(await refused.json()).toMatchObject({ code: 'rate-limited', retry: 'later', retryAfterMs: 60_000 });
  });

  it('ends the session the browser had before', async () => {
    const before = await signedIn();
    const after = await call('POST', '/desk/api/session', right, before);
    expect(after.status).toBe(200);
    expect((await call('GET', '/desk/api/session', undefined, before)).status).toBe(401);
    expect((await call('GET', '/desk/api/session', undefined, { ...own, cookie: cookieOf(after) })).status).toBe(200);
    // She is still here.
    expect(house.said.map(({ kind }) => kind)).toEqual(['revoked']);
  });

  it('ends by signing out', async () => {
    const headers = await signedIn();
    const out = await call('DELETE', '/desk/api/session', undefined, headers);
    expect(out.status).toBe(204);
    expect(out.headers.get('set-cookie')).toMatch(/^sveiki_session=; Path=\/; .*Max-Age=0/);
    expect((await call('GET', '/desk/api/session', undefined, headers)).status).toBe(401);
    expect(house.said).toMatchObject([
      { kind: 'revoked', what: 'agent-session' },
      { kind: 'signed-out', agent: 'ada' },
    ]);
    expect((await call('DELETE', '/desk/api/session', undefined, headers)).status).toBe(204);
  });

  it('says 401 to whoever has no session', async () => {
    for (const cookie of [undefined, 'sveiki_session=', 'sveiki_session=made-up', 'other=1; sveiki_sessio=x']) {
      const response = await call('GET', '/desk/api/session', undefined, cookie === undefined ? {} : { cookie });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ code: 'session-ended' });
    }
  });
});

describe('tickets over HTTP', () => {
  it('are for who is signed in, and good for one socket', async () => {
    const response = await call('POST', '/desk/api/ticket', {}, await signedIn());
    const { ticket } = (await response.json()) as { ticket: string };
    expect(await house.auth.tickets.redeem(ticket)).toMatchObject({ agent: { id: 'ada' } });
    expect(await house.auth.tickets.redeem(ticket)).toBeNull();
    expect((await call('POST', '/desk/api/ticket', {})).status).toBe(401);
  });

  it('are for bots with a token of the configuration, from wherever they run', async () => {
    const token = 'a-token-of-a-bot-that-is-long-enough';
    const bot = { id: 'crm-bot', name: 'Crm', drafts: false, code: null, tokenHash: secretHash(token) };
    const other = await gatewayUnderTest({ config: { bots: [bot] } });
    const { store, auth, url } = other;
    const ask = (given: string) =>
      fetch(`${url}/desk/api/ticket`, { method: 'POST', headers: { authorization: `Bearer ${given}` } });
    // Before the relay has given it an account there is nobody to come in as.
    expect((await ask(token)).status).toBe(401);
    await keepBotAccounts([bot], { store, clock: other.clock });
    const { ticket } = (await (await ask(token)).json()) as { ticket: string };
    expect(await auth.tickets.redeem(ticket)).toMatchObject({
      agent: { id: 'crm-bot', role: 'bot' },
      session: expect.stringMatching(/^bot:crm-bot:/),
    });
    expect(await auth.tickets.redeem(ticket)).toBeNull();
    const wrong = await ask(`${token}x`);
    expect(wrong.status).toBe(401);
    expect(await wrong.json()).toMatchObject({ code: 'bad-ticket' });
    // Taken out of the configuration between ticket and socket.
    const late = (await (await ask(token)).json()) as { ticket: string };
    await keepBotAccounts([], { store, clock: other.clock });
    expect(await auth.tickets.redeem(late.ticket)).toBeNull();
    await other.stop();
  });
});

describe('changing something at the desk', () => {
  const changes: [string, string, unknown][] = [
    ['POST', '/desk/api/session', right],
    ['POST', '/desk/api/ticket', {}],
    ['DELETE', '/desk/api/session', undefined],
  ];
  const strangers = [
    undefined,
    '',
    'null',
    SHOP,
    'https://chat.example.com.evil.example',
    'http://chat.example.com',
    'https://chat.example.com/',
    'https://CHAT.example.com',
  ];
  it.each(changes.flatMap(([method, path, body]) => strangers.map((origin) => [method, path, origin, body] as const)))(
    '%s %s is refused from origin %j',
    async (method, path, origin, body) => {
      const { cookie } = await signedIn();
      const response = await call(method, path, body, { ...json, cookie, ...(origin === undefined ? {} : { origin }) });
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({
        code: 'bad-origin',
        detail: expect.stringMatching(/^Only the desk itself/),
      });
      expect(response.headers.get('set-cookie')).toBeNull();
      expect((await call('GET', '/desk/api/session', undefined, { cookie })).status).toBe(200);
    },
  );

  it('is refused with two origins, also when one is right', async () => {
    const body = JSON.stringify(right);
    for (const second of [DESK, 'https://evil.example']) {
      const head = [
        'POST /desk/api/session HTTP/1.1',
        'Host: x',
        `Origin: ${DESK}`,
        `Origin: ${second}`,
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
        'Connection: close',
      ];
      expect(await house.raw(`${head.join('\r\n')}\r\n\r\n${body}`)).toMatch(/^HTTP\/1\.1 403/);
    }
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/jsonp',
    'text/plain; application/json',
    '',
  ])('is refused with content type %j: forms of other pages can send it', async (type) => {
    expect((await call('POST', '/desk/api/session', right, { origin: DESK, 'content-type': type })).status).toBe(415);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"email":'],
    ['a list', '[]'],
    ['null', 'null'],
    ['nothing in it', {}],
    ['no password', { email: 'ada@example.com' }],
    ['a password that is a number', { ...right, password: 42 }],
    ['a password that is a list', { ...right, password: [PASSWORD] }],
    ['an e-mail that is an object', { ...right, email: { $ne: null } }],
    ['an endless e-mail', { ...right, email: 'x'.repeat(255) }],
    ['both ways at once', { ...right, code: 'x' }],
    ['a role to have', { ...right, role: 'admin' }],
    ['an empty code', { code: '' }],
    ['a prototype', '{"__proto__":{"email":"ada@example.com"}}'],
  ])('is refused with %s', async (_name, body) => {
    const response = await call('POST', '/desk/api/session', body);
    expect([400, 422]).toContain(response.status);
    expect(await response.json()).toMatchObject({ code: 'bad-frame' });
  });

  it('is refused with a body that is too large, packed, or not UTF-8', async () => {
    expect((await call('POST', '/desk/api/session', JSON.stringify({ code: 'x'.repeat(5_000) }))).status).toBe(413);
    expect((await call('POST', '/desk/api/session', right, { ...own, 'content-encoding': 'gzip' })).status).toBe(415);
    const response = await fetch(`${house.url}/desk/api/session`, {
      method: 'POST',
      headers: own,
      body: Buffer.from([0x7b, 0xff, 0x7d]),
    });
    expect(response.status).toBe(400);
  });

  it('is refused without a length, too, when it grows too large', async () => {
    const head = [
      'POST /desk/api/session HTTP/1.1',
      'Host: x',
      `Origin: ${DESK}`,
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
    ];
    const chunk = `1000\r\n${'x'.repeat(0x1000)}\r\n`;
    expect(await house.raw(`${head.join('\r\n')}\r\n\r\n${chunk.repeat(20)}`)).toMatch(/^HTTP\/1\.1 413/);
  });

  it('is refused when the body does not come', async () => {
    const head = [
      'POST /desk/api/session HTTP/1.1',
      'Host: x',
      `Origin: ${DESK}`,
      'Content-Type: application/json',
      'Content-Length: 100',
    ];
    const answered = house.raw(`${head.join('\r\n')}\r\n\r\n{"email":`);
    const hands = setInterval(() => house.clock.advance(10_000), 1);
    expect(await answered).toMatch(/^HTTP\/1\.1 408/);
    clearInterval(hands);
  });
});

describe('requests that are malformed', () => {
  it.each([
    ['two hosts', 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
    ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
    ['a whole address as path', 'GET http://evil.example/healthz HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a star', 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['two slashes', 'GET //evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    [
      'two lengths',
      'POST /desk/api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      400,
    ],
    [
      'a length and chunks',
      'POST /desk/api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a length below zero', 'POST /desk/api/session HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n', 400],
    ['a strange encoding', 'POST /desk/api/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n', 400],
    ['a folded header', 'GET /healthz HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\nConnection: close\r\n\r\n', 400],
    ['a space before the colon', 'GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n', 400],
    ['a zero byte', 'GET /healthz HTTP/1.1\r\nHost: x\r\nA: \0\r\n\r\n', 400],
    ['no HTTP', 'HELO sveiki\r\n\r\n', 400],
    ['a method of its own', 'BREW /healthz HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['headers without end', `GET /healthz HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['a host that is none', 'GET /healthz HTTP/1.1\r\nHost: a b/%\r\nConnection: close\r\n\r\n', 200],
    ['an encoded path', 'GET /%68ealthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 200],
    ['a path that is not UTF-8', 'GET /%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 404],
    ['an endless path', `GET /${'x'.repeat(5_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 400],
    ['another method', 'PUT /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n', 404],
  ])('%s', async (_name, bytes, status) => {
    expect(await house.raw(bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status}`));
    expect((await fetch(`${house.url}/healthz`)).status).toBe(200);
  });

  it('never take anything from the host: links and cookies come from the configuration', async () => {
    const body = JSON.stringify(right);
    const head = [
      'POST /desk/api/session HTTP/1.1',
      'Host: evil.example',
      `Origin: https://evil.example`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      'Connection: close',
    ];
    const answer = await house.raw(`${head.join('\r\n')}\r\n\r\n${body}`);
    expect(answer).toMatch(/^HTTP\/1\.1 403/);
    expect(answer).not.toContain('evil.example');
  });

  it('do not keep a connection that begins a request and does not end it', async () => {
    const server = createHttpServer({ headersTimeoutMs: 20, requestTimeoutMs: 40, checkEveryMs: 10 });
    server.on('request', (request, response) => request.on('end', () => response.end()).resume());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    for (const bytes of [
      'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nslow',
    ]) {
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 408/);
      socket.destroy();
    }
    await new Promise((resolve) => server.close(resolve));
  });
});

/** Reads the events of a stream one by one. */
function eventsOf(response: Response) {
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let text = '';
  return {
    async next(): Promise<{ event: string; data: string } | null> {
      while (!text.includes('\n\n')) {
        const { done, value } = await reader.read();
        if (done) return null;
        text += decoder.decode(value, { stream: true });
      }
      const [block = ''] = text.split('\n\n', 1);
      text = text.slice(block.length + 2);
      return { event: /^event: (.*)$/m.exec(block)?.[1] ?? 'message', data: /^data: (.*)$/m.exec(block)?.[1] ?? '' };
    },
    cancel: () => reader.cancel(),
  };
}

describe('the way over HTTP', () => {
  const open = (path = '/v1/stream', headers: Record<string, string> = { origin: SHOP }, body = '{"type":"hello"}') =>
    fetch(house.url + path, { method: 'POST', headers, body });
  async function opened(path = '/v1/stream', origin = SHOP) {
    const response = await open(path, { origin });
    expect(response.status).toBe(200);
    const events = eventsOf(response);
    const first = await events.next();
    expect(first).toEqual({ event: 'line', data: expect.stringMatching(/^[\w-]{32}$/) });
    expect(await events.next()).toEqual({ event: 'message', data: '{"type":"hello"}' });
    return { response, events, line: first!.data, session: house.sessions.at(-1)! };
  }
  const post = (body: unknown, origin = SHOP, path = '/v1/frames') =>
    fetch(house.url + path, {
      method: 'POST',
      headers: { origin },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  it('names the line, then carries frames both ways in order', async () => {
    const { response, events, line, session } = await opened();
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('cache-control')).toBe('no-store, no-transform');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    expect(session.connection.remote).toEqual({ address: '127.0.0.1', origin: SHOP });
    expect(session.connection.door).toBe('site');
    const frames = [{ type: 'send', text: 'one\ntwo' }, { type: 'typing' }];
    const answer = await post({ line, frames });
    expect(answer.status).toBe(204);
    expect(JSON.parse((await events.next())!.data)).toEqual(frames);
    expect(session.frames.slice(1).map((text) => JSON.parse(text) as unknown)).toEqual([frames]);
    await events.cancel();
  });

  it('lets exactly the pages of the sites read it, without cookies', async () => {
    const { response, events, line } = await opened();
    expect(response.headers.get('access-control-allow-origin')).toBe(SHOP);
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    expect(response.headers.get('vary')).toContain('origin');
    const answers = [await post({ line, frames: [] }), await post({ line: 'unknown', frames: [] }), await post('{')];
    expect(answers.map(({ status }) => status)).toEqual([204, 404, 400]);
    for (const { headers } of answers) expect(headers.get('access-control-allow-origin')).toBe(SHOP);
    await events.cancel();
  });

  it.each([undefined, 'null', DESK, 'https://evil.example', 'https://shop.example.com.evil.example'])(
    'is closed to origin %j',
    async (origin) => {
      for (const path of ['/v1/stream', '/v1/frames']) {
        const response = await open(path, origin === undefined ? {} : { origin });
        expect(response.status).toBe(403);
        expect(response.headers.get('access-control-allow-origin')).toBeNull();
      }
      expect(house.sessions).toEqual([]);
    },
  );

  it('answers what browsers ask before they send', async () => {
    const ask = (origin: string, path = '/v1/frames') =>
      fetch(house.url + path, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
      });
    const yes = await ask(SHOP);
    expect(yes.status).toBe(204);
    expect(Object.fromEntries(yes.headers)).toMatchObject({
      'access-control-allow-origin': SHOP,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type',
      vary: 'origin',
    });
    expect((await ask('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
    expect((await ask(SHOP, '/desk/frames')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('is open to agents from the desk only', async () => {
    const { session, events, line } = await opened('/desk/stream', DESK);
    expect(session.connection.door).toBe('desk');
    expect((await post({ line, frames: [] }, DESK, '/desk/frames')).status).toBe(204);
    expect((await open('/desk/stream', { origin: SHOP })).status).toBe(403);
    expect((await open('/desk/stream', {})).status).toBe(403);
    await events.cancel();
  });

  it('takes frames for a line only from its own door and origin', async () => {
    const shop = await opened();
    const desk = await opened('/desk/stream', DESK);
    expect((await post({ line: desk.line, frames: [] })).status).toBe(404);
    expect((await post({ line: shop.line, frames: [] }, DESK, '/desk/frames')).status).toBe(404);
    expect((await post({ line: shop.line, frames: [] }, 'https://other.example.com:8443')).status).toBe(404);
    expect((await post({ line: shop.line, frames: [] })).status).toBe(204);
    await Promise.all([shop.events.cancel(), desk.events.cancel()]);
  });

  it.each([
    ['no JSON', 'x'],
    ['a list', '[]'],
    ['no line', { frames: [] }],
    ['a line that is no text', { line: ['x'], frames: [] }],
    ['frames that are no list', { line: 'x', frames: '{}' }],
    ['more than is known', { line: 'x', frames: [], admin: true }],
  ])('refuses %s', async (_name, body) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'bad-frame' });
  });

  it('refuses too much at once', async () => {
    expect((await post({ line: 'x', frames: Array(65).fill({}) })).status).toBe(413);
    expect((await post({ line: 'x', frames: ['x'.repeat(LIMITS.maxFrameBytes)] })).status).toBe(413);
    expect((await open('/v1/stream', { origin: SHOP }, 'x'.repeat(LIMITS.maxHelloBytes + 1))).status).toBe(413);
  });

  it('says why it was closed by the core, and the line is gone', async () => {
    const { session, events, line } = await opened();
    session.connection.close(CLOSE_CODES.unauthorized, 'bad-ticket');
    expect(await events.next()).toEqual({ event: 'close', data: '{"code":4401,"reason":"bad-ticket"}' });
    expect(await events.next()).toBeNull();
    await session.closed;
    expect((await post({ line, frames: [{}] })).status).toBe(404);
  });

  it('tells the core when the page is gone', async () => {
    const { session, events, line } = await opened();
    await events.cancel();
    await session.closed;
    session.connection.send('{"type":"ping"}');
    expect((await post({ line, frames: [{}] })).status).toBe(404);
  });

  it('is not hurt by a core that fails at a frame', async () => {
    const { line, events } = await opened();
    expect((await post({ line, frames: ['throw'] })).status).toBe(500);
    expect((await post({ line, frames: [{}] })).status).toBe(204);
    await events.cancel();
  });

  it('knows how much a slow reader has not taken', async () => {
    const { session, events } = await opened();
    expect(session.connection.bufferedBytes).toBe(0);
    for (let i = 0; i < 400; i++) session.connection.send('x'.repeat(60_000));
    expect(session.connection.bufferedBytes).toBeGreaterThan(LIMITS.slowReaderBytes);
    session.connection.close(CLOSE_CODES.slowReader, 'slow');
    house.clock.advance(5_000);
    await session.closed;
    await events.cancel().catch(() => {});
  });

  it('is limited for each address', async () => {
    await house.stop();
    house = await gatewayUnderTest({ rateFactor: 1 });
    const streams = await Promise.all(Array.from({ length: 31 }, () => open()));
    expect(streams.map(({ status }) => status).filter((status) => status === 429)).toHaveLength(1);
    expect(streams.find(({ status }) => status === 429)!.headers.get('retry-after')).toBe('1');
  });

  it('is closed while the relay is not ready', async () => {
    await house.stop();
    house = await gatewayUnderTest({ isReady: false });
    const answer = await open();
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'unavailable', retry: 'later' });
  });
});
