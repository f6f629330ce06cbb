import type { ConversationState } from '@sveiki/protocol';
import { endHandoff } from '../commands/hand-off.ts';
import type { Config } from '../config-types.ts';
import type { HandoffFailure } from '../domain/handing-off.ts';
import type { Engine } from '../engine/engine.ts';
import type { Roster } from '../engine/roster.ts';
import type { Log } from '../log.ts';
import type { Clock, Ids } from '../ports.ts';

/**
 * Ends handoffs that nobody accepts: at once when nobody is there, after `timeoutMs`, and when everybody who was asked has passed. What to do follows
 * from what stands in the log, so a restart changes nothing; only for those asked before it nobody is taken for absent until agents had their
 * time to come back.
 */
export interface Handoffs {
  /** Something changed that may end one: an event of a waiting conversation, somebody came or went. */
  look(): void;
  stop(): void;
}

type Requested = NonNullable<ConversationState['handoff']>;

export function createHandoffs(parts: {
  config: Pick<Config, 'handoff' | 'agentGraceMs'>;
  engine: Engine;
  roster: Roster;
  clock: Clock;
  ids: Ids;
  log: Log;
}): Handoffs {
  const { config, engine, roster, clock, ids, log } = parts;
  const { timeoutMs, onFailure } = config.handoff;
  const startedAt = clock.now();
  /** Handoffs for which somebody was there when they were asked for, and those that are being ended. */
  const looked = new Set<string>();
  let cancel = (): void => {};
  let stopped = false;

  function peopleFor({ team }: ConversationState): string[] {
    return roster.profiles().flatMap(({ id, role, teams }) => {
      const isInTeam = role !== 'bot' && (team === null || teams.includes(team.id));
      return isInTeam && roster.agent(id)?.available === true ? [id] : [];
    });
  }

  /** When agents must have been back after a restart. */
  const returnBy = ({ handoff }: ConversationState): number =>
    (handoff?.at ?? 0) < startedAt ? startedAt + config.agentGraceMs : 0;

  function failureOf(state: ConversationState, now: number): HandoffFailure | null {
    const { handoff, passedBy = [] } = state;
    if (handoff === undefined || now < returnBy(state)) return null;
    if (now >= handoff.at + timeoutMs) return 'timed-out';
    const people = peopleFor(state);
    if (people.length === 0) return looked.has(handoff.id) ? null : 'no-agents';
    looked.add(handoff.id);
    const isAsked = state.offer !== undefined;
    return !isAsked && people.every((agent) => passedBy.includes(agent)) ? 'declined' : null;
  }

  function look(): void {
    if (stopped) return;
    cancel();
    const now = clock.now();
    let next = Number.POSITIVE_INFINITY;
    const waiting = new Set<string>();
    for (const state of engine.registry.queued()) {
      const { handoff } = state;
      if (handoff?.state !== 'requested') continue;
      waiting.add(handoff.id);
      const why = failureOf(state, now);
      if (why !== null) void end(state.id, handoff, why);
      else next = Math.min(next, Math.max(returnBy(state), now < returnBy(state) ? 0 : handoff.at + timeoutMs));
    }
    for (const id of looked) if (!waiting.has(id)) looked.delete(id);
    cancel = Number.isFinite(next) ? clock.after(Math.max(0, next - now), look) : () => {};
  }

  const ending = new Set<string>();
  async function end(conversation: string, { id: handoff, by }: Requested, why: HandoffFailure): Promise<void> {
    if (ending.has(handoff)) return;
    ending.add(handoff);
    // A bot that failed does not get it back: it would only fail again.
    const back = onFailure === 'bot' && by !== 'rule';
    const outcome = await engine.submit(endHandoff(ids.next(), conversation, handoff, why, back, roster));
    ending.delete(handoff);
    // What could not be stored is looked at again with everything else, in half a minute.
    if (!outcome.done && outcome.refused !== 'not-found')
      log.warn({ refused: outcome.refused }, 'A handoff could not be ended');
  }

  return {
    look,
    stop() {
      stopped = true;
      cancel();
    },
  };
}
