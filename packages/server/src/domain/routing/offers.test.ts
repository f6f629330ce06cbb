import { applyEvent, type ConversationState } from '@sveiki/protocol';
import { describe, expect, it } from 'vitest';
import { type Draft, numberDrafts } from '../log.ts';
import { isRefusal, type Refusal } from '../refusal.ts';
import { acceptOffer, declineOffer, expireOffer, makeOffer, withdrawOffer } from './offers.ts';

const ada = { id: 'ada', name: 'Ada' };
const ben = { id: 'ben', name: 'Ben' };

function waitingConversation(): ConversationState {
  return applyEvent(null, {
    conversation: 'conversation-1',
    seq: 1,
    publicSeq: 1,
    id: 'event-1',
    at: 0,
    actor: { kind: 'visitor', id: 'mia' },
    audience: 'public',
    body: {
      kind: 'started',
      channel: 'chat',
      team: { id: 'sales', name: 'Sales' },
      visitor: { id: 'mia', name: null },
      locale: null,
      visit: null,
    },
  });
}

/** The state after what was decided; a refusal is not expected. */
function after(state: ConversationState, drafts: Draft[] | Refusal): ConversationState {
  if (isRefusal(drafts)) throw new Error(drafts.refused);
  if (drafts.length === 0) return state;
  return numberDrafts(state, drafts, { conversation: state.id, author: 's:routing', id: `x${state.head}`, at: 1 })
    .state;
}

const offered = (): ConversationState => {
  const state = waitingConversation();
  return after(state, makeOffer(state, [ada, ben], 100, 'ring all, 0 of 2 busy'));
};

describe('an offer', () => {
  it('is for one of two who accept at once; the other hears that it is taken', () => {
    const state = offered();
    const won = after(state, acceptOffer(state, ben, 99));
    expect(won).toMatchObject({ owner: ben, ownership: 2, queuedAt: null });
    expect(won.offer).toBeUndefined();
    expect(acceptOffer(won, ada, 99)).toEqual({ refused: 'already-taken' });
    expect(acceptOffer(won, ben, 99)).toEqual([]);
    expect(declineOffer(won, ada, undefined, 99)).toEqual({ refused: 'already-taken' });
  });

  it('ends at its time, whoever says so first', () => {
    const state = offered();
    expect(acceptOffer(state, ada, 100)).toEqual({ refused: 'offer-expired' });
    expect(expireOffer(state, 99)).toEqual([]);
    const over = after(state, expireOffer(state, 100));
    expect(over).toMatchObject({ owner: null, passedBy: ['ada', 'ben'] });
    expect(over.offer).toBeUndefined();
    expect(expireOffer(over, 101)).toEqual([]);
    expect(acceptOffer(over, ada, 101)).toEqual({ refused: 'offer-expired' });
  });

  it('goes on for the others when one declines', () => {
    const state = offered();
    const one = after(state, declineOffer(state, ada, 'a call', 50));
    expect(one).toMatchObject({ offer: { agents: ['ben'], until: 100 }, passedBy: ['ada'] });
    expect(acceptOffer(one, ada, 51)).toEqual({ refused: 'offer-expired' });
    const none = after(one, declineOffer(one, ben, undefined, 52));
    expect(none).toMatchObject({ passedBy: ['ada', 'ben'] });
    expect(none.offer).toBeUndefined();
    expect(declineOffer(none, ben, undefined, 53)).toEqual([]);
  });

  it('is withdrawn without counting as missed', () => {
    const state = offered();
    const less = after(state, withdrawOffer(state, ['ada', 'cleo']));
    expect(less.offer?.agents).toEqual(['ben']);
    expect(less.passedBy).toBeUndefined();
    expect(withdrawOffer(less, ['ada'])).toEqual([]);
  });

  it('is made once, and only while it waits', () => {
    const state = offered();
    expect(makeOffer(state, [ada], 100, 'again')).toEqual({ refused: 'already-taken' });
    const won = after(state, acceptOffer(state, ada, 1));
    expect(makeOffer(won, [ben], 100, 'late')).toEqual({ refused: 'already-taken' });
    const done = after(won, [{ actor: { kind: 'agent', ...ada }, audience: 'public', body: { kind: 'resolved' } }]);
    expect(makeOffer(done, [ben], 100, 'late')).toEqual({ refused: 'already-resolved' });
    expect(acceptOffer(done, ben, 1)).toEqual({ refused: 'already-resolved' });
  });
});
