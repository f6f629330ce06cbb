import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyWebhook } from '@sveiki/sdk/webhooks';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { audit } from '../cli/audit.ts';
import type { CommandLine } from '../cli/command-line.ts';
import { reload, rotate, signOutEverybody } from '../cli/rotate.ts';
import { systemClock } from '../clock.ts';
import { loadConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { type RunningServer, startServer } from '../main.ts';
import { orderReload } from '../orders.ts';
import type { Clock } from '../ports.ts';
import { type OpenHouse, SITE_ORIGIN } from '../security/open-house.ts';
import { agentHello, type OpenLine, openLine, visitorHello } from '../security/open-line.ts';
import { sealedWith } from './envelope.ts';
import { readKeys } from './key-source.ts';

/** What the relay looks at every few seconds it looks at every few milliseconds here. */
let looks = 0;
const clock: Clock = {
  now: systemClock.now,
  after(ms, run) {
    if (ms !== 2_500) return systemClock.after(ms, run);
    return systemClock.after(20, () => {
      looks += 1;
      run();
      heard();
    });
  },
};

const folder = mkdtempSync(join(tmpdir(), 'sveiki-rotation-'));
const file = (name: string): string => join(folder, name);
const config = file('sveiki.config.json');
const random = (mark: string): string => `${mark}-${'0123456789abcdefghijklmnopqrstuv'}`;
const whsec = (byte: number): string =>
  `whsec_${Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7 + byte)).toString('base64')}`;

const said: string[] = [];
const waiting = new Set<() => void>();
const heard = (): void => {
  for (const look of [...waiting]) look();
};
/** Resolves when it is so; looked at whenever anything is logged or posted. */
function until(isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!isSo()) return;
      waiting.delete(look);
      resolve();
    };
    waiting.add(look);
    look();
  });
}
const holds = (): number => said.filter((line) => line.includes('Another configuration holds.')).length;

/** What was posted to the webhook: its id and which of the secrets it was signed with. */
interface Post {
  id: string;
  body: string;
  headers: Record<string, string>;
}
const posts: Post[] = [];
let receiver: Server;
let server: RunningServer;
let house: OpenHouse;

interface Written {
  webhooks: string[];
  identity: string[];
  bots: string[];
  metrics: string;
}
let written: Written = { webhooks: ['webhook-1'], identity: ['identity-1'], bots: ['bot-1'], metrics: 'metrics-1' };
function write(change: Partial<Written>): void {
  written = { ...written, ...change };
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/crm`;
  const here = (names: string[]) => names.map((name) => ({ file: name }));
  writeFileSync(
    config,
    JSON.stringify({
      ...{ port: 0, publicUrl: 'http://127.0.0.1:0', dataDir: 'data', allowPrivateAddresses: true, rateFactor: 1_000 },
      sites: [
        {
          ...{ key: 'pk_shop_test', name: 'Shop', origins: [SITE_ORIGIN], team: 'sales' },
          identity: {
            audience: 'shop',
            keys: written.identity.map((name) => ({ id: name, algorithm: 'HS256', key: { file: name } })),
          },
        },
      ],
      teams: [{ id: 'sales', name: 'Sales' }],
      webhooks: [{ url, secret: here(written.webhooks), events: ['message.created'] }],
      bots: [{ id: 'faq', name: 'Faq', token: here(written.bots) }],
      metricsToken: { file: written.metrics },
    }),
  );
}
const line = (...positionals: string[]): CommandLine => ({ positionals, values: { config }, env: {} });
/** What the command does, without a database to open for each. */
const order = (): Promise<void> => orderReload(server.store, `order-${holds()}`);
/** Asks the running relay to read its configuration again, and waits until another one holds. */
async function change(next: Partial<Written>, ask: () => Promise<unknown> = order): Promise<void> {
  const before = holds();
  write(next);
  await ask();
  await until(() => holds() > before);
}

beforeAll(async () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  for (const [i, kind] of ['webhook', 'webhook'].entries()) writeFileSync(file(`${kind}-${i + 1}`), whsec(i + 1));
  for (const name of ['identity-1', 'identity-2', 'bot-1', 'bot-2', 'metrics-1', 'metrics-2'])
    writeFileSync(file(name), `${random(name)}\n`);
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const headers = request.headers as Record<string, string>;
      posts.push({ id: headers['webhook-id'] ?? '', body, headers });
      response.end();
      heard();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  write({});
  const read = () => loadConfig({ file: config, env: {} });
  const log = createLog({
    level: 'info',
    write(text) {
      said.push(text);
      heard();
    },
  });
  server = await startServer(await read(), { clock, log, publicFolder: '/nowhere', readAgain: read });
  house = {
    server,
    desk: server.config.publicUrl,
    post: (path, body, headers = {}) =>
      fetch(server.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: server.config.publicUrl, ...headers },
        body: JSON.stringify(body),
      }),
    signedIn: () => Promise.reject(new Error('Nobody signs in so.')),
    ticket: () => Promise.reject(new Error('Nobody signs in so.')),
  };
});
afterAll(async () => {
  await server.stop();
  receiver.closeAllConnections();
  receiver.close();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** A visitor who writes between any two looks of the relay, and comes back when his line ends; what was not acknowledged, or not taken yet, is sent again. */
function talker(name: string) {
  const acked: { conversation: string; id: string }[] = [];
  const sessions = new Set<string>();
  let isOver = false;
  let session: string | null = null;
  let conversation = '';
  let lines = 0;
  async function begin(): Promise<OpenLine> {
    lines += 1;
    const own = await openLine(house, 'socket', 'site', { ...visitorHello, ...(session === null ? {} : { session }) });
    const welcome = (await own.until(({ type }) => type === 'welcome')) as unknown as { session: string };
    if (welcome.session !== session) conversation = `conversation-${name}-${lines}`;
    session = welcome.session;
    sessions.add(session);
    return own;
  }
  async function run(): Promise<void> {
    let own = await begin();
    for (let i = 0; !isOver; ) {
      const id = `${name}-${String(i).padStart(6, '0')}-${lines}`;
      try {
        await own.send({ type: 'send', id, conversation, blocks: [{ kind: 'text', text: `Word ${i} of ${name}` }] });
        const answer = await own.until(
          (frame) => (frame.type === 'ack' || (frame.type === 'nack' && frame.retry === 'later')) && frame.id === id,
        );
        own.frames.length = 0;
        // A database that two write into may be too busy for one message: it is sent again, as every client does.
        if (answer.type !== 'ack') continue;
        acked.push({ conversation, id });
        i += 1;
        heard();
        // Without any pause thousands of messages would wait to be posted, and everything here for them.
        const before = looks;
        await until(() => isOver || looks > before);
      } catch {
        own = await begin();
      }
    }
    await own.end();
  }
  const done = run();
  return {
    name,
    acked,
    sessions,
    /** Rejects when he can write no more. */
    done,
    get lines() {
      return lines;
    },
    async stop() {
      isOver = true;
      heard();
      await done;
    },
  };
}

let talks = 0;
/** While people write: what was acknowledged is there, once. */
async function whilePeopleTalk(work: (people: readonly ReturnType<typeof talker>[]) => Promise<void>): Promise<void> {
  const people = ['mia', 'noah', 'ilze'].map((name) => talker(`${name}-${++talks}`));
  const all = () => people.flatMap(({ acked }) => acked);
  async function meanwhile(): Promise<void> {
    await until(() => people.every(({ acked }) => acked.length >= 3));
    await work(people);
    const count = people.map(({ acked }) => acked.length);
    await until(() => people.every(({ acked }, i) => acked.length >= (count[i] ?? 0) + 3));
  }
  try {
    await Promise.race([meanwhile(), ...people.map(({ done }) => done)]);
  } finally {
    await Promise.all(people.map((one) => one.stop()));
  }
  const stored = new Map<string, number>();
  for (const conversation of new Set(all().map((one) => one.conversation))) {
    for (let after = 0; ; ) {
      const page = await server.store.events({ conversation, count: 'staff', after, limit: 500 });
      for (const { id } of page.events) stored.set(id, (stored.get(id) ?? 0) + 1);
      after = page.events.at(-1)?.seq ?? after;
      if (!page.more) break;
    }
  }
  expect(all().filter(({ id }) => stored.get(id) !== 1)).toEqual([]);
}

const botTicket = (name: string): Promise<Response> =>
  fetch(`${server.url}/desk/api/ticket`, { method: 'POST', headers: { authorization: `Bearer ${random(name)}` } });

describe('while people write', () => {
  it('the key of the database is changed: everything is under the new one, and nothing that was signed ends', async () => {
    const keys = { kind: 'file', file: file('data/sveiki.key') } as const;
    const [old] = readKeys(keys);
    const links = await server.store.setting('file-link-secret');
    await whilePeopleTalk(async (people) => {
      await rotate(line('key'));
      const [newest] = readKeys(keys);
      expect(newest?.id).not.toBe(old?.id);
      const settings = [...(await server.store.settings()).values()].map(sealedWith).filter((id) => id !== null);
      expect(settings.length).toBeGreaterThan(1);
      expect(new Set(settings)).toEqual(new Set([newest?.id]));
      expect(await server.store.setting('file-link-secret')).not.toBe(links);
      expect(people.every(({ lines }) => lines === 1)).toBe(true);
      // Who still has only the old key is told which one is missing; here nobody needs it any more.
      writeFileSync(keys.file, `${readFileSync(keys.file, 'utf8').split('\n')[0]}\n`);
      await audit(line('verify'));
    });
  });

  it('the secrets of links and of the audit log are changed, and what was sealed before still holds', async () => {
    await whilePeopleTalk(async (people) => {
      await rotate(line('links'));
      await rotate(line('audit'));
      await server.audit.note({ actor: 'relay', action: 'retention.run' });
      expect(await audit(line('verify'))).toBe(0);
      expect(people.every(({ lines }) => lines === 1)).toBe(true);
    });
  });

  it('a webhook gets messages that both secrets verify, from the change on until the old one is gone', async () => {
    const verifies = async (post: Post, name: string): Promise<boolean> =>
      verifyWebhook(readFileSync(file(name), 'utf8'), post.headers, post.body).then(
        () => true,
        () => false,
      );
    await whilePeopleTalk(async (people) => {
      /** What is posted of something that is written from here on: what is on its way may have been signed before. */
      const next = async (): Promise<Post> => {
        const [{ acked, name }] = people as [ReturnType<typeof talker>];
        const text = `"Word ${acked.length + 1} of ${name}"`;
        const isIt = ({ body }: Post) => body.includes(text);
        await until(() => posts.some(isIt));
        return posts.find(isIt) as Post;
      };
      expect(await verifies(await next(), 'webhook-1')).toBe(true);
      await change({ webhooks: ['webhook-2', 'webhook-1'] });
      const both = await next();
      expect([await verifies(both, 'webhook-1'), await verifies(both, 'webhook-2')]).toEqual([true, true]);
      await change({ webhooks: ['webhook-2'] });
      const only = await next();
      expect([await verifies(only, 'webhook-1'), await verifies(only, 'webhook-2')]).toEqual([false, true]);
      expect(people.every(({ lines }) => lines === 1)).toBe(true);
    });
    // Whoever had either secret in his hands could read each of them: none was signed with nothing. Not while people write: there is always one more.
    const isSigned = async (post: Post): Promise<boolean> =>
      (await verifies(post, 'webhook-1')) || (await verifies(post, 'webhook-2'));
    expect(await Promise.all([...posts].map(isSigned))).not.toContain(false);
  });

  it('a site signs identities with the old key, with the new one, and then only with the new one', async () => {
    const token = (name: string) =>
      new SignJWT({ name: 'Mia' })
        .setProtectedHeader({ alg: 'HS256', kid: name })
        .setSubject(`customer-of-${name}`)
        .setAudience('shop')
        .setExpirationTime('10m')
        .sign(new TextEncoder().encode(random(name)));
    const isTaken = async (name: string): Promise<boolean> => {
      const own = await openLine(house, 'socket', 'site', { ...visitorHello, identity: await token(name) });
      const first = await own.until(({ type }) => type === 'welcome' || type === 'error');
      await own.end();
      return first.type === 'welcome';
    };
    await whilePeopleTalk(async (people) => {
      expect([await isTaken('identity-1'), await isTaken('identity-2')]).toEqual([true, false]);
      await change({ identity: ['identity-2', 'identity-1'] });
      expect([await isTaken('identity-1'), await isTaken('identity-2')]).toEqual([true, true]);
      await change({ identity: ['identity-2'] });
      expect([await isTaken('identity-1'), await isTaken('identity-2')]).toEqual([false, true]);
      expect(people.every(({ lines }) => lines === 1)).toBe(true);
    });
  });

  it('a bot changes its token without leaving: lines of the old one end only when it is gone', async () => {
    const enter = async (name: string): Promise<OpenLine> => {
      const { ticket } = (await (await botTicket(name)).json()) as { ticket: string };
      const own = await openLine(house, 'socket', 'desk', agentHello(ticket));
      await own.until(({ type }) => type === 'welcome');
      return own;
    };
    await whilePeopleTalk(async () => {
      const old = await enter('bot-1');
      expect((await botTicket('bot-2')).status).toBe(401);
      await change({ bots: ['bot-2', 'bot-1'] });
      const next = await enter('bot-2');
      let isOver = false;
      old.closed.then(
        () => {
          isOver = true;
        },
        () => {},
      );
      expect((await botTicket('bot-1')).status).toBe(200);
      expect(isOver).toBe(false);
      await change({ bots: ['bot-2'] });
      expect((await old.closed).code).toBe(4401);
      expect((await botTicket('bot-1')).status).toBe(401);
      expect((await botTicket('bot-2')).status).toBe(200);
      await next.send({ type: 'pong' });
      await next.end();
    });
  });

  it('the token of the metrics is another one', async () => {
    const metrics = async (name: string): Promise<number> =>
      (await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${random(name)}` } })).status;
    await whilePeopleTalk(async () => {
      expect([await metrics('metrics-1'), await metrics('metrics-2')]).toEqual([200, 404]);
      await change({ metrics: 'metrics-2' }, () => reload(line()));
      expect([await metrics('metrics-1'), await metrics('metrics-2')]).toEqual([404, 200]);
    });
  });

  it('a configuration that is wrong changes nothing, and neither does a secret that everybody knows', async () => {
    writeFileSync(file('weak'), 'changeme-changeme-changeme-changeme');
    const before = written;
    write({ bots: ['weak'] });
    await expect(reload(line())).rejects.toThrow('bots[0].token');
    write(before);
    expect((await botTicket('bot-2')).status).toBe(200);
  });

  it('every session ends within one look, and everybody who writes comes back as somebody new', async () => {
    await server.store.saveAgent({
      ...{ id: 'ada', name: 'Ada', role: 'agent', email: 'ada@shop.example', teams: ['sales'], capacity: 5 },
      ...{ presence: 'online', passwordHash: null, active: true, createdAt: 0 },
    });
    const code = await server.auth.makeCode('ada');
    const answer = await house.post('/desk/api/session', { code });
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    const { ticket } = (await (await house.post('/desk/api/ticket', {}, { cookie })).json()) as { ticket: string };
    const ada = await openLine(house, 'socket', 'desk', agentHello(ticket));
    await ada.until(({ type }) => type === 'welcome');
    const unused = await server.auth.makeCode('ada');
    await whilePeopleTalk(async (people) => {
      await signOutEverybody(line());
      expect((await ada.closed).code).toBe(4401);
      expect((await house.post('/desk/api/config', {}, { cookie })).status).toBe(401);
      expect((await house.post('/desk/api/session', { code: unused })).status).toBe(401);
      await until(() => people.every(({ sessions }) => sessions.size === 2));
    });
    expect((await server.store.auditRows({ action: 'sessions.ended', limit: 5 })).map(({ actor }) => actor)).toEqual([
      'operator',
    ]);
  });
});
