import type { AgentInput, RoutingInput, RuleCondition, ScheduleInput, TeamInput } from '@sveiki/sdk/config';
import type { ConfigProblem } from '../config-problem.ts';
import { checkSchedule, type ScheduleProblemCode } from '../schedules/check-schedule.ts';
import {
  badDuration,
  checkDecision,
  checkNeeds,
  checkRelax,
  type DecisionProblemCode,
  isSkill,
  isWhole,
  type KnownNames,
  listed,
  MAX_WAIT_MS,
  shown,
} from './decision.ts';

export type RoutingProblemCode =
  | DecisionProblemCode
  | ScheduleProblemCode
  | 'unknown-schedule'
  | 'unknown-site'
  | 'unknown-strategy'
  | 'duplicate-name'
  | 'overflow-cycle'
  | 'bad-capacity'
  | 'bad-weight'
  | 'bad-share'
  | 'bad-condition'
  | 'rule-never-reached'
  | 'nobody-in-team'
  | 'nobody-has-skill';

type Problem = ConfigProblem<RoutingProblemCode>;

/** The parts of a configuration that routing hangs on. */
export interface RoutingParts {
  teams: readonly TeamInput[];
  /** When they are known from the configuration; those who are only in the store are not checked here. */
  agents?: readonly AgentInput[];
  schedules: Readonly<Record<string, ScheduleInput>>;
  routing?: RoutingInput;
  bots?: readonly string[];
  sites?: readonly string[];
}

const STRATEGIES: ReadonlySet<string> = new Set([
  'manual',
  'ring-all',
  'round-robin',
  'longest-idle',
  'least-loaded',
  'fill-up',
  'weighted',
  'priority-list',
  'skill-match',
] satisfies TeamInput['strategy'][]);
const MAX_PATTERN_CHARS = 200;

/** Everything that cannot work in a configuration of routing, in the order of the file. Empty when all is well. */
export function checkRouting({ teams, agents, schedules, routing = {}, bots = [], sites }: RoutingParts): Problem[] {
  const problems: Problem[] = [];
  const problem = (code: RoutingProblemCode, path: string, message: string): void =>
    void problems.push({ code, path, message });
  const scheduleNames = new Set(Object.keys(schedules));
  const names: KnownNames = {
    teams: new Set(teams.map(({ id }) => id)),
    // Without a list in the file anybody may exist.
    agents: agents === undefined ? anything : new Set(agents.map(({ id }) => id)),
    bots: new Set(bots),
    skills: new Set<string>(routing.skills ?? []),
  };
  const known = (code: RoutingProblemCode, set: ReadonlySet<string>, noun: string, id: string, path: string): void => {
    if (!set.has(id)) problem(code, path, `There is no ${noun} ${shown(id)}. ${listed(noun, set)}`);
  };
  const duration = (value: number | undefined, path: string, least = 1): void => {
    if (value !== undefined && !isWhole(value, least, MAX_WAIT_MS)) problem('bad-duration', path, badDuration(value));
  };
  const unique = (ids: readonly string[], place: string, noun: string): void => {
    for (const [index, id] of ids.entries())
      if (ids.indexOf(id) !== index)
        problem(
          'duplicate-name',
          `${place}[${index}].id`,
          `Two ${noun}s are called ${shown(id)}. Give each a name of its own.`,
        );
  };

  for (const [name, schedule] of Object.entries(schedules))
    problems.push(...checkSchedule(schedule, `schedules.${name}`));

  unique(
    teams.map(({ id }) => id),
    'teams',
    'team',
  );
  for (const [index, team] of teams.entries()) {
    const path = `teams[${index}]`;
    if (!STRATEGIES.has(team.strategy))
      problem(
        'unknown-strategy',
        `${path}.strategy`,
        `There is no strategy ${shown(team.strategy)}. ${listed('strategy', STRATEGIES)}`,
      );
    if (team.schedule !== undefined)
      known('unknown-schedule', scheduleNames, 'schedule', team.schedule, `${path}.schedule`);
    duration(team.offerMs, `${path}.offerMs`);
    duration(team.ageingMs, `${path}.ageingMs`);
    duration(team.sticky?.maxWaitMs, `${path}.sticky.maxWaitMs`, 0);
    duration(team.shiftGuardMs, `${path}.shiftGuardMs`, 0);
    if (team.skills !== undefined) problems.push(...checkNeeds(team.skills, names.skills, `${path}.skills`));
    if (team.relax !== undefined) problems.push(...checkRelax(team.relax, names.skills, `${path}.relax`));
    for (const [agent, share] of Object.entries(team.shares ?? {})) {
      known('unknown-agent', names.agents, 'agent', agent, `${path}.shares.${agent}`);
      if (share === undefined || !Number.isFinite(share) || share <= 0)
        problem(
          'bad-share',
          `${path}.shares.${agent}`,
          `A share is a number above 0, not ${shown(share)}. Leave agents out of the team who should get nothing.`,
        );
    }
    for (const [place, agent] of (team.order ?? []).entries())
      known('unknown-agent', names.agents, 'agent', agent, `${path}.order[${place}]`);
    if (team.peak !== undefined && !(isWhole(team.peak.waiting, 1, 100_000) && isWeight(team.peak.extra)))
      problem(
        'bad-capacity',
        `${path}.peak`,
        'A peak is { waiting, extra }: from 1 conversation on, and a multiple of 0.25 from 0.25 to 20 more.',
      );
    if (team.overflow !== undefined) {
      known('unknown-team', names.teams, 'team', team.overflow.team, `${path}.overflow.team`);
      duration(team.overflow.afterMs, `${path}.overflow.afterMs`, 0);
      const circle = overflowCircle(team, teams);
      if (circle !== null)
        problem(
          'overflow-cycle',
          `${path}.overflow.team`,
          `The overflow goes in a circle: ${circle.join(' → ')}. Let one of them help nobody.`,
        );
    }
  }

  if (agents !== undefined) {
    unique(
      agents.map(({ id }) => id),
      'agents',
      'agent',
    );
    for (const [index, agent] of agents.entries()) {
      const path = `agents[${index}]`;
      for (const [place, team] of agent.teams.entries())
        known('unknown-team', names.teams, 'team', team, `${path}.teams[${place}]`);
      for (const [place, shift] of (agent.shifts ?? []).entries())
        known('unknown-schedule', scheduleNames, 'schedule', shift, `${path}.shifts[${place}]`);
      if (!(Number.isFinite(agent.capacity) && agent.capacity >= 0 && agent.capacity <= 100))
        problem(
          'bad-capacity',
          `${path}.capacity`,
          `A capacity is a number from 0 to 100, not ${shown(agent.capacity)}.`,
        );
      for (const [skill, level] of Object.entries(agent.skills ?? {})) {
        if (!isSkill(skill, names.skills))
          problem(
            'unknown-skill',
            `${path}.skills.${skill}`,
            `There is no skill ${shown(skill)}. ${listed('skill', names.skills)} A language is written as "language:lv".`,
          );
        if (!isWhole(level, 1, 5))
          problem('bad-skill', `${path}.skills.${skill}`, `A level is 1, 2, 3, 4 or 5, not ${shown(level)}.`);
      }
    }
    for (const [index, team] of teams.entries()) {
      const members = agents.filter((agent) => agent.teams.includes(team.id));
      if (members.length === 0)
        problem(
          'nobody-in-team',
          `teams[${index}]`,
          `Nobody is in team ${shown(team.id)}: whoever waits there waits forever. Put an agent in it, or remove it.`,
        );
      else
        for (const [place, { skill, level = 1, required }] of (team.skills ?? []).entries())
          if (
            required !== false &&
            members.every((agent) => (agent.skills?.[skill] ?? 0) < level) &&
            !isDropped(team, skill)
          )
            problem(
              'nobody-has-skill',
              `teams[${index}].skills[${place}]`,
              `Nobody in team ${shown(team.id)} has ${skill} at level ${level}, and no step relaxes it. Whoever waits there waits forever.`,
            );
    }
  }

  const checkCondition = (when: RuleCondition, path: string): void => {
    for (const [place, site] of listOf(when.site).entries())
      if (sites !== undefined)
        known(
          'unknown-site',
          new Set(sites),
          'site',
          site,
          `${path}.site${Array.isArray(when.site) ? `[${place}]` : ''}`,
        );
    for (const name of ['open', 'closed'] as const) {
      const team = when[name];
      if (team !== undefined) known('unknown-team', names.teams, 'team', team, `${path}.${name}`);
    }
    if (when.waiting !== undefined)
      known('unknown-team', names.teams, 'team', when.waiting.team, `${path}.waiting.team`);
    for (const pattern of listOf(when.page))
      if (pattern.length > MAX_PATTERN_CHARS || !/^(\/|\*|[a-z*]+:\/\/)/i.test(pattern))
        problem(
          'bad-condition',
          `${path}.page`,
          `A page begins with "/", "*" or "https://" and has at most ${MAX_PATTERN_CHARS} characters: ${shown(pattern)} never fits.`,
        );
    for (const words of when.words ?? [])
      if (!/[\p{L}\p{N}]/u.test(words))
        problem('bad-condition', `${path}.words`, `${shown(words)} has no letter or digit and never fits.`);
  };
  const rules = routing.rules ?? [];
  for (const [index, { when, decide }] of rules.entries()) {
    const path = `routing.rules[${index}]`;
    checkCondition(when, `${path}.when`);
    problems.push(...checkDecision(decide, names, `${path}.decide`));
    const earlier = rules.slice(0, index).findIndex((rule) => covers(rule.when, when));
    if (earlier !== -1)
      problem(
        'rule-never-reached',
        path,
        `Rule ${earlier} holds whenever this one would, and the first one decides. Put this rule before it, or remove it.`,
      );
  }
  duration(routing.deadlineMs, 'routing.deadlineMs');
  if (routing.fallback !== undefined) problems.push(...checkDecision(routing.fallback, names, 'routing.fallback'));
  for (const [index, { when, weight }] of (routing.weights ?? []).entries()) {
    const path = `routing.weights[${index}]`;
    checkCondition(when, `${path}.when`);
    if (!isWeight(weight))
      problem('bad-weight', `${path}.weight`, `A weight is a multiple of 0.25 from 0.25 to 20, not ${shown(weight)}.`);
  }
  return problems;
}

/** A set that has every name: for what is not known from the file. */
const anything: ReadonlySet<string> = Object.assign(new Set<string>(), { has: () => true });

/** Quarters add up without an error of rounding. */
function isWeight(value: number): boolean {
  return Number.isInteger(value * 4) && value >= 0.25 && value <= 20;
}

function isDropped(team: TeamInput, skill: string): boolean {
  return (team.relax ?? []).some(({ drop }) =>
    drop.some((name) => name === skill || (name === 'language' && skill.startsWith('language:'))),
  );
}

/** The way from a team over those who help it back to itself; null when there is none. */
function overflowCircle(start: TeamInput, teams: readonly TeamInput[]): string[] | null {
  const way = [start.id];
  for (let team: TeamInput | undefined = start; team?.overflow !== undefined; ) {
    const next: string = team.overflow.team;
    if (next === start.id) return [...way, next];
    if (way.includes(next)) return null;
    way.push(next);
    team = teams.find(({ id }) => id === next);
  }
  return null;
}

function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/** Conditions whose values are alternatives: fewer of them hold less often. */
const ALTERNATIVES = ['site', 'language', 'page', 'topic', 'words', 'channel'] as const;

/** Whether `general` holds whenever `special` does, as far as the values themselves tell. */
function covers(general: RuleCondition, special: RuleCondition): boolean {
  return (Object.keys(general) as (keyof RuleCondition)[]).every((key) => {
    if (general[key] === undefined) return true;
    if (special[key] === undefined) return false;
    const [wide, narrow] = [listOf<unknown>(general[key]), listOf<unknown>(special[key])];
    if ((ALTERNATIVES as readonly string[]).includes(key)) return narrow.every((value) => wide.includes(value));
    if (key === 'tags') return wide.every((value) => narrow.includes(value));
    return JSON.stringify(wide) === JSON.stringify(narrow);
  });
}
