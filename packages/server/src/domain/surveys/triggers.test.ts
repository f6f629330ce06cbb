import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logOf } from '../../testing/log-of.ts';
import { surveyRule } from './rule.ts';
import { episodeOf, isSampled, type PastAsk, type SurveyMoment, surveyFor } from './triggers.ts';

const DAY = 86_400_000;
const NOW = 1_000 * DAY;
const csat = surveyRule({ id: 'after-chat', kind: 'csat', when: { on: 'resolve' } }, new Map());
const nps = surveyRule({ id: 'recommend', kind: 'nps', when: { on: 'resolve' } }, new Map());
const moment: SurveyMoment = {
  on: 'resolve',
  conversation: 'conversation-0001',
  episode: 1,
  site: 'shop',
  team: 'sales',
  person: 'mia',
  visitorMessages: 2,
  replies: 1,
  lastVisitorMessageAt: NOW - 1,
  leftOut: false,
};
const past = (more: Partial<PastAsk>): PastAsk => ({
  survey: 'recommend',
  kind: 'nps',
  on: 'resolve',
  conversation: 'conversation-0000',
  episode: 1,
  person: 'mia',
  askedAt: NOW - DAY,
  until: NOW + DAY,
  shown: true,
  ...more,
});
const asked = (more: Partial<SurveyMoment>, surveys = [csat], history: PastAsk[] = []) => {
  const { survey, passed } = surveyFor({ ...moment, ...more }, surveys, history, NOW);
  return survey?.id ?? passed.map(({ why }) => why).join();
};

describe('surveyFor', () => {
  it.each<[string, Partial<SurveyMoment>, string]>([
    ['a resolved conversation', {}, 'after-chat'],
    ['a transfer, which this survey is not for', { on: 'transfer' }, 'other-trigger'],
    ['spam', { leftOut: true }, 'left-out'],
    ['a conversation nobody replied in', { replies: 0 }, 'nothing-said'],
    ['one the visitor wrote nothing in', { visitorMessages: 0 }, 'nothing-said'],
    ['a visitor who is silent for a week', { lastVisitorMessageAt: NOW - 7 * DAY }, 'long-silent'],
  ])('decides about %s', (_what, more, outcome) => {
    expect(asked(more)).toBe(outcome);
  });

  it('keeps to teams and sites', () => {
    const rule = { ...csat, teams: ['billing'] };
    expect(asked({}, [rule])).toBe('other-team');
    expect(asked({ team: null }, [rule])).toBe('other-team');
    expect(asked({ team: 'billing' }, [rule])).toBe('after-chat');
    expect(asked({}, [{ ...csat, sites: ['blog'] }])).toBe('other-site');
  });

  it('[M12] asks nobody for an NPS twice in 90 days, whichever survey it was', () => {
    expect(asked({}, [nps], [past({ askedAt: NOW - 90 * DAY + 1 })])).toBe('quiet');
    expect(asked({}, [nps], [past({ askedAt: NOW - 90 * DAY + 1, survey: 'another' })])).toBe('quiet');
    expect(asked({}, [nps], [past({ askedAt: NOW - 90 * DAY })])).toBe('recommend');
    expect(asked({}, [nps], [past({ person: 'noah' })])).toBe('recommend');
    expect(asked({}, [nps], [past({ kind: 'csat' })])).toBe('recommend');
  });

  it('does not count a survey against a person who never saw it', () => {
    expect(asked({}, [nps], [past({ shown: false, until: NOW })])).toBe('recommend');
    expect(asked({}, [nps], [past({ shown: false, until: NOW + 1 })])).toBe('quiet');
  });

  it('goes on to the next survey, and asks one at most', () => {
    const history = [past({})];
    expect(surveyFor(moment, [nps, csat], history, NOW)).toEqual({
      survey: csat,
      passed: [{ survey: 'recommend', why: 'quiet' }],
    });
  });

  it('asks once in an episode, whatever other surveys there are, and again in the next', () => {
    const history = [
      past({ conversation: moment.conversation, kind: 'csat', survey: 'after-chat', askedAt: NOW - 5 * DAY }),
    ];
    expect(asked({}, [csat, nps], history)).toBe('already-asked,already-asked');
    expect(asked({ episode: 2 }, [csat], history)).toBe('after-chat');
  });

  it('never asks twice in one episode, whatever happens', () => {
    const surveys = [
      csat,
      nps,
      surveyRule({ id: 'moved', kind: 'ces', when: { on: 'transfer', sample: 0.5, quietDays: 0 } }, new Map()),
    ];
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            on: fc.constantFrom('resolve' as const, 'transfer' as const),
            conversation: fc.constantFrom('conversation-0001', 'conversation-0002', 'conversation-0003'),
            episode: fc.integer({ min: 1, max: 2 }),
            wait: fc.nat(3 * DAY),
            shown: fc.boolean(),
          }),
          { maxLength: 30 },
        ),
        (steps) => {
          const history: PastAsk[] = [];
          let now = NOW;
          for (const { wait, shown, ...step } of steps) {
            now += wait;
            const { survey } = surveyFor({ ...moment, ...step, lastVisitorMessageAt: now }, surveys, history, now);
            if (survey === null) continue;
            history.push({
              ...step,
              survey: survey.id,
              kind: survey.kind,
              person: 'mia',
              askedAt: now,
              until: now + survey.expiresMs,
              shown,
            });
          }
          const keys = history.map(({ conversation, episode, on }) => `${conversation} ${episode} ${on}`);
          expect(new Set(keys).size).toBe(keys.length);
        },
      ),
    );
  });
});

describe('isSampled', () => {
  it('is always the same for a conversation, and another choice for another survey', () => {
    const ids = Array.from({ length: 2_000 }, (_, i) => `conversation-${i}`);
    const a = ids.filter((id) => isSampled(id, 'a', 0.25));
    expect(ids.filter((id) => isSampled(id, 'a', 0.25))).toEqual(a);
    // Four standard deviations of a binomial with n 2000, p 0.25 are 78.
    expect(Math.abs(a.length - 500)).toBeLessThan(78);
    const both = a.filter((id) => isSampled(id, 'b', 0.25)).length;
    expect(Math.abs(both - a.length / 4)).toBeLessThan(40);
  });

  it('takes everybody at 1, nobody at 0, and never fewer with a larger share', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.double({ min: 0, max: 1, noNaN: true }), (id, salt, share) => {
        expect(isSampled(id, salt, 1)).toBe(true);
        expect(isSampled(id, salt, 0)).toBe(false);
        if (isSampled(id, salt, share)) expect(isSampled(id, salt, Math.min(1, share + 0.1))).toBe(true);
      }),
    );
  });
});

describe('episodeOf', () => {
  const thanks = logOf(
    [0, 'mia', 'Where is it?'],
    [1, 'ada', 'Here.'],
    [2, 'ada', { kind: 'resolved' }],
    [3, 'relay', { kind: 'reopened' }],
    [3, 'mia', 'Thank you'],
    [4, 'ada', { kind: 'resolved' }],
  );

  it('[M10] is the same after a bare thank-you: the survey is not sent twice', () => {
    expect(episodeOf(thanks)).toBe(1);
  });

  it('[M10] is a new one once somebody replied after it was opened again', () => {
    expect(episodeOf([...thanks.slice(0, 5), ...logOf([5, 'ada', 'Anything else?'], [6, 'ada', 'Still there?'])])).toBe(
      2,
    );
  });
});
