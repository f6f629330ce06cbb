import type { RelaxStep, RouteDecision, SkillNeed, TeamInput } from '@sveiki/sdk/config';
import type { ConfigProblem } from '../config-problem.ts';
import { offerMsOf } from './offers.ts';
import { languageSkill, mergeNeeds } from './skills.ts';

/** The names a decision may use. */
export interface KnownNames {
  teams: ReadonlySet<string>;
  agents: ReadonlySet<string>;
  bots: ReadonlySet<string>;
  skills: ReadonlySet<string>;
}

export type DecisionProblemCode =
  | 'not-a-decision'
  | 'unknown-team'
  | 'unknown-agent'
  | 'unknown-bot'
  | 'unknown-skill'
  | 'bad-skill'
  | 'bad-relax'
  | 'bad-priority'
  | 'bad-duration'
  | 'bad-reason';

type Problem = ConfigProblem<DecisionProblemCode>;

const MAX_REASON_CHARS = 2_000;
const MAX_SKILLS = 16;
export const MAX_WAIT_MS = 86_400_000;
const CHANNELS = ['email', 'callback', 'phone', 'form'];

type Fields = Record<string, unknown>;
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isWhole = (value: unknown, least: number, most: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;

/**
 * What is wrong with a value that should be a decision, from a rule or from a hook that may answer anything; nothing when it is one. Fields that no
 * decision has are not looked at.
 */
export function checkDecision(value: unknown, names: KnownNames, path: string): Problem[] {
  const problems: Problem[] = [];
  const problem = (code: DecisionProblemCode, at: string, message: string): void =>
    void problems.push({ code, path: at, message });
  const known = (code: DecisionProblemCode, set: ReadonlySet<string>, noun: string, id: unknown, at: string): void => {
    if (typeof id === 'string' && set.has(id)) return;
    problem(code, at, `There is no ${noun} ${shown(id)}. ${listed(noun, set)}`);
  };

  if (!isObject(value) || !['agent', 'queue', 'bot', 'channel', 'default'].includes(String(value['to']))) {
    problem(
      'not-a-decision',
      path,
      `A decision is { to: 'agent' | 'queue' | 'bot' | 'channel' | 'default', … }, not ${shown(value)}.`,
    );
    return problems;
  }
  const { to, id, reason, offerMs, kind, priority, skills, relax, sticky } = value;
  if (to === 'default') return problems;
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > MAX_REASON_CHARS)
    problem('bad-reason', `${path}.reason`, `Staff reads the reason: write 1 to ${MAX_REASON_CHARS} characters.`);
  if (to === 'bot') known('unknown-bot', names.bots, 'bot', id, `${path}.id`);
  if (to === 'channel' && !CHANNELS.includes(String(kind)))
    problem('not-a-decision', `${path}.kind`, `A channel is one of ${CHANNELS.join(', ')}, not ${shown(kind)}.`);
  if (to === 'agent') {
    known('unknown-agent', names.agents, 'agent', id, `${path}.id`);
    if (offerMs !== undefined && !isWhole(offerMs, 1, MAX_WAIT_MS))
      problem('bad-duration', `${path}.offerMs`, badDuration(offerMs));
  }
  if (to === 'queue') {
    known('unknown-team', names.teams, 'team', id, `${path}.id`);
    if (priority !== undefined && !isWhole(priority, -100, 100))
      problem(
        'bad-priority',
        `${path}.priority`,
        `A priority is a whole number from -100 to 100, not ${shown(priority)}.`,
      );
    if (skills !== undefined) problems.push(...checkNeeds(skills, names.skills, `${path}.skills`));
    if (relax !== undefined) problems.push(...checkRelax(relax, names.skills, `${path}.relax`));
    if (sticky !== undefined) {
      const { agent, maxWaitMs } = isObject(sticky) ? sticky : {};
      known('unknown-agent', names.agents, 'agent', agent, `${path}.sticky.agent`);
      if (!isWhole(maxWaitMs, 0, MAX_WAIT_MS))
        problem('bad-duration', `${path}.sticky.maxWaitMs`, badDuration(maxWaitMs));
    }
  }
  return problems;
}

export function checkNeeds(skills: unknown, known: ReadonlySet<string>, path: string): Problem[] {
  if (!Array.isArray(skills) || skills.length > MAX_SKILLS)
    return [{ code: 'bad-skill', path, message: `Needed skills are a list of at most ${MAX_SKILLS}.` }];
  return skills.flatMap((need: unknown, index): Problem[] => {
    const at = `${path}[${index}]`;
    const { skill, level, required } = isObject(need) ? need : {};
    if (!isSkill(skill, known)) return [unknownSkill(skill, known, `${at}.skill`)];
    if (level !== undefined && !isWhole(level, 1, 5))
      return [{ code: 'bad-skill', path: `${at}.level`, message: `A level is 1, 2, 3, 4 or 5, not ${shown(level)}.` }];
    if (required !== undefined && typeof required !== 'boolean')
      return [
        { code: 'bad-skill', path: `${at}.required`, message: `"required" is true or false, not ${shown(required)}.` },
      ];
    return [];
  });
}

export function checkRelax(steps: unknown, known: ReadonlySet<string>, path: string): Problem[] {
  if (!Array.isArray(steps) || steps.length > MAX_SKILLS)
    return [{ code: 'bad-relax', path, message: `Steps that relax are a list of at most ${MAX_SKILLS}.` }];
  return steps.flatMap((step: unknown, index): Problem[] => {
    const at = `${path}[${index}]`;
    const { afterMs, drop } = isObject(step) ? step : {};
    const bad: Problem[] = [];
    if (!isWhole(afterMs, 0, MAX_WAIT_MS))
      bad.push({ code: 'bad-duration', path: `${at}.afterMs`, message: badDuration(afterMs) });
    if (!Array.isArray(drop) || drop.length === 0)
      bad.push({
        code: 'bad-relax',
        path: `${at}.drop`,
        message: 'Name at least one skill that is only preferred from then on.',
      });
    else
      for (const [place, skill] of drop.entries())
        if (skill !== 'language' && !isSkill(skill, known))
          bad.push(unknownSkill(skill, known, `${at}.drop[${place}]`));
    return bad;
  });
}

export function isSkill(skill: unknown, known: ReadonlySet<string>): skill is string {
  return typeof skill === 'string' && (known.has(skill) || /^language:[a-z]{2,8}$/.test(skill));
}

function unknownSkill(skill: unknown, known: ReadonlySet<string>, path: string): Problem {
  const message = `There is no skill ${shown(skill)}. ${listed('skill', known)} A language is written as "language:lv".`;
  return { code: 'unknown-skill', path, message };
}

export function badDuration(value: unknown): string {
  return `This is a number of milliseconds, whole and at most a day (${MAX_WAIT_MS}), not ${shown(value)}.`;
}

export function listed(noun: string, names: ReadonlySet<string>): string {
  const all = [...names];
  if (all.length === 0) return `No ${noun} is configured.`;
  return `Configured: ${all.slice(0, 20).join(', ')}${all.length > 20 ? ', …' : ''}.`;
}

/** A value as a person can recognize it, however long or strange it is. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `"${value.slice(0, 100)}"`;
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'this object';
  return String(value);
}

/** Where a conversation waits and what it needs there: the part of `Waiting` that a decision is about. */
export interface QueueEntry {
  team: string;
  priority: number;
  skills: readonly SkillNeed[];
  relax: readonly RelaxStep[];
  sticky: { agent: string; until: number } | null;
}

/**
 * How a conversation waits in `team`, by a decision that keeps it among people and by what the team says itself. A decision for one agent, and the
 * agent who served the visitor last, become `sticky`; the decision's own wins.
 */
export function queueEntry(
  decision: Extract<RouteDecision, { to: 'agent' | 'queue' | 'default' }>,
  team: TeamInput,
  visitor: { language: string | null; lastAgent?: string },
  now: number,
): QueueEntry {
  const queue = decision.to === 'queue' ? decision : null;
  const language =
    team.language === 'required' || team.language === 'preferred' ? languageSkill(visitor.language) : null;
  const spoken: SkillNeed[] = language === null ? [] : [{ skill: language, required: team.language === 'required' }];
  return {
    team: team.id,
    priority: queue?.priority ?? 0,
    skills: mergeNeeds(team.skills ?? [], queue?.skills ?? [], spoken).slice(0, MAX_SKILLS),
    relax: [...(team.relax ?? []), ...(queue?.relax ?? [])].slice(0, MAX_SKILLS),
    sticky: stickyTo(decision, team, visitor.lastAgent, now),
  };
}

function stickyTo(
  decision: Extract<RouteDecision, { to: 'agent' | 'queue' | 'default' }>,
  team: TeamInput,
  lastAgent: string | undefined,
  now: number,
): QueueEntry['sticky'] {
  if (decision.to === 'agent') return { agent: decision.id, until: now + (decision.offerMs ?? offerMsOf(team)) };
  if (decision.to === 'queue' && decision.sticky !== undefined)
    return { agent: decision.sticky.agent, until: now + decision.sticky.maxWaitMs };
  if (team.sticky !== undefined && lastAgent !== undefined)
    return { agent: lastAgent, until: now + team.sticky.maxWaitMs };
  return null;
}
