import type { ConversationState, EventBody, TeamRef } from '@sveiki/protocol';
import type { RouteDecision, SkillNeed, TeamInput } from '@sveiki/sdk/config';
import { assigned } from '../domain/assignment.ts';
import type { Draft } from '../domain/log.ts';
import { isQueued } from '../domain/queue.ts';
import { queueEntry } from '../domain/routing/decision.ts';
import type { Command } from './command.ts';
import { type Directory, ownerOf } from './directory.ts';
import { bySystem } from './hand-off.ts';

type Routed = Extract<EventBody, { kind: 'routed' }>;

/** What was decided about a conversation that waits. */
export interface RoutingDecided {
  /** The ownership number it was decided on: a later one makes it void. */
  ownership: number;
  decision: RouteDecision;
  by: Routed['by'];
  reason: string;
  weight: number;
  visitor: { language: string | null; lastAgent?: string };
  /** What a bot that handed it off said of it. */
  handoff?: { priority?: number; skills: readonly SkillNeed[]; unknown: readonly string[] };
  /** How it came to wait anew: who was moved by a person stays in that queue, and neither he nor who was handed off goes to a bot. */
  moved: 'transferred' | 'handoff' | null;
}

const MAX_REASON_CHARS = 2_000;

/**
 * Writes down what routing decided, and does it: another queue, a bot, or the place where it waits. Nothing happens when somebody has the
 * conversation by now, or when it waits for another reason than the one that was decided about.
 */
export function decideRoute(
  id: string,
  conversation: string,
  decided: RoutingDecided,
  teams: ReadonlyMap<string, TeamInput>,
  directory: Directory,
): Command {
  return bySystem('s:routing', id, conversation, (state, view) => {
    if (!isQueued(state) || state.routing !== undefined || state.ownership !== decided.ownership) return [];
    const { decision, moved: movedBy } = decided;
    const target = movedBy === 'transferred' ? state.team : teamFor(decision, state, directory);
    const team = teams.get(target?.id ?? '');
    const entry =
      team === undefined
        ? { priority: 0, skills: [], relax: [], sticky: null }
        : queueEntry(amongPeople(decision, decided, team, directory), team, decided.visitor, view.now);
    const bot = decision.to === 'bot' && movedBy === null ? directory.agent(decision.id) : null;
    const isThere = bot?.available === true;
    const routed: Draft = {
      actor: { kind: 'system' },
      audience: 'staff',
      body: {
        kind: 'routed',
        team: target,
        priority: entry.priority,
        // Both say the same; the wire's lists may be changed.
        skills: entry.skills.map((need) => ({ ...need })),
        relax: entry.relax.map(({ afterMs, drop }) => ({ afterMs, drop: [...drop] })),
        sticky: entry.sticky,
        ...(decided.weight === 1 ? {} : { weight: decided.weight }),
        by: decided.by,
        reason: [decided.reason, ...notesOn(decided, state, bot !== null && !isThere)]
          .join(' · ')
          .slice(0, MAX_REASON_CHARS),
      },
      primary: true,
    };
    const moved: Draft[] =
      target === null || target.id === state.team?.id
        ? []
        : [{ actor: { kind: 'system' }, audience: 'public', body: { kind: 'queued', team: target, why: 'routed' } }];
    if (bot === null || !isThere) return [...moved, routed];
    const given = assigned(ownerOf(bot), target, 'routed', { kind: 'system' });
    return [routed, { ...given, body: { ...given.body, reason: decided.reason } }];
  });
}

/** The queue it waits in by a decision: an agent who is not in the present team has it in one of his own. */
function teamFor(decision: RouteDecision, state: ConversationState, directory: Directory): TeamRef | null {
  if (decision.to === 'queue') return directory.team(decision.id) ?? state.team;
  if (decision.to !== 'agent') return state.team;
  const own = directory.agent(decision.id)?.teams ?? [];
  if (own[0] === undefined || (state.team !== null && own.includes(state.team.id))) return state.team;
  return directory.team(own[0]) ?? state.team;
}

/** The decision as far as it is about waiting for people in `team`, with what the bot said. */
function amongPeople(
  decision: RouteDecision,
  { handoff, moved }: RoutingDecided,
  team: TeamInput,
  directory: Directory,
): Extract<RouteDecision, { to: 'agent' | 'queue' | 'default' }> {
  const isFixed = moved === 'transferred';
  const isElsewhere =
    decision.to === 'bot' ||
    decision.to === 'channel' ||
    (isFixed && decision.to === 'queue' && decision.id !== team.id) ||
    (isFixed && decision.to === 'agent' && directory.agent(decision.id)?.teams.includes(team.id) !== true);
  const plain = isElsewhere ? ({ to: 'default' } as const) : decision;
  if (handoff === undefined || plain.to === 'agent') return plain;
  const known = plain.to === 'queue' ? plain : null;
  return {
    ...(known ?? { to: 'queue', id: team.id, reason: '' }),
    priority: known?.priority ?? handoff.priority ?? 0,
    skills: [...(known?.skills ?? []), ...handoff.skills],
  };
}

/** What became of it, where that is not what was decided or asked for. */
function notesOn({ decision, moved, handoff }: RoutingDecided, state: ConversationState, isBotGone: boolean): string[] {
  const notes: string[] = [];
  if (decision.to === 'channel') notes.push(`${decision.kind}: waits here until somebody does that`);
  else if (isBotGone) notes.push('the bot is not there, so people have it');
  else if (moved !== null && decision.to === 'bot') notes.push('a person was asked for, so no bot');
  else if (moved === 'transferred' && decision.to === 'queue' && decision.id !== state.team?.id)
    notes.push('stays in the queue it was moved to');
  if ((handoff?.unknown ?? []).length > 0) notes.push(`no such skill: ${handoff?.unknown.join(', ')}`);
  return notes;
}
