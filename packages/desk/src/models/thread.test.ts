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
      'bot Helper',
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
});
