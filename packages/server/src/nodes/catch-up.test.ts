import { expect, it } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { silentLog } from '../log.ts';
import type { BusMessage, ConversationRow } from '../ports.ts';
import { logOf } from '../store/contract.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { standingClock } from '../testing/relay-under-test.ts';
import { createCatchUp } from './catch-up.ts';

type Events = Extract<BusMessage, { kind: 'events' }>;

it('tells all that the bus lost of a conversation, without a hole before its head, however much it was', async () => {
  const store = createMemoryStore();
  const clock = standingClock();
  const log = logOf('conv-one', 'mia');
  await store.append(log.start(1));
  const known = new Map<string, ConversationRow>([['conv-one', log.row()]]);
  const heard: Events[] = [];
  const catchUp = createCatchUp({
    ...{ store, clock, log: silentLog, from: 1 },
    engine: { registry: { get: (id: string) => known.get(id) } } as Engine,
    hear(message) {
      heard.push(message);
      known.set(message.conversation, { site: message.site, state: message.state });
    },
  });
  const words = Array.from({ length: 1_234 }, (_, i): Parameters<typeof log.next>[1] => [
    'v:mia',
    { kind: 'message', blocks: [{ kind: 'text', text: `Word ${i}`, tree: [] }] },
  ]);
  await store.append(log.next(2, ...words));
  await clock.advance(2_000);
  await catchUp.stop();
  expect(heard.flatMap(({ events }) => events.map(({ seq }) => seq))).toEqual(words.map((_, i) => i + 2));
  // Nobody believes to have more than he was told.
  let told = 1;
  for (const { head, state, events } of heard) {
    told += events.length;
    expect([head, state.head]).toEqual([told, told]);
  }
});
