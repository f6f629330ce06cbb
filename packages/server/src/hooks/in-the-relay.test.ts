import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EventHook, HookEvent } from '@sveiki/sdk/config';
import { verifyWebhook } from '@sveiki/sdk/webhooks';
import { afterEach, describe, expect, it } from 'vitest';
import type { Config } from '../config-types.ts';
import { type RelayUnderTest, relayUnderTest, text } from '../testing/relay-under-test.ts';

const opened: RelayUnderTest[] = [];
const servers: Server[] = [];
afterEach(async () => {
  for (const under of opened.splice(0)) {
    await under.checkEventLaw();
    await under.relay.stop();
  }
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function house(config: Partial<Config>): Promise<RelayUnderTest> {
  const under = await relayUnderTest({ config });
  opened.push(under);
  return under;
}

const C = 'conversation-1';
let count = 0;
const say = (words: string) => ({
  type: 'send',
  id: `message-${String(++count).padStart(4, '0')}`,
  conversation: C,
  blocks: text(words),
});
const textOf = ({ event }: HookEvent<'message'>): string => event.body.blocks[0]?.text ?? '';

describe('hooks of a configuration', () => {
  it('that throw, hang, answer nonsense or tell a lot are never noticed by visitor and agent; the desk hears of it', async () => {
    const told: string[] = [];
    const events: EventHook<'message'>[] = [
      { name: 'throws', on: ['message'], run: () => Promise.reject(new Error('CRM is away')) },
      { name: 'hangs', on: ['message'], run: () => new Promise(() => {}) },
      { name: 'nonsense', on: ['message'], run: () => 42 as unknown as undefined },
      {
        name: 'changes what it is given',
        on: ['message'],
        run(event) {
          event.event.body.blocks.length = 0;
          event.conversation.owner = { id: 'thief', name: 'Thief' };
        },
      },
      { name: 'works', on: ['message'], run: (event) => void told.push(textOf(event)) },
    ];
    const under = await house({ hooks: { events } });
    const ada = await under.agent('ada');
    const mia = await under.visitor();
    for (const words of ['one', 'two', 'three']) await mia.send(say(words));
    await ada.send({ type: 'take', id: 'take-0001', conversation: C });
    await ada.send({ ...say('Hello'), ownership: 2 });
    await under.pass(1_000);
    expect(mia.of('nack')).toEqual([]);
    expect(mia.of('ack')).toHaveLength(3);
    expect(told).toEqual(['one', 'two', 'three', 'Hello']);
    await under.pass(30_000);
    const failures = under.relay
      .recentFailures()
      .map(({ hook, message, conversation }) => `${hook}: ${message} (${conversation})`);
    expect(failures.filter((one) => one.startsWith('throws'))).toEqual(
      Array.from({ length: 4 }, () => `throws: CRM is away (${C})`),
    );
    expect(failures.filter((one) => one.startsWith('hangs'))[0]).toBe(
      `hangs: "hangs" did not answer in 5000 ms. (${C})`,
    );
    const { events: log } = await under.store.events({ conversation: C, count: 'public', after: 0, limit: 100 });
    expect(log.filter(({ body }) => body.kind === 'message' && body.blocks.length === 1)).toHaveLength(4);
  });

  it('are told after a restart what they were in the middle of', async () => {
    const told: string[] = [];
    let isAway = true;
    const hook: EventHook<'message'> = {
      name: 'crm',
      on: ['message'],
      onFailure: 'retry',
      run(event) {
        if (isAway) throw new Error('away');
        told.push(`${textOf(event)} ${event.id}`);
      },
    };
    const under = await house({ hooks: { events: [hook] } });
    const mia = await under.visitor();
    await mia.send(say('one'), say('two'));
    await under.pass(10_000);
    await under.restart();
    isAway = false;
    await under.pass(1_000);
    expect(told).toEqual([`one ${C}_2`, `two ${C}_3`]);
  });
});

describe('webhooks of a configuration', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

  /** A receiver that answers as it is told, and waits for what comes. */
  async function receiver(...statuses: number[]) {
    const came: { headers: IncomingMessage['headers']; body: string }[] = [];
    const waiting: (() => void)[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += String(chunk);
      });
      request.on('end', () => {
        response.writeHead(statuses.shift() ?? 204).end();
        response.on('close', () => {
          came.push({ headers: request.headers, body });
          for (const go of waiting.splice(0)) go();
        });
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const has = async (much: number): Promise<void> => {
      while (came.length < much) await new Promise<void>((resolve) => waiting.push(resolve));
    };
    return { url, came, has };
  }

  it('are posted in their order, again after a failure under the same id, and are believed by who has the secret', async () => {
    const there = await receiver(500);
    const webhooks = [{ url: there.url, secrets: [secret], events: ['message.created'] }];
    const under = await house({ webhooks, allowPrivateAddresses: true });
    const mia = await under.visitor();
    await mia.send(say('one'), say('two'));
    await there.has(1);
    // The failure comes to the outbox a moment after it left the receiver.
    while (under.relay.recentFailures().length === 0) await new Promise((resolve) => setImmediate(resolve));
    await under.pass(5_000);
    await there.has(3);
    const now = under.clock.now();
    const seen = await Promise.all(
      there.came.map(({ headers, body }) => verifyWebhook(secret, headers, body, { now })),
    );
    const words = seen.map(({ data }) => (data.event['body'] as { blocks: { text: string }[] }).blocks[0]?.text);
    expect(words).toEqual(['one', 'one', 'two']);
    expect(there.came.map(({ headers }) => headers['webhook-id'])).toEqual([`${C}_2`, `${C}_2`, `${C}_3`]);
    expect(under.relay.recentFailures()).toMatchObject([
      { stage: 'webhook', message: expect.stringMatching(/answered 500\.$/) as string },
    ]);
  });

  it('stay outside private networks when nobody allowed them', async () => {
    const there = await receiver();
    const under = await house({ webhooks: [{ url: there.url, secrets: [secret], events: null }] });
    const mia = await under.visitor();
    await mia.send(say('one'));
    await under.pass(100);
    expect(under.relay.recentFailures()[0]?.message).toContain('Set "allowPrivateAddresses"');
    expect(there.came).toEqual([]);
  });
});
