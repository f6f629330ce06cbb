import type { EventBody, FormDefinition } from '@sveiki/protocol';
import { describe, expect, it } from 'vitest';
import { logOf } from '../../testing/log-of.ts';
import { builtInForm } from './built-in.ts';
import { surveyResults } from './results.ts';
import { answerStands, surveyRows } from './row.ts';
import { surveyScore } from './score.ts';

const HOUR = 3_600_000;
const window = () => 24 * HOUR;
const until = 1_000 * HOUR;
const asked: EventBody = {
  kind: 'asked',
  // The event owns its lists; a built-in form is everybody's.
  form: structuredClone(builtInForm('csat')) as FormDefinition,
  survey: { id: 'after-chat', kind: 'csat' },
  until,
};
const answered = (ask: string, answers: Record<string, string | number>, final = true): EventBody => ({
  kind: 'answered',
  ask,
  form: 'csat',
  answers,
  final,
});
const taken = (id: string, name: string, team: string): EventBody => ({
  kind: 'assigned',
  owner: { id, name },
  team: { id: team, name: team },
  how: 'taken',
});

describe('surveyRows', () => {
  it('[M11] makes one row of a survey: the last score inside the window, dated by the first answer', () => {
    const log = logOf(
      [0, 'ada', 'Done.'],
      [1, 'relay', asked],
      [10, 'mia', answered('e2', { score: 2 }, false)],
      [10 + 24 * HOUR - 1, 'mia', answered('e2', { score: 4 })],
      [10 + 24 * HOUR, 'mia', answered('e2', { score: 1 })],
    );
    expect(surveyRows(log, window)).toMatchObject([{ ask: 'e2', answers: { score: 4 }, answeredAt: 10, late: false }]);
  });

  it('[M11] takes no change after a comment', () => {
    const log = logOf(
      [0, 'ada', 'Done.'],
      [1, 'relay', asked],
      [2, 'mia', answered('e2', { score: 5 }, false)],
      [3, 'mia', answered('e2', { score: 5, comment: 'Quick.' })],
      [4, 'mia', answered('e2', { score: 1 })],
    );
    expect(surveyRows(log, window)[0]?.answers).toEqual({ score: 5, comment: 'Quick.' });
  });

  it('[M11] keeps a late answer and does not count it', () => {
    const log = logOf([0, 'ada', 'Done.'], [1, 'relay', asked], [until, 'mia', answered('e2', { score: 5 })]);
    const rows = surveyRows(log, window);
    expect(rows).toMatchObject([{ answers: { score: 5 }, late: true }]);
    const { questions, response } = surveyResults(rows, { isDelivered: () => true, suppressed: 0, now: until });
    expect(questions[0]?.human.figures).toMatchObject({ n: 0, csat: null });
    expect(response).toMatchObject({ delivered: 1, answered: 0, late: 1, rate: 0 });
  });

  it('[M11] counts no answer that is off the scale', () => {
    const log = logOf([0, 'ada', 'Done.'], [1, 'relay', asked], [2, 'mia', answered('e2', { score: 9 })]);
    expect(surveyRows(log, window)).toMatchObject([{ answers: null, answeredAt: null }]);
  });

  it('[M11] [G9] credits the author of the last human reply before the survey and the team of that moment, not who owns it', () => {
    const log = logOf(
      [0, 'ada', taken('ada', 'Ada', 'sales')],
      [1, 'ada', 'Hello.'],
      [2, 'ben', taken('ben', 'Ben', 'billing')],
      [3, 'ben', 'Here is your bill.'],
      [4, 'ada', taken('ada', 'Ada', 'sales')],
      [5, 'ada', { kind: 'note', blocks: [{ kind: 'text', text: 'Nice.' }] }],
      [6, 'relay', 'We have resolved this.'],
      [7, 'relay', asked],
      [8, 'ada', 'One more thing.'],
    );
    expect(surveyRows(log, window)[0]?.attribution).toEqual({
      series: 'human',
      agent: { id: 'ben', name: 'Ben' },
      team: { id: 'billing', name: 'billing' },
      participants: [
        { id: 'ada', name: 'Ada' },
        { id: 'ben', name: 'Ben' },
      ],
    });
  });

  it('[M11] keeps conversations of a bot alone apart, and those of nobody out of both', () => {
    const alone = surveyRows(
      logOf([0, 'bot', 'Hello.'], [1, 'relay', asked], [2, 'mia', answered('e2', { score: 1 })]),
      window,
    );
    const nobody = surveyRows(
      logOf([0, 'mia', 'Hello?'], [1, 'relay', asked], [2, 'mia', answered('e2', { score: 1 })]),
      window,
    );
    const human = surveyRows(
      logOf([0, 'ada', 'Hello.'], [1, 'relay', asked], [2, 'mia', answered('e2', { score: 5 })]),
      window,
    );
    const [question] = surveyResults([...alone, ...nobody, ...human], {
      isDelivered: () => true,
      suppressed: 0,
      now: 3,
    }).questions;
    expect(question?.human.figures).toMatchObject({ n: 1, csat: 100 });
    expect(question?.bot.figures).toMatchObject({ n: 1, csat: 0 });
    expect(question?.agents.map(({ agent }) => agent.id)).toEqual(['ada']);
  });
});

describe('answerStands', () => {
  const form = builtInForm('csat');
  const bounds = { until: 100, editWindowMs: 50 };
  it.each<[string, Parameters<typeof answerStands>[1], number, ReturnType<typeof answerStands>]>([
    ['the first one', null, 99, 'first'],
    ['the first one, on the dot of the end', null, 100, 'late'],
    ['another one soon after', { firstAt: 10, answers: { score: 1 }, final: true }, 59, 'change'],
    ['another one when the window is over', { firstAt: 10, answers: { score: 1 }, final: true }, 60, 'closed'],
    [
      'another one after the end, with the window still open',
      { firstAt: 90, answers: { score: 1 }, final: true },
      139,
      'change',
    ],
    ['another one after a late one', { firstAt: 100, answers: { score: 1 }, final: true }, 101, 'late'],
    [
      'another one after a comment',
      { firstAt: 10, answers: { score: 1, comment: 'Slow.' }, final: true },
      11,
      'closed',
    ],
  ])('[M11] says of %s what becomes of it', (_what, given, now, outcome) => {
    expect(answerStands(form, given, bounds, now)).toBe(outcome);
  });
});

it('surveyScore is the point of its scale, or the sum of a form of your own', () => {
  expect(surveyScore('nps', builtInForm('nps'), { score: 0 })).toBe(0);
  expect(surveyScore('nps', builtInForm('nps'), { score: 11 })).toBeNull();
  expect(surveyScore('csat', builtInForm('nps'), { score: 5 })).toBeNull();
  const own: FormDefinition = {
    id: 'own',
    purpose: 'link',
    fields: [
      { id: 'a', kind: 'rating', scale: 'csat', label: 'A', weight: 3 },
      { id: 'b', kind: 'checkbox', label: 'B', score: 1 },
    ],
  };
  expect(surveyScore('custom', own, { a: 2, b: true })).toBe(7);
});

describe('surveyResults', () => {
  const rows = (['ada', 'ada', 'ben'] as const).flatMap((who, i) =>
    surveyRows(
      logOf([0, who, 'Done.'], [1, 'relay', asked], [2, 'mia', answered('e2', { score: 3 + i })]).map((event) => ({
        ...event,
        conversation: `conversation-${i}`,
      })),
      window,
    ),
  );

  it('[G12] leads every figure to exactly the conversations it was counted from', () => {
    const [question] = surveyResults(rows, { isDelivered: () => true, suppressed: 0, now: 3 }).questions;
    expect(question).toMatchObject({
      field: 'score',
      human: { figures: { n: 3, mean: 4 } },
      agents: [
        {
          agent: { id: 'ada' },
          figures: { n: 2, csat: 50 },
          rows: [{ conversation: 'conversation-0', score: 3 }, { conversation: 'conversation-1' }],
        },
        {
          agent: { id: 'ben' },
          figures: { n: 1, csat: 100 },
          rows: [{ conversation: 'conversation-2', score: 5, at: 2 }],
        },
      ],
    });
  });

  it('[M14] divides by what was seen, and shows unseen and suppressed ones beside it', () => {
    const silent = logOf([0, 'ada', 'Done.'], [1, 'relay', asked]);
    const unanswered = [...surveyRows(silent, window), ...surveyRows(silent, window)];
    let first = true;
    const isDelivered = (): boolean => {
      const seen = first;
      first = false;
      return seen;
    };
    expect(surveyResults(unanswered, { isDelivered, suppressed: 4, now: until }).response).toEqual({
      sent: 2,
      delivered: 1,
      answered: 0,
      late: 0,
      expired: 1,
      suppressed: 4,
      rate: 0,
      interval: { low: 0, high: expect.closeTo(79.35, 1) },
      ofSent: 0,
    });
    expect(surveyResults([], { isDelivered: () => true, suppressed: 0, now: 0 }).response.rate).toBeNull();
  });

  it('figures each rating of a form of your own, by its scale, also over its versions', () => {
    const form = (version: number, label: string): FormDefinition => ({
      id: 'own',
      version,
      purpose: 'post-chat',
      fields: [
        { id: 'again', kind: 'rating', scale: 'nps', label },
        { id: 'useful', kind: 'rating', scale: 'thumbs', label: 'Useful?' },
      ],
    });
    const own = [1, 2].flatMap((version) =>
      surveyRows(
        logOf(
          [0, 'ada', 'Done.'],
          [
            version,
            'relay',
            { kind: 'asked', form: form(version, `v${version}`), survey: { id: 'own', kind: 'custom' }, until: null },
          ],
          [5, 'mia', { kind: 'answered', ask: 'e2', form: 'own', answers: { again: 10, useful: 0 }, final: true }],
        ),
        window,
      ),
    );
    expect(surveyResults(own, { isDelivered: () => true, suppressed: 0, now: 9 }).questions).toMatchObject([
      { field: 'again', label: 'v2', human: { figures: { kind: 'nps', n: 2, nps: 100 } } },
      { field: 'useful', human: { figures: { kind: 'csat', n: 2, csat: 0 } } },
    ]);
  });
});
