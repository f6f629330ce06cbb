import { describe, expect, it } from 'vitest';
import { agentDouble, conversation, refusal, watched } from '../testing/agent-double.ts';
import { settled, testDesk } from '../testing/desk.ts';
import { hoursInWords } from './hours.ts';

const at = Date.UTC(2025, 2, 4, 16, 0);

describe('what runs', () => {
  it('is known after signing in: hours of teams, and what can be asked', async () => {
    const { desk } = testDesk({
      state: {},
      config: {
        version: '7',
        loadedAt: 0,
        source: 'sveiki.config.ts',
        teams: [
          {
            id: 'sales',
            name: 'Sales',
            strategy: 'round robin',
            schedule: { id: 'week', open: false, nextChange: at },
          },
          { id: 'billing', name: 'Billing', strategy: 'manual', schedule: null },
        ],
        schedules: [],
        asks: [
          { id: 'csat', title: { en: 'How did we do?' }, survey: true },
          { id: 'order-form', title: '', survey: false },
        ],
      },
    });
    await settled();
    expect(desk.setup.hoursOf('sales')).toEqual({ open: false, nextChange: at, always: false });
    expect(desk.setup.hoursOf('billing')).toEqual({ open: true, nextChange: null, always: true });
    expect(desk.setup.hoursOf('nowhere')).toBe(null);
    expect(desk.setup.asks.value).toEqual([
      { id: 'csat', title: 'How did we do?', survey: true },
      { id: 'order-form', title: 'Order form', survey: false },
    ]);
  });

  it('says when it cannot be read', async () => {
    const agent = agentDouble();
    agent.refuse('config', refusal('unavailable', 'The relay cannot do this now.'));
    const { desk } = testDesk({ agent });
    await settled();
    expect(desk.setup.problem.value).toBe('The relay cannot do this now.');
  });

  it('says hours in the reader’s zone, with the day when it is another one', () => {
    const now = at - 60_000;
    expect(hoursInWords({ open: true, nextChange: at }, now, 'Europe/Riga')).toBe('Open until 18:00');
    expect(hoursInWords({ open: false, nextChange: at + 86_400_000 }, now, 'Europe/Riga')).toMatch(/^Closed until Wed/);
    expect(hoursInWords({ open: false, nextChange: null }, now, 'Europe/Riga')).toBe('Closed');
    expect(hoursInWords({ open: true, nextChange: null, always: true }, now, 'Europe/Riga')).toBe('Always open');
  });
});

describe('asking and giving back', () => {
  it('asks a survey as one and a form as one', async () => {
    const { desk, agent } = testDesk({ fragment: '#/mine/c-1' });
    agent.put(watched(conversation({ id: 'c-1', owner: { id: 'ada', name: 'Ada' } })));
    await desk.conversation.ask({ id: 'csat', survey: true });
    await desk.conversation.ask({ id: 'order-form', survey: false });
    expect(agent.calls.filter((call) => /^(surveys|ask)/.test(call))).toEqual([
      'surveys.ask c-1 csat',
      'askForm c-1 order-form',
    ]);
  });

  it('offers the bot that had it first, and every other one', async () => {
    const { desk, agent } = testDesk({ fragment: '#/mine/c-1' });
    const bot = { role: 'bot', teams: [], presence: 'online', load: 0, capacity: 100 } as const;
    agent.set({
      agents: [
        ...agent.state.agents,
        { ...bot, teams: [], id: 'faq', name: 'Answers' },
        { ...bot, teams: [], id: 'helper', name: 'Helper' },
      ],
    });
    const lastBot = { id: 'helper', name: 'Helper', bot: true } as const;
    agent.put(watched(conversation({ id: 'c-1', owner: { id: 'ada', name: 'Ada' }, lastBot })));
    expect(desk.conversation.bots.value.map(({ id, wasHere }) => [id, wasHere])).toEqual([
      ['helper', true],
      ['faq', false],
    ]);
    expect(desk.conversation.mayReturn.value).toBe(true);
    await desk.conversation.returnToBot('helper', 'She wants the order number again.');
    expect(agent.calls).toContain('returnToBot c-1 {"bot":"helper","note":"She wants the order number again."}');
    agent.put(watched(conversation({ id: 'c-1', owner: lastBot })));
    expect(desk.conversation.mayReturn.value).toBe(false);
    // No bot ever had this one: it can be transferred to a bot, not returned.
    agent.put(watched(conversation({ id: 'c-1', owner: { id: 'ada', name: 'Ada' } })));
    expect(desk.conversation.mayReturn.value).toBe(false);
  });
});
