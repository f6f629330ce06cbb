import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type TestClock, testClock } from '../../packages/sdk/src/testing/clock.ts';
import { createRandom } from '../replay/random.ts';
import { type FaultProxy, type Faults, openFaultProxy } from './fault-proxy.ts';
import { randomCuts } from './random-cuts.ts';

/** One end of a connection: what it heard, and how it ended. */
interface End {
  socket: Socket;
  pieces: string[];
  text(): string;
  ended: 'no' | 'end' | 'reset';
}
function endOf(socket: Socket): End {
  const end: End = { socket, pieces: [], text: () => end.pieces.join(''), ended: 'no' };
  socket.setNoDelay(true);
  socket.on('data', (bytes: Buffer) => end.pieces.push(bytes.toString('latin1')));
  socket.on('end', () => {
    end.ended = 'end';
  });
  socket.on('error', () => {
    end.ended = 'reset';
  });
  return end;
}

let relay: Server;
let clock: TestClock;
let proxy: FaultProxy;
const fars: End[] = [];
const nears: End[] = [];
beforeEach(async () => {
  clock = testClock();
  relay = createServer({ allowHalfOpen: true }, (socket) => fars.push(endOf(socket))).listen(0, '127.0.0.1');
  await once(relay, 'listening');
});
afterEach(async () => {
  for (const { socket } of [...nears.splice(0), ...fars.splice(0)]) socket.destroy();
  await proxy.close();
  relay.close();
});

async function openWith(faults: Faults = {}): Promise<void> {
  proxy = await openFaultProxy({ target: () => (relay.address() as AddressInfo).port, faults: () => faults, clock });
}
/** A connection through the proxy: its near and its far end. */
async function connected(): Promise<[End, End]> {
  const near = endOf(connect(proxy.port, '127.0.0.1'));
  nears.push(near);
  await vi.waitFor(() => expect(fars.length).toBe(nears.length), { timeout: 20_000 });
  return [near, fars.at(-1)!];
}
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 5 });

describe('a network with faults', () => {
  it('passes everything in both directions, and the end of each', async () => {
    await openWith();
    const [near, far] = await connected();
    const long = 'x'.repeat(1_000_000);
    near.socket.end(long);
    await eventually(() => expect(far.ended).toBe('end'));
    expect(far.text()).toBe(long);
    far.socket.end('and back');
    await eventually(() => expect(near.ended).toBe('end'));
    expect(near.text()).toBe('and back');
    await eventually(() => expect(proxy.size).toBe(0));
  });

  it.each(['up', 'down'] as const)('delays what goes %s, in order', async (direction) => {
    await openWith({ [direction]: { delayMs: 500 } });
    const [near, far] = await connected();
    const [from, to] = direction === 'up' ? [near, far] : [far, near];
    from.socket.write('first');
    await eventually(() => expect(clock.waiting).toBe(1));
    await clock.advance(499);
    expect(to.text()).toBe('');
    to.socket.write('not delayed');
    await eventually(() => expect(from.text()).toBe('not delayed'));
    await clock.advance(1);
    await eventually(() => expect(to.text()).toBe('first'));
  });

  it('passes bytes one by one', async () => {
    await openWith({ up: { chunkBytes: 1 }, down: { chunkBytes: 1 } });
    const [near, far] = await connected();
    near.socket.write('hello there');
    far.socket.write('good morning');
    await eventually(() => expect([far.text(), near.text()]).toEqual(['hello there', 'good morning']));
    // Now and then the other side reads late and finds two.
    expect(far.pieces.length).toBeGreaterThan(5);
    expect(near.pieces.length).toBeGreaterThan(5);
  });

  it('passes no more than its bandwidth', async () => {
    await openWith({ up: { bytesPerSecond: 10, chunkBytes: 5 } });
    const [near, far] = await connected();
    near.socket.write('0123456789abcde');
    for (const heard of ['01234', '0123456789', '0123456789abcde']) {
      await eventually(() => expect(far.text()).toBe(heard));
      await eventually(() => expect(clock.waiting).toBe(heard.length < 15 ? 1 : 0));
      await clock.advance(499);
      expect(far.text()).toBe(heard);
      await clock.advance(1);
    }
  });

  it.each([
    ['up', 'close'],
    ['up', 'reset'],
    ['down', 'close'],
    ['down', 'reset'],
  ] as const)('cuts at a byte on the way %s by a %s', async (direction, cutBy) => {
    await openWith({ [direction]: { cutAt: 7, chunkBytes: 1 }, cutBy });
    const [near, far] = await connected();
    const [from, to] = direction === 'up' ? [near, far] : [far, near];
    from.socket.write('0123456');
    await eventually(() => expect(to.text()).toBe('0123456'));
    expect([proxy.cuts, proxy.size, to.ended]).toEqual([0, 1, 'no']);
    from.socket.write('789');
    const ends = cutBy === 'reset' ? 'reset' : 'end';
    await eventually(() => expect([near.ended, far.ended]).toEqual([ends, ends]));
    expect([proxy.cuts, proxy.size, to.text()]).toEqual([1, 0, '0123456']);
  });

  it.each([
    ['up', 'down'],
    ['down', 'up'],
  ] as const)('stalls what goes %s, and neither side learns of it, not even by an end', async (direction, other) => {
    await openWith();
    const [near, far] = await connected();
    const [from, to] = direction === 'up' ? [near, far] : [far, near];
    proxy.stall(direction);
    from.socket.write('unheard');
    to.socket.write('heard');
    await eventually(() => expect(from.text()).toBe('heard'));
    from.socket.resetAndDestroy();
    to.socket.write(`and ${other} again`);
    // Who comes after all that is there: so it has arrived, too.
    await connected();
    expect([to.text(), to.ended, proxy.size]).toEqual(['', 'no', 2]);
  });

  it('passes what was held back when it is released', async () => {
    await openWith();
    const [near, far] = await connected();
    proxy.stall('up', 'down');
    near.socket.write('up');
    far.socket.end('down');
    const [later] = await connected();
    later.socket.write('later');
    proxy.release();
    await eventually(() =>
      expect([fars[0]?.text(), fars[1]?.text(), near.text(), near.ended]).toEqual(['up', 'later', 'down', 'end']),
    );
  });

  it('breaks everything that is there when it is told to', async () => {
    await openWith();
    const both = [...(await connected()), ...(await connected())];
    proxy.cut('reset');
    await eventually(() => expect(both.map(({ ended }) => ended)).toEqual(both.map(() => 'reset')));
    await connected();
    expect([proxy.opened, proxy.size]).toEqual([3, 1]);
  });
});

describe('something in the relay’s place', () => {
  const socket = 'GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
  const request = 'GET / HTTP/1.1\r\n\r\n';
  async function asked(bytes: string): Promise<End> {
    const near = endOf(connect(proxy.port, '127.0.0.1'));
    nears.push(near);
    near.socket.write(bytes);
    await eventually(() => expect(near.text() !== '' || fars.length > 0).toBe(true));
    return near;
  }

  it('agrees to a WebSocket as RFC 6455 says, and passes nothing', async () => {
    await openWith({ instead: 'silent-socket' });
    const near = await asked(socket);
    near.socket.write('frame');
    expect(near.text()).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n');
    expect([fars.length, near.ended]).toEqual([0, 'no']);
    await asked(request);
    await eventually(() => expect(fars[0]?.text()).toBe(request));
  });

  it('refuses WebSockets and lets other requests pass', async () => {
    await openWith({ instead: 'no-socket' });
    const near = await asked(socket);
    expect(near.text()).toMatch(/^HTTP\/1.1 403 /);
    await asked(request);
    await eventually(() => expect(fars[0]?.text()).toBe(request));
  });

  it.each([
    ['login-page', /^HTTP\/1.1 200 [\s\S]*<script>/],
    ['redirect', /^HTTP\/1.1 302 [\s\S]*Location: /],
  ] as const)('answers everything with a %s', async (instead, expected) => {
    await openWith({ instead });
    for (const bytes of [socket, request]) {
      const near = await asked(bytes);
      await eventually(() => expect(near.ended).toBe('end'));
      expect(near.text()).toMatch(expected);
    }
    expect(fars).toEqual([]);
  });
});

describe('random cuts', () => {
  it('are the same for the same seed, in both directions and both ways', () => {
    const draw = (seed: number): Faults[] => Array.from({ length: 200 }, randomCuts(createRandom(seed)));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    const cuts = draw(3).map(({ up, down, cutBy }) => ({
      way: up ? 'up' : 'down',
      at: (up ?? down)?.cutAt ?? -1,
      cutBy,
    }));
    expect(new Set(cuts.map(({ way, cutBy }) => `${way} ${cutBy}`)).size).toBe(4);
    expect(cuts.filter(({ at }) => at < 200).length).toBeGreaterThan(60);
    expect(cuts.filter(({ at }) => at > 2_000).length).toBeGreaterThan(20);
    expect(cuts.every(({ at }) => at >= 0 && at < 20_000)).toBe(true);
  });
});
