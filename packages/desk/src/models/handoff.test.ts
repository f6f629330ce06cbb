import { describe, expect, it } from 'vitest';
import { conversation, logOf, watched } from '../testing/agent-double.ts';
import { handoffMark, handoffOf, labelOf } from './handoff.ts';

const helper = { kind: 'bot', id: 'helper', name: 'Helper' } as const;
const asked = { id: 'h-1', by: 'bot', at: 10, state: 'requested' } as const;
const lastBot = { id: 'helper', name: 'Helper', bot: true } as const;

describe('a handoff', () => {
  it('tells who asks, why, and what was learned so far', () => {
    const events = logOf('c-1', [
      {
        at: 10,
        actor: helper,
        body: {
          kind: 'handoff-requested',
          handoff: 'h-1',
          by: 'bot',
          details: {
            reason: 'Wants a refund',
            summary: 'The lamp came broken.',
            intent: 'refund',
            language: 'lv',
            sentiment: 'negative',
            collected: { orderNumber: 'AW-1042', items: ['lamp', 'bulb'], paid: { eur: 40 } },
          },
        },
      },
    ]);
    const handoff = handoffOf(watched(conversation({ id: 'c-1', handoff: asked, lastBot }), { events }));
    expect(handoff).toMatchObject({
      state: 'requested',
      heading: 'Helper (bot) asks for a person',
      reason: 'Wants a refund',
      summary: 'The lamp came broken.',
      failure: null,
    });
    expect(handoff?.facts.map(({ label, value }) => `${label}: ${value}`)).toEqual([
      'What it is about: refund',
      'Language: Latvian',
      'Mood: Unhappy',
      'Order number: AW-1042',
      'Items: lamp, bulb',
      'Paid: {"eur":40}',
    ]);
  });

  it('says in words why nobody came, of this handoff and not of an earlier one', () => {
    const failed = (handoff: string, why: 'no-agents' | 'timed-out') => ({
      at: 10,
      actor: { kind: 'system' } as const,
      body: { kind: 'handoff-failed', handoff, why } as const,
    });
    const events = logOf('c-1', [failed('h-0', 'no-agents'), failed('h-1', 'timed-out')]);
    const state = conversation({ id: 'c-1', handoff: { ...asked, state: 'failed' } });
    expect(handoffOf(watched(state, { events }))?.failure).toBe('Nobody came in time.');
  });

  it('marks a row until somebody came', () => {
    expect(handoffMark({ handoff: asked, lastBot })).toBe('Helper (bot) asks for a person');
    expect(handoffMark({ handoff: { ...asked, by: 'visitor' } })).toBe('The visitor asks for a person');
    expect(handoffMark({ handoff: { ...asked, state: 'accepted' }, lastBot })).toBe(null);
    expect(handoffMark({})).toBe(null);
  });
});

describe('a key of a program', () => {
  it('is read as words', () => {
    expect(['order-number', 'orderNumber', 'order_status.now'].map(labelOf)).toEqual([
      'Order number',
      'Order number',
      'Order status now',
    ]);
  });
});
