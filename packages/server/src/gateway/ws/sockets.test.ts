import { once } from 'node:events';
import { connect } from 'node:net';
import { CLOSE_CODES, LIMITS, mayComeBack } from '@sveiki/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DESK, type GatewayUnderTest, gatewayUnderTest, SHOP } from '../../test-support/gateway.ts';

let house: GatewayUnderTest;
beforeEach(async () => {
  house = await gatewayUnderTest();
});
afterEach(() => house.stop());

const handshake = (lines: string[], request = 'GET /v1/socket HTTP/1.1') =>
  `${[request, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', ...lines].join('\r\n')}\r\n\r\n`;
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);

/** An origin, and whether a page from there may come in at the door of the sites. */
const origins: [string, boolean][] = [
  [SHOP, true],
  ['http://localhost:3000', true],
  ['https://other.example.com:8443', true],
  ['https://shop.example.com:443', false],
  ['http://shop.example.com', false],
  ['https://shop.example.com/', false],
  ['https://shop.example.com:8443', false],
  ['https://other.example.com', false],
  ['https://SHOP.example.com', false],
  ['HTTPS://shop.example.com', false],
  ['https://shop.example.com.', false],
  ['https://shop.example.com.evil.example', false],
  ['https://evil-shop.example.com', false],
  ['https://evilshop.example.com', false],
  ['https://example.com', false],
  ['https://a.shop.example.com', false],
  ['https://shop.example.com@evil.example', false],
  ['https://evil.example#https://shop.example.com', false],
  ['https://evil.example/https://shop.example.com', false],
  ['https://evil.example?https://shop.example.com', false],
  ['https://shop.example.com, https://evil.example', false],
  ['https://evil.example, https://shop.example.com', false],
  ['https://shop.example.com https://evil.example', false],
  ['https://shop.example.com\\.evil.example', false],
  ['https://shop%2eexample.com', false],
  ['https://shop_example.com', false],
  ['shop.example.com', false],
  ['//shop.example.com', false],
  ['wss://shop.example.com', false],
  ['ftp://shop.example.com', false],
  ['file://', false],
  ['null', false],
  ['*', false],
  ['https://*.example.com', false],
  ['chrome-extension://abcdefgh', false],
  ['http://localhost', false],
  ['http://localhost:3001', false],
  ['http://127.0.0.1:3000', false],
  ['http://[::1]:3000', false],
  [DESK, false],
  ['', false],
];

describe('the door of the sites', () => {
  it('knows 35 origins and more', () => expect(origins.length).toBeGreaterThanOrEqual(35));

  it.each(origins)('%j may come in: %s', async (origin, isAllowed) => {
    const { client, outcome, closed } = house.socket('/v1/socket', { headers: { Origin: origin } });
    if (isAllowed) {
      expect(await outcome).toBe('open');
      expect((await house.opened(1)).connection.remote).toEqual({ address: '127.0.0.1', origin });
      client.close();
      return;
    }
    const result = await outcome;
    // A real web origin that is no site's learns why; whatever else is sent there is refused before there is a socket.
    expect(result === 'open' ? (await closed).code : result).toBe(result === 'open' ? CLOSE_CODES.forbidden : 403);
    expect(house.sessions).toEqual([]);
  });

  it('tells the developer of a page that is not on the list what is wrong, and not to come back', async () => {
    const { message, closed } = house.socket('/v1/socket', { origin: 'https://new.example.com' });
    expect(JSON.parse(await message())).toMatchObject({
      type: 'error',
      code: 'bad-origin',
      retry: 'never',
      message: expect.stringContaining('Add its origin'),
    });
    const { code } = await closed;
    expect(mayComeBack(code)).toBe(false);
  });

  it('tells a page that is not the desk who may connect there, and nothing about sites', async () => {
    const answer = await house.raw(
      handshake(['Host: x', 'Origin: https://evil.example']).replace('/v1/socket', '/desk/socket'),
    );
    expect(statusOf(answer)).toBe(403);
    expect(answer).toContain('Only the desk itself may connect here');
    expect(answer).not.toMatch(/site key|list of the site/);
  });

  it('refuses a handshake without origin, and one with two', async () => {
    expect(statusOf(await house.raw(handshake(['Host: x'])))).toBe(403);
    expect(statusOf(await house.raw(handshake(['Host: x', `Origin: ${SHOP}`, `Origin: ${SHOP}`])))).toBe(403);
    expect(statusOf(await house.raw(handshake(['Host: x', `Origin: ${SHOP}`, 'oRiGiN: https://evil.example'])))).toBe(
      403,
    );
    expect(house.sessions).toEqual([]);
  });
});

describe('the door of the desk', () => {
  it('lets its own page in', async () => {
    const { outcome, client } = house.socket('/desk/socket', { origin: DESK });
    expect(await outcome).toBe('open');
    expect((await house.opened(1)).connection.door).toBe('desk');
    client.close();
  });

  it.each([
    ...origins.filter(([origin]) => origin !== DESK).map(([origin]) => origin),
    'https://chat.example.com:444',
    'http://chat.example.com',
  ])('refuses %j before there is a socket', async (origin) => {
    expect(await house.socket('/desk/socket', { headers: { Origin: origin } }).outcome).toBe(403);
    expect(house.sessions).toEqual([]);
  });

  it('refuses a handshake without origin: a cookie or a ticket from elsewhere is worth nothing', async () => {
    expect(
      statusOf(await house.raw(handshake(['Host: x', 'Cookie: sveiki_session=x'], 'GET /desk/socket HTTP/1.1'))),
    ).toBe(403);
  });

  it('keeps the HTTP session alive while the socket is used', async () => {
    const signedIn = await house.auth.signIn({
      email: 'ada@example.com',
      password: 'correct horse battery',
      address: '192.0.2.7',
    });
    if (!signedIn.ok) throw new Error('not signed in');
    const cookie = `theme=dark; sveiki_session=${signedIn.token}`;
    const { client, message, outcome } = house.socket('/desk/socket', { headers: { Origin: DESK, Cookie: cookie } });
    await outcome;
    for (let minutes = 0; minutes < 120; minutes += 20) {
      house.clock.advance(20 * 60_000);
      client.send('{}');
      await message();
    }
    expect(await house.auth.session(signedIn.token)).not.toBeNull();
    client.close();
  });
});

describe('handshakes that are malformed', () => {
  const origin = `Origin: ${SHOP}`;
  it.each([
    ['an unknown path', handshake(['Host: x', origin], 'GET /v2/socket HTTP/1.1'), 404],
    ['a path below', handshake(['Host: x', origin], 'GET /v1/socket/ HTTP/1.1'), 404],
    ['a path in disguise', handshake(['Host: x', origin], 'GET /v1/./socket HTTP/1.1'), 404],
    ['an encoded path', handshake(['Host: x', origin], 'GET /v1%2fsocket HTTP/1.1'), 404],
    ['two slashes', handshake(['Host: x', origin], 'GET //v1/socket HTTP/1.1'), 404],
    ['a whole address as path', handshake(['Host: x', origin], 'GET http://x/v1/socket HTTP/1.1'), 404],
    ['POST', handshake(['Host: x', origin, 'Content-Length: 0'], 'POST /v1/socket HTTP/1.1'), 405],
    ['no host', handshake([origin]), 400],
    ['two hosts', handshake(['Host: x', 'Host: y', origin]), 400],
    ['HTTP/1.0', handshake([origin], 'GET /v1/socket HTTP/1.0'), 400],
    [
      'another protocol to upgrade to',
      handshake(['Host: x', origin]).replace('Upgrade: websocket', 'Upgrade: h2c'),
      400,
    ],
    ['no key', handshake(['Host: x', origin]).replace(/Sec-WebSocket-Key.*\r\n/, ''), 400],
    ['a key that is too short', handshake(['Host: x', origin]).replace(/Key: .*/, 'Key: AAAA'), 400],
    ['an old version', handshake(['Host: x', origin]).replace('Version: 13', 'Version: 7'), 400],
    ['a header with a line break in it', handshake(['Host: x', origin, 'X: a\rb']), 400],
    ['headers without end', handshake(['Host: x', origin, `X: ${'x'.repeat(20_000)}`]), 431],
    [
      'two thousand headers',
      handshake(['Host: x', origin, ...Array.from({ length: 2_001 }, (_, i) => `X${i}: 1`)]),
      431,
    ],
  ])('%s', async (_name, request, status) => {
    expect(statusOf(await house.raw(request))).toBe(status);
    expect(house.sessions).toEqual([]);
    expect((await fetch(`${house.url}/healthz`)).status).toBe(200);
  });

  it('agree to no extension and no protocol, whatever is offered', async () => {
    const { client, outcome } = house.socket('/v1/socket', { origin: SHOP, perMessageDeflate: true });
    expect(await outcome).toBe('open');
    expect(client.extensions).toBe('');
    client.close();
    const answer = house.raw(handshake(['Host: x', `Origin: ${SHOP}`, 'Sec-WebSocket-Protocol: evil']));
    const session = await house.opened(2);
    session.connection.close(1001, '');
    house.gateway.terminate();
    expect(await answer).toMatch(/^HTTP\/1\.1 101/);
    expect(await answer).not.toMatch(/Sec-WebSocket-Protocol/i);
  });

  it('do not hurt when the other side goes away in the middle', async () => {
    for (const cut of [1, 20, 60, 120]) {
      const socket = connect(house.port, '127.0.0.1', () => {
        socket.write(handshake(['Host: x', `Origin: ${SHOP}`]).slice(0, -cut));
        socket.resetAndDestroy();
      });
      await once(socket, 'close').catch(() => {});
    }
    expect((await fetch(`${house.url}/healthz`)).status).toBe(200);
  });
});

describe('a socket', () => {
  async function connected() {
    const socket = house.socket('/v1/socket', { origin: SHOP });
    await socket.outcome;
    return { ...socket, session: await house.opened(1) };
  }

  it('carries text both ways and tells when it is gone', async () => {
    const { client, message, session, closed } = await connected();
    client.send('{"type":"hello","text":"Sveiki, привет, مرحبا"}');
    expect(await message()).toBe('{"type":"hello","text":"Sveiki, привет, مرحبا"}');
    client.close();
    await closed;
    await session.closed;
  });

  it('is closed by the core with its code and reason', async () => {
    const { closed, session } = await connected();
    session.connection.close(CLOSE_CODES.heartbeatLost, 'silent for too long');
    expect(await closed).toEqual({ code: 4410, reason: 'silent for too long' });
  });

  it('ends for a client that is silent for too long without waiting for his answer', async () => {
    const { session } = await connected();
    const socket = connect({ port: house.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.write(handshake(['Host: x', `Origin: ${SHOP}`]));
    const { connection } = await house.opened(house.sessions.indexOf(session) + 2);
    // What waits for an answer would wait for ever.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      connection.close(CLOSE_CODES.heartbeatLost, 'silent for too long');
      await once(socket.resume(), 'end');
      vi.advanceTimersByTime(1_000);
      await house.sessions.at(-1)?.closed;
    } finally {
      vi.useRealTimers();
    }
    socket.destroy();
  });

  it.each([
    ['every size', [1, 125, 126, 65_535, 65_536, 200_000, 2], 'Sveiki, привет, مرحبا'],
    ['a byte a character', [1, 125, 126, 255, 256, 16_000, 2], 'Hello'],
    ['more bytes than characters', [1, 125, 126, 2], 'Grüezi'],
  ])('delivers frames of %s of one turn in order, and all of them before a goodbye', async (_what, sizes, last) => {
    const { client, closed, session } = await connected();
    const heard: string[] = [];
    client.on('message', (data: Buffer) => heard.push(data.toString()));
    const sent = [...sizes.map((size) => `${'x'.repeat(size - 1)}!`), last];
    for (const text of sent) session.connection.send(text);
    session.connection.close(CLOSE_CODES.restart, 'bye');
    session.connection.send('too late');
    expect((await closed).code).toBe(CLOSE_CODES.restart);
    expect(heard.map((text) => text.length)).toEqual(sent.map((text) => text.length));
    expect(heard).toEqual(sent);
  });

  it('takes a frame of the largest size and closes on a larger one', async () => {
    const { client, message, closed, session } = await connected();
    client.send('x'.repeat(LIMITS.maxFrameBytes));
    expect((await message()).length).toBe(LIMITS.maxFrameBytes);
    client.send('x'.repeat(LIMITS.maxFrameBytes + 1));
    expect((await closed).code).toBe(CLOSE_CODES.tooBig);
    expect(session.frames).toHaveLength(1);
  });

  it('takes no bytes that are not text', async () => {
    const { client, closed, session } = await connected();
    client.send(Buffer.from('{"type":"hello"}'));
    expect((await closed).code).toBe(CLOSE_CODES.badFrame);
    expect(session.frames).toEqual([]);
  });

  it('takes no text that is not UTF-8', async () => {
    const { client, closed, session } = await connected();
    client.send(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), { binary: false });
    expect((await closed).code).toBe(1007);
    expect(session.frames).toEqual([]);
  });

  it('puts a message together from as many fragments as are allowed, and no more', async () => {
    const { client, message, closed, session } = await connected();
    const send = (count: number) => {
      for (let i = 0; i < count; i++) client.send('x', { fin: i === count - 1 });
    };
    send(LIMITS.maxFragments);
    expect(await message()).toBe('x'.repeat(LIMITS.maxFragments));
    send(LIMITS.maxFragments + 1);
    expect((await closed).code).toBe(CLOSE_CODES.policy);
    expect(session.frames).toHaveLength(1);
  });

  it('is closed, and only it, when the core fails at a frame', async () => {
    const { client, closed } = await connected();
    const other = house.socket('/v1/socket', { origin: SHOP });
    await other.outcome;
    client.send('throw');
    expect((await closed).code).toBe(1011);
    other.client.send('{}');
    expect(await other.message()).toBe('{}');
    other.client.close();
  });

  it('knows how much a slow reader has not taken', async () => {
    const { client, session } = await connected();
    expect(session.connection.bufferedBytes).toBe(0);
    client.pause();
    const frame = 'x'.repeat(60_000);
    for (let i = 0; i < 400; i++) session.connection.send(frame);
    expect(session.connection.bufferedBytes).toBeGreaterThan(LIMITS.slowReaderBytes);
    client.terminate();
  });

  it('survives frames that break the rules of WebSocket', async () => {
    const hostile: number[][] = [
      [0x83, 0x80, 0, 0, 0, 0], // reserved opcode
      [0x81, 0x01, 0x78], // no mask
      [0xf1, 0x80, 0, 0, 0, 0], // reserved bits
      [0x89, 0xfe, 0x01, 0x00, 0, 0, 0, 0], // ping of 256 bytes
      [0x09, 0x80, 0, 0, 0, 0], // ping in fragments
      [0x80, 0x80, 0, 0, 0, 0], // continues nothing
      [0x88, 0x81, 0, 0, 0, 0, 0x03], // close with half a code
      [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xed], // close with 1005
      [0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], // endless
    ];
    for (const bytes of hostile) {
      const answer = house.raw(handshake(['Host: x', `Origin: ${SHOP}`]) + Buffer.from(bytes).toString('latin1'));
      expect(await answer).toMatch(/^HTTP\/1\.1 101/);
    }
    expect((await fetch(`${house.url}/healthz`)).status).toBe(200);
  });
});

describe('connecting', () => {
  it('is limited for each address, and says when to come back', async () => {
    await house.stop();
    house = await gatewayUnderTest({ rateFactor: 1 });
    const sockets = [];
    for (let i = 0; i < 30; i++) {
      const socket = house.socket('/v1/socket', { origin: SHOP });
      expect(await socket.outcome).toBe('open');
      sockets.push(socket.client);
    }
    expect(await house.raw(handshake(['Host: x', `Origin: ${SHOP}`]))).toMatch(
      /^HTTP\/1\.1 429 [\s\S]*Retry-After: 1\r\n/,
    );
    house.clock.advance(1_000);
    const next = house.socket('/v1/socket', { origin: SHOP });
    expect(await next.outcome).toBe('open');
    for (const client of [...sockets, next.client]) client.terminate();
  });

  it('counts the first address that is not a trusted proxy', async () => {
    await house.stop();
    house = await gatewayUnderTest({ config: { trustedProxies: ['127.0.0.0/8'] } });
    const { client, outcome } = house.socket('/v1/socket', {
      origin: SHOP,
      headers: { 'X-Forwarded-For': '203.0.113.9, 192.0.2.7' },
    });
    await outcome;
    expect((await house.opened(1)).connection.remote.address).toBe('192.0.2.7');
    client.close();
  });

  it('is refused while the relay is not ready', async () => {
    await house.stop();
    house = await gatewayUnderTest({ isReady: false });
    expect(await house.socket('/v1/socket', { origin: SHOP }).outcome).toBe(503);
  });
});
