import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pair } from '../testing/pair.ts';
import type { Chat } from './types.ts';

/** One thing that happens to a visitor, an agent or the network between them. */
type Step =
  | { do: 'say'; count: number }
  | { do: 'answer'; count: number }
  | { do: 'note' }
  | { do: 'cut' }
  | { do: 'stall'; direction: 'up' | 'down' | 'both' }
  | { do: 'flow' }
  | { do: 'forget' }
  | { do: 'lose'; direction: 'up' | 'down'; every: number }
  | { do: 'double' }
  | { do: 'swap' }
  | { do: 'calm' }
  | { do: 'block' }
  | { do: 'restart' }
  | { do: 'refuse'; times: number }
  | { do: 'resolve' }
  | { do: 'reload' }
  | { do: 'wait'; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('say' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('answer' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 7, 12, 100, 3_000, 40_000) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('lose' as const),
      direction: fc.constantFrom('up' as const, 'down' as const),
      every: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('stall' as const),
      direction: fc.constantFrom('up' as const, 'down' as const, 'both' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refuse' as const), times: fc.integer({ min: 1, max: 3 }) }) },
  ...(
    ['note', 'cut', 'cut', 'flow', 'forget', 'double', 'swap', 'calm', 'block', 'restart', 'resolve', 'reload'] as const
  ).map((name) => ({
    weight: 1,
    arbitrary: fc.constant({ do: name } as Step),
  })),
);

const textsIn = (chat: Chat) =>
  chat.state.entries.flatMap(({ event, text }) =>
    event ? (event.body.kind === 'message' ? event.body.blocks.map((block) => block.text) : []) : [text ?? ''],
  );

describe('whatever the network does', () => {
  it('the screen shows the log, and every text that was sent is in it once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const at = await pair();
        const { server, network, http, clock, storage } = at;
        await at.agent.destroy();
        let { chat } = at;
        const said: string[] = [];
        let answers = 0;
        /** The conversation that goes on, if one does. */
        const current = () =>
          [...server.conversations.values()].find(({ state }) => state.status !== 'resolved')?.state.id;
        const ours = (act: (id: string) => void) => {
          const id = current();
          if (id === undefined) return;
          if (server.conversations.get(id)?.state.owner === null) server.agent('ada').take(id);
          act(id);
        };
        for (const one of steps) {
          switch (one.do) {
            case 'say':
              for (let i = 0; i < one.count; i++) {
                said.push(`Question ${said.length}`);
                void chat.send(said.at(-1) ?? '');
              }
              break;
            case 'answer':
              ours((id) => {
                for (let i = 0; i < one.count; i++) server.agent('ada').say(id, `Answer ${answers++}`);
              });
              break;
            case 'note':
              ours((id) => server.agent('ada').note(id, 'Between us'));
              break;
            case 'resolve':
              ours((id) => server.agent('ada').resolve(id));
              break;
            case 'cut':
              network.cut();
              http.cut();
              break;
            case 'stall':
              network.stall(one.direction);
              break;
            case 'flow':
              network.flow();
              break;
            case 'forget':
              network.forget();
              break;
            case 'lose': {
              let count = 0;
              network.meddle = (text, direction) =>
                direction === one.direction && ++count % one.every === 0 ? [] : [text];
              break;
            }
            case 'double':
              network.meddle = (text) => [text, text];
              break;
            case 'swap': {
              let held: string | null = null;
              // Only events are swapped: a line keeps its order, what overtakes is another way an event can take.
              network.meddle = (text, direction) => {
                if (direction === 'up' || !text.startsWith('{"type":"event"')) return [text];
                if (held === null) {
                  held = text;
                  return [];
                }
                const both = [text, held];
                held = null;
                return both;
              };
              break;
            }
            case 'calm':
              network.meddle = null;
              network.mode = 'ok';
              break;
            case 'block':
              network.mode = 'silent';
              break;
            case 'restart':
              server.restart();
              break;
            case 'refuse':
              server.refuse('rate-limited', { times: one.times, retryAfterMs: 500 });
              break;
            case 'reload':
              await chat.destroy();
              chat = at.newChat({ storage });
              chat.connect();
              break;
            case 'wait':
              await clock.advance(one.ms);
          }
        }
        network.meddle = null;
        network.mode = 'ok';
        network.cut();
        network.flow();
        await clock.advance(300_000);
        // The reopen window is a day, so all of it is one conversation.
        const id = chat.state.conversation?.id ?? '';
        const log = server.log(id, 'visitor');
        expect(server.conversations.size).toBe(said.length > 0 ? 1 : 0);
        expect(chat.state.conversation).toEqual(log.state);
        expect(chat.state.entries.map(({ event }) => event)).toEqual(log.events.slice(-chat.state.entries.length));
        expect(chat.state.entries.every(({ delivery }) => delivery !== 'sending' && delivery !== 'failed')).toBe(true);
        const mine = server.transcript(id).flatMap(({ by, text }) => (by === 'visitor' ? [text] : []));
        expect([...mine].sort()).toEqual([...said].sort());
        expect(new Set(chat.state.entries.map(({ key }) => key)).size).toBe(chat.state.entries.length);
        // A lost frame of a line that lives may be overtaken; everything else keeps its order.
        if (!steps.some((one) => ['lose', 'forget', 'refuse'].includes(one.do))) expect(mine).toEqual(said);
        expect(Object.keys(storage.all).filter((key) => key.includes(':out:'))).toEqual([]);
        expect(textsIn(chat).length).toBeLessThanOrEqual(said.length + answers);
        await at.destroy();
        expect({ timers: clock.waiting, lines: network.open, streams: http.open }).toEqual({
          timers: 0,
          lines: 0,
          streams: 0,
        });
      }),
      { numRuns: 150, seed: 20261122 },
    );
  }, 60_000);
});
