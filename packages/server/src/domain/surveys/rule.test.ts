import { checkForm, type FormDefinition, visibleFields } from '@sveiki/protocol';
import { describe, expect, it } from 'vitest';
import { builtInForm } from './built-in.ts';
import { checkForms, checkSurveys, type SurveySettings, surveyRule } from './rule.ts';

const own: FormDefinition = { id: 'own', purpose: 'post-chat', fields: [{ id: 'a', kind: 'text', label: 'A' }] };
const known = { forms: new Map([['own', own]]), teams: new Set(['sales', 'billing']), sites: new Set(['shop']) };
const on = 'resolve';

describe('checkSurveys', () => {
  it.each<[string, SurveySettings, string[]]>([
    [
      'a good one',
      { id: 'a', kind: 'csat', when: { on, sample: 0.5, quietDays: 0, teams: ['sales'], sites: ['shop'] } },
      [],
    ],
    ['a custom one without a form', { id: 'a', kind: 'custom', when: { on } }, ['surveys[0].form no-form']],
    [
      'a form that is not there',
      { id: 'a', kind: 'custom', form: 'other', when: { on } },
      ['surveys[0].form unknown-form'],
    ],
    [
      'a form without the scale',
      { id: 'a', kind: 'nps', form: 'own', when: { on } },
      ['surveys[0].form no-such-scale'],
    ],
    [
      'a team that is not there',
      { id: 'a', kind: 'csat', when: { on, teams: ['sales', 'support'] } },
      ['surveys[0].when.teams[1] unknown-team'],
    ],
    [
      'a site that is not there',
      { id: 'a', kind: 'csat', when: { on, sites: ['blog'] } },
      ['surveys[0].when.sites[0] unknown-site'],
    ],
    ['teams that are none', { id: 'a', kind: 'csat', when: { on, teams: [] } }, ['surveys[0].when.teams nobody-asked']],
    ['a share above 1', { id: 'a', kind: 'csat', when: { on, sample: 20 } }, ['surveys[0].when.sample bad-sample']],
    [
      'a share that is no number',
      { id: 'a', kind: 'csat', when: { on, sample: Number.NaN } },
      ['surveys[0].when.sample bad-sample'],
    ],
    [
      'times that cannot be',
      { id: 'a', kind: 'csat', when: { on, quietDays: -1 }, editWindowMs: 0, expiresMs: -5 },
      ['surveys[0].when.quietDays bad-time', 'surveys[0].editWindowMs bad-time', 'surveys[0].expiresMs bad-time'],
    ],
  ])('judges %s', (_what, survey, problems) => {
    expect(checkSurveys([survey], known).map(({ path, code }) => `${path} ${code}`)).toEqual(problems);
  });

  it('finds an id used twice, and says what there is', () => {
    const survey: SurveySettings = { id: 'a', kind: 'csat', when: { on, teams: ['support'] } };
    const problems = checkSurveys([survey, survey], known);
    expect(problems.map(({ code }) => code)).toEqual(['unknown-team', 'doubled-id', 'unknown-team']);
    expect(problems[0]?.message).toBe('There is no team "support". The teams: sales, billing.');
  });
});

it('checkForms says where in the configuration a form is wrong', () => {
  expect(
    checkForms([own, { ...own, fields: [{ id: 'a', kind: 'select', label: 'A' }] }]).map(
      ({ path, code }) => `${path} ${code}`,
    ),
  ).toEqual(['forms[1].id doubled-id', 'forms[1].fields[0].options no-options']);
});

it('surveyRule fills in the windows of M11 and the quiet time of M12', () => {
  expect(surveyRule({ id: 'a', kind: 'nps', when: { on } }, new Map())).toMatchObject({
    sample: 1,
    quietMs: 90 * 86_400_000,
    editWindowMs: 86_400_000,
    expiresMs: 7 * 86_400_000,
    teams: null,
    sites: null,
  });
  expect(surveyRule({ id: 'a', kind: 'custom', form: 'own', when: { on, quietDays: 0 } }, known.forms)).toMatchObject({
    form: own,
    quietMs: 0,
  });
  expect(() => surveyRule({ id: 'a', kind: 'custom', when: { on } }, known.forms)).toThrow('no form');
});

describe('the built-in forms', () => {
  it.each(['csat', 'nps', 'ces'] as const)(
    '%s is right, in every language, and asks for words only after the tap',
    (kind) => {
      const form = builtInForm(kind);
      expect(checkForm(form)).toEqual([]);
      const locales = (value: unknown): string[] =>
        typeof value !== 'object' || value === null
          ? []
          : 'en' in value
            ? [Object.keys(value).toSorted().join()]
            : Object.values(value).flatMap(locales);
      expect(new Set(locales(form))).toEqual(new Set(['ar,de,en,es,lv,ru']));
      expect(visibleFields(form, {}).map(({ id }) => id)).toEqual(['score']);
      expect(visibleFields(form, { score: 1 }).map(({ id }) => id)).toEqual(['score', 'comment']);
    },
  );
});
