import type { Actor, ConversationEvent, EventBody } from '@sveiki/protocol';
import { describe, expect, it } from 'vitest';
import { arrivalsFromLogs } from './history.ts';

const mia: Actor = { kind: 'visitor', id: 'mia' };
const ada: Actor = { kind: 'agent', id: 'ada', name: 'Ada' };
const sales = { id: 'sales', name: 'Sales' };

function log(...entries: [at: number, actor: Actor, body: EventBody][]): ConversationEvent[] {
  return entries.map(([at, actor, body], index) => ({
    conversation: 'conversation-1',
    seq: index + 1,
    publicSeq: index + 1,
    id: `event-${index}`,
    at,
    actor,
    audience: 'public',
    body,
  }));
}
const started = (team: typeof sales | null = sales): EventBody => ({
  kind: 'started',
  channel: 'chat',
  team,
  visitor: { id: 'mia', name: null },
  locale: 'lv',
  visit: { url: 'https://shop.example/cart', title: 'Cart' },
});
const says = (text: string): EventBody => ({ kind: 'message', blocks: [{ kind: 'text', text }] });
const has = (id: string, bot = false): EventBody => ({
  kind: 'assigned',
  owner: bot ? { id, name: id, bot: true } : { id, name: id },
  team: sales,
  how: 'routed',
});

describe('arrivalsFromLogs', () => {
  it('reads when somebody came, waited and was served', () => {
    const past = log(
      [1000, mia, started()],
      [1000, mia, says('Is it open on Sunday?')],
      [2000, { kind: 'system' }, has('faq', true)],
      [61_000, { kind: 'system' }, has('ada')],
      [90_000, ada, says('It is.')],
      [121_000, ada, { kind: 'resolved' }],
    );
    expect(arrivalsFromLogs([past])).toEqual([
      {
        id: 'conversation-1',
        at: 1000,
        visitor: 'mia',
        team: 'sales',
        language: 'lv',
        text: 'Is it open on Sunday?',
        page: 'https://shop.example/cart',
        patienceMs: 600_000,
        handleMs: 60_000,
      },
    ]);
    expect(arrivalsFromLogs([past], { patienceMs: 5 })[0]?.patienceMs).toBe(60_000);
  });

  it('takes those who were never answered as they were, and leaves out what waits nowhere', () => {
    const left = log([0, mia, started()], [5, mia, says('Hello?')], [40_000, { kind: 'system' }, { kind: 'resolved' }]);
    expect(arrivalsFromLogs([left, [], log([0, mia, started(null)])])).toMatchObject([{ patienceMs: 40_000 }]);
  });
});
