import { describe, expect, it } from 'vitest';
import { logOf } from '../../testing/log-of.ts';
import { type BotRow, botRates, botRow } from './bots.ts';

const DAY = 86_400_000;
const unknown = { nextContactAt: null, positive: false };
const request = { kind: 'handoff-requested', handoff: 'h1', by: 'visitor' } as const;
const takenBy = (id: string, bot = false) =>
  ({
    kind: 'assigned',
    owner: { id, name: id, ...(bot ? { bot: true as const } : {}) },
    team: null,
    how: 'taken',
  }) as const;

describe('botRow', () => {
  it('[M24] is about conversations in which the visitor wrote after a bot', () => {
    expect(botRow('c', logOf([0, 'mia', 'hello'], [1, 'bot', 'Hello.']), unknown).isBots).toBe(false);
    expect(botRow('c', logOf([0, 'bot', 'Hello.'], [1, 'mia', 'hello']), unknown).isBots).toBe(true);
  });

  it('[M23] times a request until a person has it, and no bot counts as one', () => {
    const log = logOf(
      [0, 'bot', 'Hello.'],
      [1, 'mia', 'a person'],
      [2, 'mia', request],
      [3, 'bot', takenBy('bot', true)],
      [9, 'ada', takenBy('ada')],
      [12, 'ada', 'Hi.'],
    );
    expect(botRow('c', log, unknown)).toMatchObject({ requestedAt: 2, acceptedAt: 9, humanReplied: true });
  });

  it('[M24] knows a question of the bot that nobody answered', () => {
    const log = logOf([0, 'mia', 'where is it'], [1, 'bot', 'Which order?']);
    expect(botRow('c', log, unknown).midFlow).toBe(true);
    expect(botRow('c', [...log, ...logOf([2, 'mia', 'SV-1'])], unknown).midFlow).toBe(false);
  });
});

describe('botRates', () => {
  const row = (more: Partial<BotRow>): BotRow => ({
    conversation: 'c',
    isBots: true,
    humanReplied: false,
    requestedAt: null,
    acceptedAt: null,
    midFlow: false,
    endedAt: 0,
    nextContactAt: null,
    positive: false,
    ...more,
  });

  it('[M23] [M24] tells deflected, contained and resolved apart, and shows the gaps', () => {
    const rates = botRates(
      [
        row({ positive: true }),
        row({}),
        row({ midFlow: true, positive: true }),
        row({ nextContactAt: DAY - 1 }),
        row({ nextContactAt: DAY }),
        row({ requestedAt: 5, acceptedAt: 65, humanReplied: true }),
        row({ requestedAt: 5 }),
        row({ humanReplied: true }),
        row({ endedAt: 1 }),
        row({ isBots: false }),
      ],
      DAY,
    );
    expect(rates).toMatchObject({
      n: 8,
      pending: 1,
      handoff: { count: 2, percent: 25 },
      acceptance: { count: 1, percent: 50 },
      acceptMs: [60],
      deflected: { count: 5, percent: 62.5 },
      contained: { count: 3, percent: 37.5 },
      resolved: { count: 1, percent: 12.5 },
      gaps: { deflectedNotContained: 25, containedNotResolved: 25 },
    });
  });

  it('[M24] of no bot conversations is nothing', () => {
    expect(botRates([], DAY)).toMatchObject({ n: 0, deflected: { percent: null }, acceptance: { percent: null } });
  });
});
