import { describe, expect, it } from 'vitest';
import { logOf } from '../../testing/log-of.ts';
import { transferRate, transfersOf } from './transfers.ts';

const ada = { id: 'ada', name: 'Ada' };
const ben = { id: 'ben', name: 'Ben' };
const to = (owner: typeof ada, how: 'taken' | 'transferred' | 'accepted') =>
  ({ kind: 'assigned', owner, team: null, how }) as const;
const toTeam = { kind: 'queued', team: { id: 'billing', name: 'Billing' }, why: 'transferred' } as const;

describe('transfersOf', () => {
  it('[M22] counts what an agent passes on after the first human reply, to agents and to teams', () => {
    const row = transfersOf(
      'c',
      logOf(
        [0, 'mia', 'hello'],
        [1, 'ada', to(ada, 'taken')],
        [2, 'ada', 'hi'],
        [3, 'ada', to(ben, 'transferred')],
        [4, 'ben', toTeam],
        [5, 'relay', to(ada, 'accepted')],
      ),
    );
    expect(row).toEqual({ conversation: 'c', humanReplied: true, transfers: 2, bounced: 1 });
  });

  it('[M22] does not count routing before the first reply, nor a queue after a lost agent', () => {
    const log = logOf(
      [0, 'mia', 'hello'],
      [1, 'ada', to(ada, 'taken')],
      [2, 'ada', to(ben, 'transferred')],
      [3, 'ben', 'hi'],
      [4, 'relay', { kind: 'queued', team: null, why: 'agent-lost' }],
      [5, 'ada', to(ada, 'taken')],
    );
    expect(transfersOf('c', log)).toMatchObject({ transfers: 0, bounced: 0 });
  });
});

describe('transferRate', () => {
  it('[M22] is the share of conversations with a human reply that were passed on', () => {
    const row = (transfers: number, humanReplied = true) => ({
      conversation: 'c',
      humanReplied,
      transfers,
      bounced: 0,
    });
    expect(transferRate([row(2), row(0), row(0), row(1), row(0, false)])).toMatchObject({
      n: 4,
      transferred: 2,
      rate: 50,
      perConversation: 0.75,
    });
    expect(transferRate([row(0, false)])).toMatchObject({ n: 0, rate: null, interval: null, perConversation: null });
  });
});
