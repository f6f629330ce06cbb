import { checkForm, type FormDefinition } from '@sveiki/protocol';
import type { ConfigProblem } from '../config-problem.ts';
import { builtInForm } from './built-in.ts';

export type SurveyKind = 'csat' | 'nps' | 'ces' | 'custom';

/** A survey as the configuration says it; see `SurveyInput` of the SDK for what each part means. */
export interface SurveySettings {
  id: string;
  kind: SurveyKind;
  form?: string;
  when: {
    on: 'resolve' | 'transfer';
    sample?: number;
    quietDays?: number;
    teams?: readonly string[];
    sites?: readonly string[];
  };
  editWindowMs?: number;
  expiresMs?: number;
}

/** A survey ready to be asked: all defaults filled in. */
export interface SurveyRule {
  id: string;
  kind: SurveyKind;
  form: FormDefinition;
  on: 'resolve' | 'transfer';
  /** Share of conversations, 0 to 1. */
  sample: number;
  quietMs: number;
  /** Null: all of them. */
  teams: readonly string[] | null;
  sites: readonly string[] | null;
  editWindowMs: number;
  expiresMs: number;
  /** Switched off in the desk: it is asked by hand only. */
  off?: true;
}

const DAY_MS = 86_400_000;
/** M11. */
const EDIT_WINDOW_MS = DAY_MS;
const EXPIRES_MS = 7 * DAY_MS;
/** M12 asks a person at most once in 90 days. For the others the definitions name none: one a day is bearable. */
const QUIET_DAYS: { readonly [kind in SurveyKind]: number } = { nps: 90, csat: 1, ces: 1, custom: 1 };

/** The rule of checked settings. `forms` holds the configured forms by their ids. */
export function surveyRule(settings: SurveySettings, forms: ReadonlyMap<string, FormDefinition>): SurveyRule {
  const { id, kind, when } = settings;
  const own = settings.form === undefined ? undefined : forms.get(settings.form);
  if (own === undefined && kind === 'custom')
    throw new Error(`Survey "${id}" has no form. Check its settings with checkSurveys first.`);
  return {
    id,
    kind,
    form: own ?? builtInForm(kind as 'csat' | 'nps' | 'ces'),
    on: when.on,
    sample: when.sample ?? 1,
    quietMs: (when.quietDays ?? QUIET_DAYS[kind]) * DAY_MS,
    teams: when.teams ?? null,
    sites: when.sites ?? null,
    editWindowMs: settings.editWindowMs ?? EDIT_WINDOW_MS,
    expiresMs: settings.expiresMs ?? EXPIRES_MS,
  };
}

export type SurveyProblemCode =
  | 'doubled-id'
  | 'no-form'
  | 'unknown-form'
  | 'no-such-scale'
  | 'unknown-team'
  | 'unknown-site'
  | 'nobody-asked'
  | 'bad-sample'
  | 'bad-time';

/** Everything in surveys that cannot work. */
export function checkSurveys(
  surveys: readonly SurveySettings[],
  known: { forms: ReadonlyMap<string, FormDefinition>; teams: ReadonlySet<string>; sites: ReadonlySet<string> },
): ConfigProblem<SurveyProblemCode>[] {
  const problems: ConfigProblem<SurveyProblemCode>[] = [];
  const seen = new Set<string>();
  surveys.forEach((survey, i) => {
    const add = (at: string, code: SurveyProblemCode, message: string): void => {
      problems.push({ code, path: `surveys[${i}].${at}`, message });
    };
    if (seen.has(survey.id)) add('id', 'doubled-id', `"${survey.id}" is a survey already. Give each its own id.`);
    seen.add(survey.id);

    const form = survey.form === undefined ? undefined : known.forms.get(survey.form);
    if (survey.form === undefined) {
      if (survey.kind === 'custom')
        add(
          'form',
          'no-form',
          'A custom survey asks what a form says. Name one of `forms`, or choose csat, nps or ces.',
        );
    } else if (form === undefined) {
      add('form', 'unknown-form', `There is no form "${survey.form}". ${listed('Forms', known.forms.keys())}`);
    } else if (
      survey.kind !== 'custom' &&
      !form.fields.some((field) => field.kind === 'rating' && field.scale === survey.kind)
    ) {
      add(
        'form',
        'no-such-scale',
        `Form "${survey.form}" has no rating with the scale "${survey.kind}". Give it one, or make the kind "custom".`,
      );
    }

    const { sample, quietDays, teams, sites } = survey.when;
    for (const [name, ids, all, code] of [
      ['teams', teams, known.teams, 'unknown-team'],
      ['sites', sites, known.sites, 'unknown-site'],
    ] as const) {
      if (ids?.length === 0)
        add(
          `when.${name}`,
          'nobody-asked',
          `An empty list means that nobody is asked. Leave ${name} out to ask in all of them.`,
        );
      ids?.forEach((id, at) => {
        if (!all.has(id))
          add(`when.${name}[${at}]`, code, `There is no ${name.slice(0, -1)} "${id}". ${listed(`The ${name}`, all)}`);
      });
    }
    if (sample !== undefined && !(sample > 0 && sample <= 1))
      add(
        'when.sample',
        'bad-sample',
        'A share is above 0 and at most 1: 0.25 asks in a quarter of the conversations.',
      );
    if (quietDays !== undefined && !(quietDays >= 0 && quietDays <= 3_650))
      add('when.quietDays', 'bad-time', 'Days from 0 (no quiet period) to 3650.');
    for (const name of ['editWindowMs', 'expiresMs'] as const) {
      const value = survey[name];
      if (value !== undefined && !(value > 0 && value <= 365 * DAY_MS))
        add(name, 'bad-time', 'Milliseconds above 0, up to a year: 86_400_000 is a day.');
    }
  });
  return problems;
}

function listed(what: string, names: Iterable<string>): string {
  const all = [...names];
  return all.length === 0 ? `${what}: none.` : `${what}: ${all.join(', ')}.`;
}

/** What is wrong with the forms of a configuration, with paths into it. */
export function checkForms(forms: readonly FormDefinition[]): ConfigProblem[] {
  return forms.flatMap((form, i) => [
    ...(forms.findIndex(({ id }) => id === form.id) < i
      ? [
          {
            code: 'doubled-id',
            path: `forms[${i}].id`,
            message: `"${form.id}" is a form already. Give each its own id.`,
          },
        ]
      : []),
    ...checkForm(form).map(({ code, path, message }) => ({ code, path: `forms[${i}].${path}`, message })),
  ]);
}
