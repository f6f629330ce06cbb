import type { ConversationState, FromServer, Role } from '@sveiki/protocol';
import type { Store } from '../ports.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { type RelayUnderTest, relayUnderTest, type TestLine, turn } from '../testing/relay-under-test.ts';

/** Everybody who can stand at a door of the relay, and what he is there as. */
export const STAFF = {
  faq: 'bot',
  /** Proposes words in every conversation, so it reads them all. */
  drafter: 'bot',
  ada: 'agent',
  cleo: 'lead',
  mel: 'manager',
  ari: 'admin',
} as const satisfies Record<string, Role>;
export type Staff = keyof typeof STAFF;

const BOTS = [
  { id: 'faq', name: 'Faq', drafts: false, code: null, tokenHash: null },
  { id: 'drafter', name: 'Drafter', drafts: true, code: null, tokenHash: null },
];

/** A conversation with something in it that only some may read. */
export interface Secret {
  conversation: string;
  visitor: string;
  /** Stands in everything that was said in it. */
  marker: string;
  /** Its visitor's line. */
  line: TestLine;
  /** A question its visitor was asked; '' when it has nobody who could ask. */
  ask: string;
}

export interface Cast {
  relay: RelayUnderTest;
  /** Cleo's line, with her lists: what staff would hear of anything. */
  witness: TestLine;
  /** A conversation of a new visitor. `owner` null: it waits in the queue. */
  conversation(owner: Staff | 'ben' | null): Promise<Secret>;
  state(conversation: string): Promise<ConversationState>;
  id(): string;
}

/** The relay with somebody of every role, and conversations of others for them to want. */
export async function cast(store: Store = createMemoryStore()): Promise<Cast> {
  for (const [id, role] of [
    ['ada', 'agent'],
    ['ben', 'agent'],
    ['cleo', 'lead'],
    ['mel', 'manager'],
    ['ari', 'admin'],
    ['rex', 'agent'],
    ['dora', 'agent'],
  ] as const) {
    await store.saveAgent({
      ...{ id, name: `Agent ${id}`, role, email: `${id}@shop.example`, teams: ['sales', 'billing'] },
      ...{ capacity: 1_000, presence: 'online', passwordHash: null, active: true, createdAt: 0 },
    });
  }
  const relay = await relayUnderTest({ store, config: { bots: BOTS } });
  const witness = await relay.agent('cleo@office', { lists: true });
  const ben = await relay.agent('ben@office');
  const lines = new Map<string, TestLine>();
  let count = 0;
  const id = (): string => `made-${String(++count).padStart(8, '0')}`;
  const state = async (conversation: string): Promise<ConversationState> => {
    const row = (await store.conversations([conversation])).get(conversation);
    if (row === undefined) throw new Error(`There is no conversation ${conversation}.`);
    return row.state;
  };
  const done = async (line: TestLine, frame: { id: string; type: string } & Record<string, unknown>): Promise<void> => {
    await line.send(frame);
    const answer = line.frames.find((one) => 'id' in one && one.id === frame.id);
    if (answer?.type !== 'ack') throw new Error(`${frame.type} was not done: ${JSON.stringify(answer)}`);
  };
  return {
    relay,
    witness,
    state,
    id,
    async conversation(owner) {
      const marker = `SECRET-${++count}`;
      const line = await relay.visitor();
      const conversation = id();
      await done(line, { type: 'send', id: id(), conversation, blocks: text(marker) });
      const { visitor } = await state(conversation);
      await done(ben, { type: 'note', id: id(), conversation, blocks: text(`note ${marker}`) });
      if (owner === null) return { conversation, visitor: visitor.id, marker, line, ask: '' };
      await done(ben, { type: 'take', id: id(), conversation });
      const ownership = (await state(conversation)).ownership;
      const form = { id: 'f', purpose: 'in-chat', fields: [{ kind: 'text', id: 'a', label: marker }] };
      await done(ben, { type: 'ask', id: id(), conversation, ownership, what: { kind: 'form', form } });
      const ask = (await store.eventsOfKinds(conversation, ['asked'])).at(-1)?.id ?? '';
      if (owner !== 'ben') {
        const kind = STAFF[owner] === 'bot' ? 'bot' : 'agent';
        if (!lines.has(owner)) lines.set(owner, await relay.agent(`${owner}@office`));
        const to = { kind, id: owner };
        await done(ben, { type: 'transfer', id: id(), conversation, ownership, to });
      }
      await turn();
      return { conversation, visitor: visitor.id, marker, line, ask };
    },
  };
}

export const text = (value: string): { kind: 'text'; text: string }[] => [{ kind: 'text', text: value }];

/** The refusal among what came, by the id of its frame or else as an error. */
export function refusalIn(frames: readonly FromServer[], id: unknown): string | null {
  for (const frame of frames) {
    if (frame.type === 'nack' && frame.id === id) return frame.code;
    if (frame.type === 'error') return frame.code;
  }
  return null;
}
