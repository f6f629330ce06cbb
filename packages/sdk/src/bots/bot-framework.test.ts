import { applyEvent, type ConversationState } from '@sveiki/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Pair, pair } from '../testing/pair.ts';
import { type BotFrameworkActivity, fromBotFramework, toBotFramework } from './bot-framework.ts';

let at: Pair;
let conversation: string;
beforeEach(async () => {
  at = await pair({ bots: [{ id: 'robin', name: 'Robin' }], firstBot: 'robin' });
  conversation = at.server.visitor('Mia').say('My card was charged twice');
  at.server.agent('robin').say(conversation, 'That is for a person.');
});
afterEach(() => at.destroy());

/** The whole log as activities, in order. */
function activities() {
  const { events } = at.server.log(conversation, 'agent');
  let state: ConversationState | null = null;
  return events.map((event) => {
    state = applyEvent(state, event);
    return toBotFramework(event, state, events);
  });
}
const named = (name: string) => activities().filter((activity) => activity?.name === name);

describe('toBotFramework', () => {
  it('makes a request for a person handoff.initiate, with what was said as its transcript', () => {
    at.server.agent('robin').note(conversation, 'Not for the visitor');
    at.server.agent('robin').handoff(conversation, 'A refund');
    const [initiate] = named('handoff.initiate');
    expect(initiate).toMatchObject({
      type: 'event',
      channelId: 'sveiki',
      conversation: { id: conversation },
      from: { id: 'robin', name: 'Robin', role: 'bot' },
      timestamp: '2026-11-23T09:00:00.100Z',
      value: { reason: 'A refund', by: 'bot' },
    });
    expect(initiate?.attachments).toMatchObject([
      {
        contentType: 'application/json',
        name: 'Transcript',
        content: {
          activities: [
            { type: 'message', text: 'My card was charged twice', from: { role: 'user' } },
            { type: 'message', text: 'That is for a person.', from: { id: 'robin', role: 'bot' } },
          ],
        },
      },
    ]);
  });

  it('says accepted once, and completed when it is done or back with the bot', () => {
    at.server.visitor('Mia').requestHuman();
    at.server.agent('ada').take(conversation);
    at.server.agent('ada').transfer(conversation, { agent: 'ben' });
    at.server.agent('ben').transfer(conversation, { bot: 'robin' });
    expect(named('handoff.initiate')[0]?.value).toMatchObject({
      by: 'visitor',
      reason: 'The visitor asked for a person.',
    });
    expect(named('handoff.status').map((activity) => activity?.value)).toEqual([
      { state: 'accepted' },
      { state: 'completed', message: 'The conversation is back with a bot.' },
    ]);
  });

  it('says completed when a person resolves it', () => {
    at.server.agent('robin').handoff(conversation, 'A refund');
    at.server.agent('ada').take(conversation);
    at.server.agent('ada').resolve(conversation);
    expect(named('handoff.status').map((activity) => activity?.value)).toEqual([
      { state: 'accepted' },
      { state: 'completed' },
    ]);
  });

  it('says failed, and why', () => {
    at.server.visitor('Mia').requestHuman();
    at.server.visitor('Mia').cancelHandoff();
    expect(named('handoff.status').map((activity) => activity?.value)).toEqual([
      { state: 'failed', message: 'The visitor does not want to wait any longer.' },
    ]);
  });

  it('has no word for what that framework does not know', () => {
    expect(activities().filter((activity) => activity === null)).toHaveLength(2);
  });
});

describe('fromBotFramework', () => {
  const event = (name: string, value: unknown, more: Partial<BotFrameworkActivity> = {}) =>
    fromBotFramework({ type: 'event', name, value, ...more });

  it('reads a handoff with its free-form context', () => {
    expect(
      event('handoff.initiate', { Skill: 'credit cards', reason: 'A refund', order: 7 }, { locale: 'de-DE' }),
    ).toEqual({
      kind: 'handoff',
      details: {
        reason: 'A refund',
        intent: 'credit cards',
        language: 'de-DE',
        collected: { Skill: 'credit cards', reason: 'A refund', order: 7 },
      },
    });
    expect(event('handoff.initiate', undefined)).toEqual({
      kind: 'handoff',
      details: { reason: 'The bot asked for a person.' },
    });
    const big = event('handoff.initiate', { reason: 'x'.repeat(9_000), more: 'y'.repeat(20_000) });
    expect(big).toMatchObject({ kind: 'handoff', details: { reason: 'x'.repeat(2_000) } });
    expect(big?.kind === 'handoff' && big.details.collected).toBeUndefined();
  });

  it('reads its own words back', () => {
    at.server.agent('robin').handoff(conversation, 'A refund');
    const [initiate] = named('handoff.initiate');
    expect(fromBotFramework(initiate as BotFrameworkActivity)).toMatchObject({
      kind: 'handoff',
      details: { reason: 'A refund' },
    });
  });

  it('reads status, messages and typing, and drops the rest', () => {
    expect(event('handoff.status', { state: 'failed', message: 'Nobody' })).toEqual({
      kind: 'status',
      state: 'failed',
      message: 'Nobody',
    });
    expect(event('handoff.status', { state: 'Completed' })).toEqual({
      kind: 'status',
      state: 'completed',
      message: null,
    });
    expect(fromBotFramework({ type: 'message', text: 'Hello' })).toEqual({ kind: 'message', text: 'Hello' });
    expect(fromBotFramework({ type: 'typing' })).toEqual({ kind: 'typing' });
    for (const nothing of [
      { type: 'handoff' },
      { type: 'message' },
      { type: 'event', name: 'handoff.status', value: { state: 'maybe' } },
      { type: 'event', name: 'handoff.status', value: null },
      { type: 'event', name: 'webchat/join' },
      { type: 'endOfConversation' },
    ])
      expect(fromBotFramework(nothing)).toBeNull();
  });
});
