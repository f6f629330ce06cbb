import { createHmac } from 'node:crypto';
import { type Chat, createChat } from '@sveiki/sdk';
import { type Agent, createAgent, isKind } from '@sveiki/sdk/agent';
import { browserAt, until } from '@sveiki/sdk/testing';
import { type RelayOptions, startRelay } from '@sveiki/server';

export const secrets = {
  IDENTITY_KEY: 'a long random text that only the shop and its relay know',
  CRM_SECRET: `whsec_${Buffer.from('a secret of the relay and its CRM').toString('base64')}`,
};
const people = [
  { id: 'ada', name: 'Ada', email: 'ada@shop.example.com', role: 'lead' },
  { id: 'ben', name: 'Ben', email: 'ben@shop.example.com' },
] as const;

/** What the shop's own server gives a page on which a customer is signed in: a JSON Web Token. */
export function identityToken(customer: string): string {
  const now = Math.floor(Date.now() / 1_000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'HS256', kid: 'k1' })}.${part({ sub: customer, aud: 'sveiki', iat: now, exp: now + 600 })}`;
  return `${body}.${createHmac('sha256', secrets.IDENTITY_KEY).update(body).digest('base64url')}`;
}

/** What the desk shows of a routing decision. */
export interface Decided {
  conversation: string;
  by: string;
  reason: string;
  team: string | undefined;
}

export interface Shop {
  agent(id: 'ada' | 'ben'): Agent;
  /** Somebody writes, signed in as `customer` or as nobody; resolves when it is decided where that goes. */
  visitor(customer?: string): Promise<Decided>;
  /** Resolves with the id of whoever has it. */
  ownerOf(conversation: string): Promise<string>;
  stop(): Promise<void>;
}

export async function openShop(config: NonNullable<RelayOptions['config']>): Promise<Shop> {
  const relay = await startRelay({ config, people, env: secrets, port: 0, dataDir: ':memory:' });
  const agents = new Map<string, Agent>();
  const chats: Chat[] = [];
  for (const { id } of people) {
    const agent = createAgent({ server: relay.url, ...browserAt(relay.url) });
    await agent.signInWithCode(await relay.signInCode(id));
    await agent.connect();
    agents.set(id, agent);
  }
  const agent: Shop['agent'] = (id) => agents.get(id) as Agent;
  const lead = agent('ada');

  return {
    agent,
    async visitor(customer) {
      const chat = createChat({
        server: relay.url,
        site: 'pk_crm_example',
        storage: 'memory',
        ...browserAt('https://shop.example.com'),
        ...(customer === undefined ? {} : { identity: { token: identityToken(customer) } }),
      });
      chats.push(chat);
      const { conversation } = await chat.send('Hello, I have a question.');
      await lead.watch(conversation);
      return until(lead, () => {
        const events = lead.state.watched.get(conversation)?.events;
        const routed = events?.findLast((event) => isKind(event, 'routed'))?.body;
        return routed && { conversation, by: routed.by, reason: routed.reason, team: routed.team?.id };
      });
    },
    ownerOf: (conversation) => until(lead, () => lead.state.watched.get(conversation)?.state.owner?.id),
    async stop() {
      await Promise.all([...chats, ...agents.values()].map((one) => one.destroy()));
      await relay.stop();
    },
  };
}
