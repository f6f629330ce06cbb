import { type Chat, createChat } from '@sveiki/sdk';
import { type Agent, createAgent, isKind } from '@sveiki/sdk/agent';
import { browserAt, until } from '@sveiki/sdk/testing';
import { type RunningRelay, startRelay } from '@sveiki/server';
import config from './sveiki.config.ts';

export const people = [
  { id: 'ada', name: 'Ada', email: 'ada@fix.example.com' },
  { id: 'ben', name: 'Ben', email: 'ben@fix.example.com' },
  { id: 'cleo', name: 'Cleo', email: 'cleo@fix.example.com', role: 'lead' },
] as const;

/** Who has a conversation, and why it came to them. */
export interface Placed {
  owner: string;
  /** What decided the team. */
  routed: string;
  /** What decided the person. */
  assigned: string;
}

export interface Service {
  relay: RunningRelay;
  /** Somebody writes on the site; resolves when a person has the conversation. */
  visitor(locale: string, words: string): Promise<Placed>;
  stop(): Promise<void>;
}

/** The relay with everybody at work. */
export async function startService(): Promise<Service> {
  const relay = await startRelay({ config, people, port: 0, dataDir: ':memory:' });
  const agents: Agent[] = [];
  const chats: Chat[] = [];
  for (const { id } of people) {
    const agent = createAgent({ server: relay.url, ...browserAt(relay.url) });
    await agent.signInWithCode(await relay.signInCode(id));
    await agent.connect();
    agents.push(agent);
  }
  // A lead sees every conversation.
  const lead = agents.at(-1) as Agent;

  return {
    relay,
    async visitor(locale, words) {
      const site = { site: 'pk_repair_service', ...browserAt('https://fix.example.com') };
      const chat = createChat({ server: relay.url, storage: 'memory', locale, ...site });
      chats.push(chat);
      const { conversation } = await chat.send(words);
      const end = await lead.watch(conversation);
      try {
        return await until(lead, () => {
          const events = lead.state.watched.get(conversation)?.events ?? [];
          const routed = events.findLast((event) => isKind(event, 'routed'));
          const assigned = events.findLast((event) => isKind(event, 'assigned'));
          return (
            routed &&
            assigned && {
              owner: assigned.body.owner.name,
              routed: routed.body.reason,
              assigned: assigned.body.reason ?? '',
            }
          );
        });
      } finally {
        end();
      }
    },
    async stop() {
      await Promise.all([...chats, ...agents].map((one) => one.destroy()));
      await relay.stop();
    },
  };
}
