import { describe, expect, it } from 'vitest';
import { agentActor, conversation, jot, logOf, refusal, say, visitorActor, watched } from '../testing/agent-double.ts';
import { type Entry, threadOf } from './thread.ts';

const now = Date.UTC(2025, 2, 4, 12, 5);
const minute = 60_000;
const day = 24 * 60 * minute;
const ben = agentActor('ben', 'Ben Kalns');
type Line = Parameters<typeof logOf>[1][number];

function thread(lines: Line[], part: Parameters<typeof watched>[1] = {}, newAfter: number | null = null): Entry[] {
  const one = watched(conversation({ id: 'c-1' }), { events: logOf('c-1', lines), ...part });
  return threadOf(one, {
    me: 'ada',
    now,
    timeZone: 'Europe/Riga',
    newAfter,
    wrapUpCodes: [{ id: 'refund', name: 'Refund' }],
  });
}
const spoken = (entries: Entry[]) => entries.filter((entry) => 'side' in entry);

describe('a thread', () => {
  it('draws a line where a day begins', () => {
    const entries = thread([
      { at: now - day, actor: visitorActor(), body: say('Yesterday') },
      { at: now - minute, actor: visitorActor(), body: say('Today') },
      { at: now, actor: visitorActor(), body: say('Still today') },
    ]);
    expect(entries.map((entry) => (entry.kind === 'day' ? entry.text : entry.kind))).toEqual([
      'Yesterday',
      'message',
      'Today',
      'message',
      'message',
    ]);
  });

  it('groups words of one author within three minutes, but never a note with a reply', () => {
    const entries = spoken(
      thread([
        { at: now, actor: ben, body: say('1') },
        { at: now + 3 * minute, actor: ben, body: say('2') },
        { at: now + 3 * minute, actor: ben, body: jot('3') },
        { at: now + 4 * minute, actor: ben, body: say('4') },
        { at: now + 8 * minute, actor: ben, body: say('5') },
        { at: now + 8 * minute, actor: visitorActor(), body: say('6') },
      ]),
    );
    expect(entries.map(({ first, last }) => `${first ? '[' : ''}${last ? ']' : ''}`)).toEqual([
      '[',
      ']',
      '[]',
      '[]',
      '[]',
      '[]',
    ]);
  });

  it('tells whose words they are: the visitor’s, mine, a colleague’s, a bot’s', () => {
    const entries = spoken(
      thread([
        { at: now, actor: visitorActor(), body: say('1') },
        { at: now, actor: agentActor(), body: say('2') },
        { at: now, actor: ben, body: say('3') },
        { at: now, actor: { kind: 'bot', id: 'helper', name: 'Helper' }, body: say('4') },
      ]),
    );
    expect(entries.map(({ side, author }) => `${side} ${author}`)).toEqual([
      'visitor Mia',
      'me You',
      'colleague Ben Kalns',
      'bot Helper (bot)',
    ]);
  });

  it('says under the newest own message how far it came', () => {
    const lines: Line[] = [
      { at: now, actor: agentActor(), body: say('First') },
      { at: now, actor: agentActor(), body: say('Second') },
    ];
    const stateOf = (delivered: number, read: number) =>
      spoken(thread(lines, { receipts: [{ reader: { kind: 'visitor' }, delivered, read }] })).map((entry) =>
        entry.kind === 'message' ? entry.delivery : null,
      );
    expect(stateOf(0, 0)).toEqual([null, 'sent']);
    expect(stateOf(2, 1)).toEqual([null, 'delivered']);
    expect(stateOf(2, 2)).toEqual([null, 'seen']);
  });

  it('does not say so once the visitor’s or a colleague’s word is newer than mine, for a colleague’s', () => {
    const entries = spoken(
      thread([
        { at: now, actor: agentActor(), body: say('Mine') },
        { at: now, actor: ben, body: say('His') },
      ]),
    );
    expect(entries.map((entry) => (entry.kind === 'message' ? entry.delivery : ''))).toEqual([null, null]);
  });

  it('puts what is on its way at the end, with the refusal’s sentence', () => {
    const entries = spoken(
      thread([{ at: now, actor: visitorActor(), body: say('Hi') }], {
        pending: [
          { id: 'p-1', kind: 'message', text: 'On its way', at: now, error: null },
          {
            id: 'p-2',
            kind: 'note',
            text: 'Refused',
            at: now,
            error: refusal('too-large', 'This message is too long.') as never,
          },
        ],
      }),
    );
    expect(entries.slice(1)).toMatchObject([
      { kind: 'pending', text: 'On its way', isNote: false, problem: null },
      { kind: 'pending', text: 'Refused', isNote: true, problem: 'This message is too long.' },
    ]);
  });

  it('draws the line for what is new before the visitor’s first unread word only', () => {
    const lines: Line[] = [
      { at: now, actor: visitorActor(), body: say('Read') },
      { at: now, actor: agentActor(), body: say('Answer') },
      { at: now, actor: visitorActor(), body: say('New') },
      { at: now, actor: visitorActor(), body: say('New too') },
    ];
    expect(thread(lines, {}, 2).map(({ kind }) => kind)).toEqual([
      'day',
      'message',
      'message',
      'new',
      'message',
      'message',
    ]);
    expect(thread(lines, {}, null).some(({ kind }) => kind === 'new')).toBe(false);
  });

  it('tells every kind of event in one soft line', () => {
    const system = { kind: 'system' } as const;
    const owner = { id: 'ben', name: 'Ben Kalns' };
    const lines: [Line['actor'], Line['body'], string][] = [
      [
        visitorActor(),
        {
          kind: 'started',
          channel: 'chat',
          team: null,
          visitor: { id: 'mia', name: 'Mia' },
          locale: null,
          visit: { url: 'https://shop.example/boots', title: 'Boots' },
        },
        'Mia started the conversation on “Boots”',
      ],
      [
        agentActor(),
        { kind: 'assigned', owner: { id: 'ada', name: 'Ada' }, team: null, how: 'taken' },
        'You took the conversation',
      ],
      [
        system,
        { kind: 'assigned', owner, team: null, how: 'routed', reason: 'round robin, 2/4 busy' },
        'Given to Ben Kalns: round robin, 2/4 busy',
      ],
      [
        agentActor(),
        { kind: 'assigned', owner, team: null, how: 'transferred' },
        'You transferred the conversation to Ben Kalns',
      ],
      [system, { kind: 'assigned', owner, team: null, how: 'returned' }, 'Back with Ben Kalns'],
      [
        ben,
        { kind: 'queued', team: { id: 'b', name: 'Billing' }, why: 'transferred' },
        'Ben Kalns transferred the conversation to Billing',
      ],
      [system, { kind: 'queued', team: null, why: 'agent-lost' }, 'The agent’s connection was lost. Back in the queue'],
      [system, { kind: 'queued', team: null, why: 'agent-left' }, 'The agent left. Back in the queue'],
      [ben, { kind: 'status', status: 'waiting' }, 'Ben Kalns set the conversation waiting'],
      [ben, { kind: 'resolved', wrapUp: 'refund' }, 'Ben Kalns resolved the conversation: Refund'],
      [visitorActor(), { kind: 'reopened' }, 'Mia wrote again. The conversation is open'],
      [
        visitorActor(),
        { kind: 'identified', name: 'Mia K', email: 'mia@example.com', externalId: 'C1' },
        'Mia K signed in at the site as mia@example.com',
      ],
      [system, { kind: 'from-the-future' } as never, 'Something happened that this desk does not know yet'],
    ];
    const entries = thread(lines.map(([actor, body]) => ({ at: now, actor, body })));
    expect(entries.flatMap((entry) => (entry.kind === 'event' ? [entry.text] : []))).toEqual(
      lines.map(([, , text]) => text),
    );
  });

  it('tells what routing, offers, bots and tools did, with names and reasons', () => {
    const helper = { kind: 'bot', id: 'helper', name: 'Helper' } as const;
    const system = { kind: 'system' } as const;
    const sales = { id: 'sales', name: 'Sales' };
    const entries = thread([
      {
        at: now,
        actor: system,
        body: {
          kind: 'routed',
          team: sales,
          priority: 5,
          skills: [{ skill: 'language:lv' }],
          relax: [],
          sticky: null,
          by: 'fallback',
          reason: 'the hook was late',
        },
      },
      {
        at: now,
        actor: system,
        body: {
          kind: 'offered',
          agents: [
            { id: 'ada', name: 'Ada Ozola' },
            { id: 'ben', name: 'Ben Kalns' },
          ],
          until: now + 1,
          reason: 'ring all',
        },
      },
      { at: now, actor: ben, body: { kind: 'offer-ended', agents: ['ben'], how: 'declined', reason: 'lunch' } },
      { at: now, actor: system, body: { kind: 'offer-ended', agents: ['ada'], how: 'expired' } },
      {
        at: now,
        actor: helper,
        body: { kind: 'handoff-requested', handoff: 'h', by: 'bot', details: { reason: 'unsure' } },
      },
      { at: now, actor: system, body: { kind: 'queued', team: sales, why: 'handoff' } },
      { at: now, actor: system, body: { kind: 'handoff-failed', handoff: 'h', why: 'no-agents' } },
      {
        at: now,
        actor: helper,
        body: { kind: 'drafted', blocks: [{ kind: 'text', text: '**Try** again' }], replyTo: 1 },
      },
      {
        at: now,
        actor: helper,
        body: { kind: 'tool-called', tool: 'order-status', input: { order: 'AW-1' }, outcome: 'refused' },
      },
    ]);
    expect(entries.flatMap((entry) => (entry.kind === 'event' ? [entry.text] : []))).toEqual([
      'Routed to Sales: the hook was late · decided by the fallback, because a hook failed · priority 5 · needs Latvian',
      'Offered to you and Ben Kalns: ring all',
      'Ben Kalns declined the offer: lunch',
      'You did not answer the offer in time',
      'Helper (bot) asked for a person: unsure',
      'Waits for a person, in the queue of Sales',
      'Nobody came: no agent is there.',
      'Helper (bot) proposed a reply: “Try again”',
      'Helper (bot) wanted to use “Order status” of the page. The visitor did not allow it',
    ]);
  });

  it('shows a question and its newest answers, once', () => {
    const form = {
      id: 'csat',
      purpose: 'post-chat',
      fields: [{ id: 'rating', kind: 'rating', scale: 'csat', label: 'Well?' }],
    } as const;
    const survey = { id: 'csat', kind: 'csat' } as const;
    const answered = (score: number, final: boolean) => ({
      at: now,
      actor: visitorActor(),
      body: { kind: 'answered', ask: 'c-1-1', form: 'csat', survey, answers: { rating: score }, score, final } as const,
    });
    const entries = thread([
      { at: now, actor: { kind: 'system' }, body: { kind: 'asked', form, survey, until: null } },
      answered(2, false),
      answered(4, true),
    ]);
    expect(entries.slice(1)).toEqual([
      {
        kind: 'asked',
        key: 'c-1-1',
        title: 'Asked for feedback',
        what: 'Satisfaction (CSAT)',
        isSurvey: true,
        time: '14:05',
      },
      {
        kind: 'answered',
        key: 'answers to c-1-1',
        title: 'Feedback: Satisfaction (CSAT)',
        score: '4 of 5',
        lines: [],
        isPart: false,
        time: '14:05',
      },
    ]);
  });
});
