import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEvent, gapBefore } from './apply-event.ts';
import type { ConversationState } from './entities/conversation.ts';
import type { ConversationEvent, EventBody } from './entities/event.ts';

const mia = { kind: 'visitor', id: 'mia' } as const;
const ada = { kind: 'agent', id: 'ada', name: 'Ada' } as const;
const text = (value: string) => [{ kind: 'text' as const, text: value }];
const started: EventBody = {
  kind: 'started',
  channel: 'chat',
  team: { id: 'sales', name: 'Sales' },
  visitor: { id: 'mia', name: null },
  locale: 'lv',
  visit: null,
};

/** A log from bodies: numbered, a second apart. */
function log(...entries: [ConversationEvent['actor'], EventBody][]): ConversationEvent[] {
  let publicSeq = 0;
  return entries.map(([actor, body], index) => {
    const audience = body.kind === 'note' ? 'staff' : 'public';
    if (audience === 'public') publicSeq++;
    return {
      conversation: 'conversation-1',
      seq: index + 1,
      publicSeq: audience === 'public' ? publicSeq : null,
      id: `event-${index}`,
      at: index * 1_000,
      actor,
      audience,
      body,
    };
  });
}
const fold = (events: ConversationEvent[]): ConversationState | null =>
  events.reduce<ConversationState | null>(applyEvent, null);

describe('applyEvent', () => {
  it('makes a queued conversation of the first event', () => {
    expect(fold(log([mia, started]))).toMatchObject({
      head: 1,
      publicHead: 1,
      status: 'open',
      owner: null,
      ownership: 1,
      queuedAt: 0,
      locale: 'lv',
    });
  });

  it('follows a conversation from question to resolution and back', () => {
    const events = log(
      [mia, started],
      [mia, { kind: 'message', blocks: text('Is it open?') }],
      [ada, { kind: 'assigned', owner: { id: 'ada', name: 'Ada' }, team: null, how: 'taken' }],
      [ada, { kind: 'note', blocks: text('knows us') }],
      [ada, { kind: 'message', blocks: text('Until six.') }],
      [ada, { kind: 'status', status: 'waiting' }],
      [mia, { kind: 'message', blocks: text('Thanks') }],
      [ada, { kind: 'resolved', wrapUp: 'answered' }],
      [mia, { kind: 'reopened' }],
    );
    expect(fold(events.slice(0, 2))).toMatchObject({
      unansweredSince: 1_000,
      last: { text: 'Is it open?', by: 'visitor', publicSeq: 2 },
    });
    expect(fold(events.slice(0, 5))).toMatchObject({
      head: 5,
      publicHead: 4,
      unansweredSince: null,
      owner: { id: 'ada' },
      queuedAt: null,
    });
    expect(fold(events.slice(0, 6))).toMatchObject({ status: 'waiting' });
    expect(fold(events.slice(0, 7))).toMatchObject({ status: 'open', unansweredSince: 6_000 });
    expect(fold(events.slice(0, 8))).toMatchObject({
      status: 'resolved',
      wrapUp: 'answered',
      resolvedAt: 7_000,
      ownership: 3,
    });
    expect(fold(events)).toMatchObject({
      status: 'open',
      owner: null,
      queuedAt: 8_000,
      resolvedAt: null,
      reopenedCount: 1,
      ownership: 4,
    });
  });

  it('refuses a hole, a repetition and a log without a beginning', () => {
    const [first, second] = log([mia, started], [mia, { kind: 'message', blocks: text('Hello') }]) as [
      ConversationEvent,
      ConversationEvent,
    ];
    expect(() => applyEvent(null, second)).toThrow('cannot follow');
    expect(() => applyEvent(applyEvent(null, first), first)).toThrow('cannot follow');
    expect(() => applyEvent(null, { ...second, seq: 1 })).toThrow('begins with');
  });

  it('only moves the head for kinds of a newer relay', () => {
    const state = fold(log([mia, started])) as ConversationState;
    const unknown = {
      ...log([mia, started])[0],
      seq: 2,
      publicSeq: 2,
      body: { kind: 'danced' },
    } as unknown as ConversationEvent;
    expect(applyEvent(state, unknown)).toEqual({ ...state, head: 2, publicHead: 2 });
  });

  it('never changes the state it was given', () => {
    const state = Object.freeze(fold(log([mia, started])) as ConversationState);
    expect(() =>
      applyEvent(state, { ...log([mia, started], [mia, { kind: 'message', blocks: text('x') }])[1]! }),
    ).not.toThrow();
  });

  it('raises ownership with every change of owner, and only then', () => {
    const bodies: EventBody[] = [
      { kind: 'message', blocks: text('x') },
      { kind: 'note', blocks: text('x') },
      { kind: 'status', status: 'waiting' },
      { kind: 'assigned', owner: { id: 'ada', name: 'Ada' }, team: null, how: 'routed' },
      { kind: 'queued', team: null, why: 'agent-lost' },
      { kind: 'resolved' },
      { kind: 'reopened' },
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...bodies), { maxLength: 30 }), (chosen) => {
        const events = log([mia, started], ...chosen.map((body): [typeof ada, EventBody] => [ada, body]));
        const changes = chosen.filter(({ kind }) =>
          ['assigned', 'queued', 'resolved', 'reopened'].includes(kind),
        ).length;
        expect(fold(events)?.ownership).toBe(1 + changes);
      }),
    );
  });
});

describe('routing in the state', () => {
  const system = { kind: 'system' } as const;
  const routed: EventBody = {
    kind: 'routed',
    team: { id: 'sales', name: 'Sales' },
    priority: 2,
    skills: [],
    relax: [],
    sticky: null,
    by: 'rule',
    reason: 'VIP',
  };
  const passes = (agent: string): [ConversationEvent['actor'], EventBody] => [
    system,
    { kind: 'offer-ended', agents: [agent], how: 'declined' },
  ];
  const queued = (why: Extract<EventBody, { kind: 'queued' }>['why']): EventBody => ({
    kind: 'queued',
    team: null,
    why,
  });

  it('remembers who passed, the latest last, and forgets it with the wait', () => {
    const events = log([mia, started], passes('ada'), passes('ben'), passes('ada'), [system, queued('agent-lost')]);
    expect(fold(events.slice(0, 4))).toMatchObject({ passedBy: ['ben', 'ada'], passedAt: 3_000 });
    expect(fold(events)).not.toHaveProperty('passedBy');
    expect(fold(events)).not.toHaveProperty('passedAt');
  });

  it('[D3] keeps what was decided until the conversation waits for another reason', () => {
    for (const why of ['agent-lost', 'agent-left', 'routed'] as const)
      expect(fold(log([mia, started], [system, routed], [system, queued(why)]))?.routing).toMatchObject({
        reason: 'VIP',
      });
    for (const why of ['transferred', 'handoff'] as const)
      expect(fold(log([mia, started], [system, routed], [system, queued(why)]))).not.toHaveProperty('routing');
    const reopened = log([mia, started], [system, routed], [ada, { kind: 'resolved' }], [mia, { kind: 'reopened' }]);
    expect(fold(reopened)).not.toHaveProperty('routing');
  });
});

describe('gapBefore', () => {
  it('tells the next event from one seen before and one with a hole before it', () => {
    expect([3, 4, 5, 6].map((seq) => gapBefore(4, { seq }))).toEqual(['seen', 'seen', 'next', 'gap']);
  });
});
