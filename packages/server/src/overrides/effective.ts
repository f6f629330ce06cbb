import type { SetupProblem, StoredSchedule, SurveySetup } from '@sveiki/protocol';
import type { Config } from '../config-types.ts';
import type { ConfigProblem } from '../domain/config-problem.ts';
import type { SurveyChange, SurveySettingsInUse } from '../domain/overrides/override.ts';
import { checkSchedule } from '../domain/schedules/check-schedule.ts';
import { checkSurveys, type SurveyRule } from '../domain/surveys/rule.ts';
import type { OverrideRow } from '../ports.ts';

const DAY_MS = 86_400_000;

/** What of a configuration people may change, and what it is checked against. */
export type Changed = Pick<Config, 'schedules' | 'surveys' | 'sites'>;
export type FileParts = Changed & Pick<Config, 'teams'>;

/** The configuration that holds, and where each part of it comes from. */
export interface Effective {
  config: Changed;
  schedules: readonly Omit<StoredSchedule, 'mayEdit'>[];
  surveys: readonly Omit<SurveySetup, 'mayEdit'>[];
}

/**
 * What was changed in the desk holds until it is reset; what was not changed follows the file. A change of something that the file has no longer,
 * or that does not fit the file any more, is kept, named, and has no effect.
 */
export function effectiveOf(file: FileParts, rows: readonly OverrideRow[]): Effective {
  const schedules = schedulesOf(file, rows);
  const surveys = surveysOf(file, rows);
  const inUse: Config['schedules'] = Object.fromEntries(
    schedules.flatMap(({ id, state, hours, file: own }) => {
      const held = state === 'used' ? hours : own;
      return held === null ? [] : [[id, held]];
    }),
  );
  return {
    config: {
      schedules: inUse,
      surveys: file.surveys.map((rule) => {
        const settings = surveys.find(({ id }) => id === rule.id)?.settings;
        return settings ? ruleWith(rule, settings) : rule;
      }),
      sites: file.sites.map((site) => {
        const hours = site.scheduleName === undefined ? undefined : inUse[site.scheduleName];
        return hours === undefined ? site : { ...site, schedule: hours as NonNullable<typeof site.schedule> };
      }),
    },
    schedules,
    surveys,
  };
}

type Row<Kind extends OverrideRow['kind']> = Extract<OverrideRow, { kind: Kind }>;

function rowsOf<Kind extends OverrideRow['kind']>(rows: readonly OverrideRow[], kind: Kind): Map<string, Row<Kind>> {
  return new Map(rows.flatMap((row) => (row.kind === kind ? [[row.name, row as Row<Kind>]] : [])));
}

const AS_IN_THE_FILE = { from: 'file', changedAt: null, changedBy: null, revision: null } as const;
const changeOf = ({ revision, changedAt, changedBy }: OverrideRow) =>
  ({ from: 'desk', changedAt, changedBy, revision }) as const;

function schedulesOf(file: FileParts, rows: readonly OverrideRow[]): Effective['schedules'] {
  const changes = rowsOf(rows, 'schedule');
  const names = [...new Set([...Object.keys(file.schedules), ...changes.keys()])];
  return names.map((id) => {
    const own = fileHours(file, id);
    const row = changes.get(id);
    if (row === undefined) return { id, ...AS_IN_THE_FILE, state: 'used', problems: [], hours: own!, file: own };
    const problems = problemsOfHours(row.content.schedule);
    const isRetired = own === null && !row.content.isNew;
    const state = isRetired ? 'retired' : problems.length > 0 ? 'unfit' : 'used';
    return { id, ...changeOf(row), state, problems, hours: row.content.schedule, file: own };
  });
}

function surveysOf(file: FileParts, rows: readonly OverrideRow[]): Effective['surveys'] {
  const changes = rowsOf(rows, 'survey');
  const known = file.surveys.map((rule): Effective['surveys'][number] => {
    const { id, kind } = rule;
    const own = settingsOf(rule);
    const row = changes.get(id);
    const base = { id, kind, file: own };
    if (row === undefined)
      return { ...base, ...AS_IN_THE_FILE, state: 'used', problems: [], settings: own, changed: [] };
    const settings = { ...own, ...row.content };
    const problems = problemsOfSettings(rule, settings, file);
    const changed = Object.keys(row.content) as (keyof SurveyChange)[];
    return problems.length > 0
      ? { ...base, ...changeOf(row), state: 'unfit', problems, settings: own, changed }
      : { ...base, ...changeOf(row), state: 'used', problems, settings, changed };
  });
  const retired = [...changes.values()].filter(({ name }) => !file.surveys.some(({ id }) => id === name));
  return [
    ...known,
    ...retired.map((row): Effective['surveys'][number] => ({
      ...{ id: row.name, kind: null, ...changeOf(row), state: 'retired', problems: [], settings: null, file: null },
      changed: Object.keys(row.content) as (keyof SurveyChange)[],
    })),
  ];
}

/** What the file says of a schedule, null when it has none of this name. */
export function fileHours({ schedules }: FileParts, id: string): Config['schedules'][string] | null {
  return Object.hasOwn(schedules, id) ? (schedules[id] ?? null) : null;
}

/** What cannot work in a schedule, with paths from its own beginning: `week.1[0][1]`. */
export function problemsOfHours(hours: Config['schedules'][string]): SetupProblem[] {
  return checkSchedule(hours, '').map(({ path, message }) =>
    inTwo({ path: path.replace(/^\./, ''), message: message.replace('(.', '(') }),
  );
}

/** What cannot work in the settings of a survey, by the checks that the file has to pass: `sample`, `teams[1]`. */
export function problemsOfSettings(rule: SurveyRule, settings: SurveySettingsInUse, file: FileParts): SetupProblem[] {
  const { on, sample, quietDays, teams, sites, editWindowMs, expiresMs } = settings;
  const { id, kind, form } = rule;
  const when = { on, sample, quietDays, ...(teams === null ? {} : { teams }), ...(sites === null ? {} : { sites }) };
  return checkSurveys([{ id, kind, form: form.id, when, editWindowMs, expiresMs }], {
    forms: new Map([[form.id, form]]),
    teams: new Set(file.teams.map((team) => team.id)),
    sites: new Set(file.sites.map((site) => site.key)),
  }).map(({ path, message }) => inTwo({ path: path.replace(/^surveys\[0\]\.(when\.)?/, ''), message }));
}

/** The domain says both in one: the first sentence is what is wrong, the rest is the way out. */
function inTwo({ path, message }: Pick<ConfigProblem, 'path' | 'message'>): SetupProblem {
  const [, problem = message, fix = ''] = /^(.*?[.!])\s+(.*)$/s.exec(message) ?? [];
  return { path, problem, fix };
}

export function settingsOf(rule: SurveyRule): SurveySettingsInUse {
  const { on, sample, quietMs, teams, sites, editWindowMs, expiresMs } = rule;
  return { enabled: rule.off !== true, on, sample, quietDays: quietMs / DAY_MS, teams, sites, editWindowMs, expiresMs };
}

function ruleWith(rule: SurveyRule, settings: SurveySettingsInUse): SurveyRule {
  const { off: _, ...rest } = rule;
  const { enabled, quietDays, ...same } = settings;
  return { ...rest, ...same, quietMs: quietDays * DAY_MS, ...(enabled ? {} : { off: true }) };
}
