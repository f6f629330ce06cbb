import type { ConfigOverview, FormDefinition, Origin, StoredSchedule, SurveySetup } from '@sveiki/protocol';
import type { Config } from './config-types.ts';
import { openingAt } from './domain/business-hours.ts';

/** What runs and who is open at `now`, for the desk. */
export function overviewOf(
  config: Pick<Config, 'version' | 'sites' | 'teams' | 'schedules' | 'forms' | 'surveys'>,
  { loadedAt, source }: { loadedAt: number; source: string },
  setup: { schedules: readonly StoredSchedule[]; surveys: readonly SurveySetup[] },
  now: number,
): ConfigOverview {
  const schedules = Object.entries(config.schedules).map(([id, schedule]) => {
    const { open, opensAt, closesAt } = openingAt(schedule, now);
    const nextChange = (open ? closesAt : opensAt) ?? null;
    return {
      id,
      timeZone: schedule.timeZone,
      open,
      nextChange,
      ...originOf(setup.schedules.find((one) => one.id === id)),
    };
  });
  return {
    version: config.version,
    loadedAt,
    source,
    teams: config.teams.map(({ id, name, strategy, schedule }) => {
      const hours = schedules.find((one) => one.id === schedule);
      return {
        id,
        name,
        strategy,
        schedule: hours === undefined ? null : { id: hours.id, open: hours.open, nextChange: hours.nextChange },
      };
    }),
    schedules,
    surveys: setup.surveys,
    sites: config.sites.map(({ key, name }) => ({ key, name })),
    asks: [
      ...config.forms.filter(({ purpose }) => purpose === 'in-chat').map((form) => askOf(form.id, form, false)),
      ...config.surveys.map(({ id, form }) => askOf(id, form, true)),
    ],
  };
}

/** A change that is kept and has no effect leaves it as the file has it. */
function originOf(stored: StoredSchedule | undefined): Origin {
  if (stored?.state !== 'used') return { from: 'file', changedAt: null, changedBy: null };
  const { from, changedAt, changedBy } = stored;
  return { from, changedAt, changedBy };
}

/** A form without a title is called by what it asks first for a point of a scale, or by its id. */
function askOf(id: string, form: FormDefinition, survey: boolean): NonNullable<ConfigOverview['asks']>[number] {
  const title = form.title ?? form.fields.find(({ kind }) => kind === 'rating')?.label ?? id;
  return { id, title, survey };
}
