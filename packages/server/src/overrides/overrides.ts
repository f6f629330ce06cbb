import type {
  OpeningHours,
  SavedSchedule,
  SavedSurvey,
  SetupProblem,
  StoredSchedule,
  SurveySettings,
  SurveySetup,
} from '@sveiki/protocol';
import { type Audit, type AuditEntry, changedNames, noAudit } from '../audit/audit.ts';
import { may } from '../domain/access.ts';
import type { SurveyChange } from '../domain/overrides/override.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { AgentPrincipal, Bus, Clock, Ids, OverrideRow, Store } from '../ports.ts';
import { type Effective, type FileParts, fileHours, problemsOfHours, problemsOfSettings } from './effective.ts';

type Member = Pick<AgentPrincipal['agent'], 'id' | 'role'>;

/** Schedules and surveys as leads change them, over what the file says. Whoever changes something names the revision he has seen. */
export interface Overrides {
  schedules(agent: Member): StoredSchedule[];
  surveys(agent: Member): SurveySetup[];
  /** Changes a schedule, or makes one. It holds when this resolves. */
  saveSchedule(
    change: { id: string; hours: OpeningHours; revision: string | null },
    agent: Member,
  ): Promise<Refusal | SavedSchedule>;
  /** Back to the file; null: it was made in the desk, and is gone. */
  resetSchedule(
    change: { id: string; revision: string },
    agent: Member,
  ): Promise<Refusal | { schedule: StoredSchedule | null }>;
  configureSurvey(
    change: { id: string; settings: Partial<SurveySettings>; revision: string | null },
    agent: Member,
  ): Promise<Refusal | SavedSurvey>;
  /** Null: the file had it no longer. */
  resetSurvey(
    change: { id: string; revision: string },
    agent: Member,
  ): Promise<Refusal | { survey: SurveySetup | null }>;
}

/** More than anybody keeps apart. */
const MAX_SCHEDULES = 200;
const ID = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export function createOverrides(parts: {
  store: Store;
  bus: Bus;
  clock: Clock;
  ids: Ids;
  audit?: Audit;
  /** The configuration without anything that people changed. */
  file: () => FileParts;
  /** What holds at the moment. */
  effective: () => Effective;
  /** Makes hold what the store says now. */
  renew: () => Promise<void>;
}): Overrides {
  const { store, bus, clock, ids, audit = noAudit, file, effective, renew } = parts;
  const mayEdit = ({ role }: Member): boolean => may(role, 'change-setup');
  const rowOf = async (kind: OverrideRow['kind'], name: string) =>
    (await store.overrides()).find((row) => row.kind === kind && row.name === name);

  const schedules = (agent: Member): StoredSchedule[] =>
    effective().schedules.map((one) => ({ ...one, mayEdit: mayEdit(agent) }));
  const surveys = (agent: Member): SurveySetup[] =>
    effective().surveys.map((one) => ({ ...one, mayEdit: mayEdit(agent) }));

  /** Everybody serves by it from here on. */
  async function hold(isDone: boolean): Promise<Refusal | null> {
    if (!isDone) return refuse('changed-meanwhile');
    bus.publish({ kind: 'overrides' });
    await renew();
    return null;
  }

  async function reset(
    kind: OverrideRow['kind'],
    { id, revision }: { id: string; revision: string },
    agent: Member,
  ): Promise<Refusal | null> {
    if (!mayEdit(agent)) return refuse('forbidden');
    if ((await rowOf(kind, id)) === undefined) return refuse('not-found');
    const notes = audit.notes({ ...by(agent, kind, id), action: `${kind}.reset` });
    return hold(await store.removeOverride({ kind, name: id, revision }, notes));
  }

  const by = (agent: Member, kind: OverrideRow['kind'], id: string): Pick<AuditEntry, 'actor' | 'object'> => ({
    actor: `agent:${agent.id}`,
    object: `${kind}:${id}`,
  });

  const change = (agent: Member) => ({ revision: ids.next(), changedAt: clock.now(), changedBy: agent.id });

  return {
    schedules,
    surveys,
    async saveSchedule({ id, hours, revision }, agent) {
      if (!mayEdit(agent)) return refuse('forbidden');
      const isNew = fileHours(file(), id) === null;
      const problems = [...problemsOfName(id), ...problemsOfHours(hours)];
      const known = effective().schedules;
      if (known.length >= MAX_SCHEDULES && !known.some((one) => one.id === id))
        problems.push({
          path: '',
          problem: `There are ${MAX_SCHEDULES} schedules.`,
          fix: 'Take out one of the others.',
        });
      if (problems.length > 0) return { ok: false, problems };
      const row = { kind: 'schedule', name: id, content: { schedule: hours, isNew }, ...change(agent) } as const;
      const before = await rowOf('schedule', id);
      const names = changedNames(before?.kind === 'schedule' ? before.content.schedule : fileHours(file(), id), hours);
      const notes = audit.notes({ ...by(agent, 'schedule', id), action: 'schedule.saved', ...names });
      const refused = await hold(await store.saveOverride(row, revision, notes));
      return refused ?? answered(schedules(agent), id, (schedule) => ({ ok: true, schedule }));
    },
    async resetSchedule(change, agent) {
      const refused = await reset('schedule', change, agent);
      return refused ?? { schedule: schedules(agent).find(({ id }) => id === change.id) ?? null };
    },
    async configureSurvey({ id, settings, revision }, agent) {
      if (!mayEdit(agent)) return refuse('forbidden');
      const rule = file().surveys.find((one) => one.id === id);
      const own = effective().surveys.find((one) => one.id === id)?.file ?? null;
      if (rule === undefined || own === null) return refuse('not-found');
      const before = await rowOf('survey', id);
      if ((before?.revision ?? null) !== revision) return refuse('changed-meanwhile');
      const wanted: SurveySettings = { ...own, ...(before?.kind === 'survey' ? before.content : {}), ...settings };
      const problems = problemsOfSettings(rule, wanted, file());
      if (problems.length > 0) return { ok: false, problems };
      const content = differenceOf(own, wanted);
      const row: OverrideRow = { kind: 'survey', name: id, content, ...change(agent) };
      const notes = audit.notes({
        ...by(agent, 'survey', id),
        ...{ action: 'survey.changed', ...changedNames(before?.kind === 'survey' ? before.content : {}, content) },
      });
      const isAsInTheFile = Object.keys(content).length === 0;
      const refused =
        isAsInTheFile && before === undefined
          ? null
          : await hold(
              isAsInTheFile && before
                ? await store.removeOverride(before, notes)
                : await store.saveOverride(row, revision, notes),
            );
      return refused ?? answered(surveys(agent), id, (survey) => ({ ok: true, survey }));
    },
    async resetSurvey(change, agent) {
      const refused = await reset('survey', change, agent);
      return refused ?? { survey: surveys(agent).find(({ id }) => id === change.id) ?? null };
    },
  };
}

/** The one that was changed; gone when somebody else took it out in the same moment. */
function answered<One extends { id: string }, Answer>(
  all: readonly One[],
  id: string,
  answer: (one: One) => Answer,
): Answer | Refusal {
  const found = all.find((one) => one.id === id);
  return found === undefined ? refuse('changed-meanwhile') : answer(found);
}

function problemsOfName(id: string): SetupProblem[] {
  if (ID.test(id)) return [];
  return [
    { path: 'id', problem: 'This is not a name for a schedule.', fix: 'Use 1-64 small letters, digits, "-" and "_".' },
  ];
}

/** What is as in the file follows the file. */
function differenceOf(own: SurveySettings, wanted: SurveySettings): SurveyChange {
  return Object.fromEntries(
    Object.entries(wanted).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(own[name as keyof SurveySettings]),
    ),
  );
}
