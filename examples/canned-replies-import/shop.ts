import { readFileSync } from 'node:fs';
import { createChat } from '@sveiki/sdk';
import { type Agent, createAgent } from '@sveiki/sdk/agent';
import { browserAt } from '@sveiki/sdk/testing';
import { startRelay } from '@sveiki/server';
import config from './sveiki.config.ts';

export interface Shop {
  /** Cleo, a lead: what others use is written by leads. */
  cleo: Agent;
  /** Of a visitor who writes Latvian. */
  conversation: string;
  stop(): Promise<void>;
}

export async function openShop(): Promise<Shop> {
  const people = [{ id: 'cleo', name: 'Cleo', email: 'cleo@flowers.example.com', role: 'lead' }] as const;
  const relay = await startRelay({ config, people, port: 0, dataDir: ':memory:' });
  const cleo = createAgent({ server: relay.url, ...browserAt(relay.url) });
  await cleo.signInWithCode(await relay.signInCode('cleo'));
  await cleo.connect();
  const site = { site: 'pk_flower_shop', ...browserAt('https://flowers.example.com') };
  const chat = createChat({ server: relay.url, storage: 'memory', locale: 'lv', ...site });
  const { conversation } = await chat.send('Kur ir mans pušķis?');
  return {
    cleo,
    conversation,
    async stop() {
      await Promise.all([chat.destroy(), cleo.destroy()]);
      await relay.stop();
    },
  };
}

export const fileNamed = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
