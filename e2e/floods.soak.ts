import { request } from 'node:http';
import { stripVTControlCharacters } from 'node:util';
import type { Chat } from '@sveiki/sdk';
import { type MemoryStorage, memoryStorage } from '@sveiki/sdk/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../tools/replay/until.ts';
import {
  attack,
  type FloodedHouse,
  median,
  openFloodedHouse,
  origin,
  outputOf,
  realVisitors,
  site,
} from './floods-house.ts';
import { letPass } from './real-time.ts';

/*
 * Attacks on a relay that runs as it would, with its own limits, while real people use it. Asserted are counts and limits; how long things took is
 * printed as a ratio against the same relay at rest. Each attack lasts SVEIKI_FLOOD_SECONDS, two minutes by default; needs Linux, whose 127.0.0.0/8 is
 * many addresses, 20,000 open files, and the program `slowhttptest` (Debian: apt-get install slowhttptest).
 */
const floodSeconds = Number(process.env['SVEIKI_FLOOD_SECONDS'] ?? 120);
/** At the same time. */
const connections = Number(process.env['SVEIKI_FLOOD_CONNECTIONS'] ?? 10_000);
const calmMs = 10_000;

// Whoever waits for a relay that is gone waits for ever.
vi.setConfig({ testTimeout: (floodSeconds + 300) * 1_000 });

let house: FloodedHouse;
afterEach(() => house.stop());

/** The token that proves who somebody is, from his browser's disk. */
function sessionIn(storage: MemoryStorage): string {
  const key = storage.keys().find((one) => one.endsWith('session')) ?? '';
  return storage.get(key) ?? '';
}

/** Another line of that person, without a client that minds it. */
function lineOf(session: string, localAddress: string): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${house.port}/v1/socket`, { origin, ...{ localAddress } });
  const hello = {
    type: 'hello',
    role: 'visitor',
    versions: [1],
    client: 'flood',
    site,
    ...(session === '' ? {} : { session }),
    locale: 'en',
    timeZone: 'UTC',
  };
  socket.once('open', () => socket.send(JSON.stringify(hello)));
  return socket;
}

/** Real visitors at rest and while `attacking` goes on. */
async function served<T>(attacking: () => Promise<T>): Promise<{ attacked: T; report: string; visitors: number }> {
  const calm = await realVisitors(house, letPass(calmMs), 31);
  const running = attacking();
  const busy = await realVisitors(house, running, 32);
  const attacked = await running;
  const ratio = Math.round((median(busy) / median(calm)) * 10) / 10;
  const slowest = Math.round((busy.at(-1) ?? 0) / median(calm));
  return {
    attacked,
    visitors: busy.length,
    report: `${busy.length} visitors meanwhile, welcome at ${ratio} times the calm median (${Math.round(median(calm))} ms), the slowest at ${slowest} times`,
  };
}

describe(`${connections} connections that say nothing of use`, () => {
  it.for([
    // Who says no hello is told to go after 10 s, and gone 5 s later when he does not listen.
    { kind: 'no-hello', limitSeconds: 10 + 5 },
    // Half-finished requests are looked at every 2 s.
    { kind: 'silent', limitSeconds: 10 + 2 },
    { kind: 'slow-headers', limitSeconds: 10 + 2 },
    { kind: 'slow-body', limitSeconds: 10 + 2 },
  ])('$kind: each is ended in time, and real visitors are served', async ({ kind, limitSeconds }) => {
    house = await openFloodedHouse();
    const { attacked, report, visitors } = await served(() =>
      attack(house, { kind, connections, seconds: floodSeconds }),
    );
    console.log(kind, JSON.stringify(attacked), report, `${Math.round(house.mostMemory() / 2 ** 20)} MiB at most`);
    expect(attacked.failed).toBe(0);
    expect(attacked.most).toBeGreaterThan(0.9 * connections);
    // A busy machine looks a little late.
    expect(attacked.answers['nothing'] ?? 0).toBeLessThan(0.1 * connections);
    expect(attacked.longestSeconds).toBeLessThan(limitSeconds + 10);
    expect(visitors).toBeGreaterThan(floodSeconds / 10);
    const chat = house.visitor('127.33.0.1');
    await chat.send('And afterwards?');
  });

  it.for([
    { name: 'slow headers', flags: ['-H', '-t', 'GET'], path: '/healthz' },
    { name: 'slow bodies', flags: ['-B', '-t', 'POST', '-s', '4096'], path: '/v1/stream' },
    {
      name: 'slow reading',
      flags: ['-X', '-w', '16', '-y', '32', '-n', '5', '-z', '8', '-k', '3'],
      path: '/widget.js',
    },
  ])('slowhttptest, $name: the relay answers all the time', async ({ name, flags, path }) => {
    house = await openFloodedHouse();
    const { attacked, report } = await served(() =>
      outputOf('slowhttptest', [
        ...[...flags, '-c', '1000', '-r', '200', '-i', '5', '-l', `${floodSeconds}`, '-p', '3', '-x', '24', '-v', '1'],
        ...['-u', `${house.url}${path}`],
      ]),
    );
    console.log(name, report);
    // What it says every five seconds or so, in colours.
    const said = stripVTControlCharacters(attacked).match(/service available:\s+\w+/g) ?? [];
    expect(said.length).toBeGreaterThan(0);
    expect(said.filter((one) => !one.endsWith('YES'))).toEqual([]);
  });
});

describe('500 sockets that take what they can', () => {
  it('take at most 2 MiB each', async () => {
    house = await openFloodedHouse();
    const sockets = 500;
    const before = house.mostMemory();
    const held = await Promise.all(
      Array.from({ length: sockets }, async (_, i) => {
        const socket = lineOf('', `127.40.${Math.floor(i / 200)}.${Math.floor(i / 20) + 1}`);
        socket.on('error', () => {});
        await new Promise((done) => socket.once('message', done));
        // A message that is never whole, in as many pieces as there may be; and answers that nobody reads.
        for (let piece = 0; piece < 60; piece++) socket.send('x'.repeat(1_000), { fin: false });
        socket.pause();
        return socket;
      }),
    );
    const chat = house.visitor('127.33.0.1');
    await chat.send('And others are answered.');
    const open = held.filter(({ readyState }) => readyState === WebSocket.OPEN).length;
    const each = (house.mostMemory() - before) / sockets;
    console.log(`${open} open, ${Math.round(each / 1_024)} KiB each`);
    expect(open).toBe(sockets);
    expect(each).toBeLessThan(2 * 2 ** 20);
    for (const socket of held) socket.terminate();
  });
});

describe('a flood of sign-ins', () => {
  it('is refused, and messages go on', async () => {
    house = await openFloodedHouse();
    const ada = await house.agent();
    const chat = house.visitor('127.33.0.2');
    const { conversation } = await chat.send('While they knock');
    await ada.take(conversation);
    let isOver = false;
    const waits: number[] = [];
    const typing = (async () => {
      while (!isOver) {
        const startedAt = performance.now();
        chat.typing();
        await chat.loadOlder();
        await ada.list({ view: 'mine' });
        waits.push(performance.now() - startedAt);
        await letPass(100);
      }
    })();
    await letPass(3_000);
    const calm = waits.splice(0).sort((a, b) => a - b);
    const statuses = await Promise.all(Array.from({ length: 1_000 }, (_, i) => signIn(i)));
    isOver = true;
    await typing;
    waits.sort((a, b) => a - b);
    const counts: Record<number, number> = {};
    for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
    const ratio = Math.round((median(waits) / median(calm)) * 10) / 10;
    console.log(
      'sign-ins',
      JSON.stringify(counts),
      `${waits.length} answers meanwhile, at ${ratio} times the calm median`,
    );
    expect(Object.keys(counts).every((status) => status === '401' || status === '403' || status === '429')).toBe(true);
    expect(counts[429]).toBeGreaterThan(900);
    expect(waits.length).toBeGreaterThan(0);
    expect(chat.state.connection.status).toBe('online');
    await ada.send(conversation, 'Still here.');
  });

  /** The status of the answer to one of them; each from an address of its own, for a person of its own. */
  function signIn(i: number): Promise<number> {
    const body = JSON.stringify({ email: `nobody-${i}@shop.example`, password: 'correct horse battery' });
    return new Promise((resolve, reject) => {
      const asked = request(
        `${house.url}/desk/api/session`,
        {
          method: 'POST',
          localAddress: `127.34.${i >> 8}.${i & 255 || 1}`,
          headers: { origin: house.url, 'content-type': 'application/json', 'content-length': body.length },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      asked.on('error', reject);
      asked.end(body);
    });
  }
});

describe('a reader who never reads', () => {
  it('is closed with a code of his own, and others hear everything', async ({ signal }) => {
    house = await openFloodedHouse({ rateFactor: 10_000 });
    const ada = await house.agent();
    const storage = memoryStorage();
    const [mia, noah] = [house.visitor('127.33.0.3', storage), house.visitor('127.33.0.4')];
    const [toMia, toNoah] = [await mia.send('I am in two tabs'), await noah.send('I am in one')];
    for (const { conversation } of [toMia, toNoah]) await ada.take(conversation);
    const deaf = lineOf(sessionIn(storage), '127.33.0.3');
    await new Promise((welcomed) => deaf.once('message', welcomed));
    deaf.pause();
    const long = 'x'.repeat(16_000);
    const closed = (): Promise<number> => house.counter('sveiki_closes_total{code="4411"}');
    let said = 0;
    for (; (await closed()) === 0 && said < 2_000; said += 16) {
      await Promise.all(Array.from({ length: 16 }, () => ada.send(toMia.conversation, long)));
      await ada.send(toNoah.conversation, `${said}`);
    }
    expect(await closed()).toBe(1);
    deaf.resume();
    expect(await new Promise((resolve) => deaf.once('close', resolve))).toBe(4411);
    const received = (chat: Chat): number =>
      chat.state.entries.filter(({ event }) => event?.actor.kind === 'agent' && event.body.kind === 'message').length;
    await until(mia, () => received(mia) === said || undefined, signal);
    await until(noah, () => received(noah) === said / 16 || undefined, signal);
    console.log(`closed after ${Math.round((said * long.length) / 2 ** 20)} MiB`);
  });
});
