import type { ConversationState } from '@sveiki/protocol';
import { expireOfferOf, offerConversation, withdrawOfferOf } from '../commands/answer-offer.ts';
import type { Command } from '../commands/command.ts';
import { routeConversation } from '../commands/route-conversation.ts';
import type { Config } from '../config-types.ts';
import { assign, type Placement } from '../domain/routing/assign.ts';
import type { Clock, Ids } from '../ports.ts';
import type { RoutingHistory } from '../routing/history.ts';
import { nextLook } from '../routing/next-look.ts';
import { waitingOf } from '../routing/waiting.ts';
import type { Engine } from './engine.ts';
import type { Roster } from './roster.ts';

/** Between two looks for which only time is the reason, at least. */
const LEAST_PAUSE_MS = 100;
/** What could not be committed is tried again after this, if nothing happens before. */
const RETRY_MS = 1_000;

/** Gives waiting conversations to agents, or asks them, as the strategies of their teams say; and ends the offers whose time is over. */
export interface Assigner {
  /** Something changed: a conversation waits, an agent came, somebody has room. Looks soon, and never twice at once. */
  look(): void;
  /** Resolves when nothing is being assigned. */
  settled(): Promise<void>;
  stop(): void;
}

export function createAssigner(parts: {
  config: Pick<Config, 'teams' | 'routing'>;
  engine: Engine;
  roster: Roster;
  history: RoutingHistory;
  /** It is not decided yet where it goes. */
  isUndecided: (state: ConversationState) => boolean;
  clock: Clock;
  ids: Ids;
}): Assigner {
  const { config, engine, roster, history, isUndecided, clock, ids } = parts;
  const teams = new Map(config.teams.map((team) => [team.id, team]));
  const hasAutomatic = config.teams.some(({ strategy }) => strategy !== 'manual');
  const isHeld = (config.routing.weights ?? []).length > 0;
  let running: Promise<void> | null = null;
  let again = false;
  let stopped = false;
  let wakeAt = Number.POSITIVE_INFINITY;
  let cancelWake = (): void => {};

  async function lookAll(): Promise<void> {
    do {
      again = false;
      // First what ends: a conversation whose offer is over keeps its place before those that came after it.
      await submitAll(endings(clock.now()));
      await submitAll(plan(clock.now()));
    } while (again && !stopped);
  }

  async function submitAll(commands: readonly Command[]): Promise<void> {
    if (commands.length === 0) return;
    const outcomes = await Promise.all(commands.map((command) => engine.submit(command)));
    // Whatever came in between brings a look of its own; a full disk does not.
    if (outcomes.some(({ done }) => !done)) wakeBy(clock.now() + RETRY_MS);
  }

  function endings(now: number): Command[] {
    const offered = [...engine.registry.queued()].filter(({ offer }) => offer !== undefined);
    if (offered.length === 0) return [];
    const online = new Set(roster.views(now).flatMap(({ id, state }) => (state === 'online' ? [id] : [])));
    return offered.flatMap((state) => endOf(state, online, now));
  }

  function plan(now: number): Command[] {
    const queue = [...engine.registry.queued()].filter(
      (state) => state.offer !== undefined || (teams.get(state.team?.id ?? '')?.strategy ?? 'manual') !== 'manual',
    );
    if (queue.length === 0) return [];
    const agents = roster.views(now).map((view) => ({ ...view, ...history.of(view.id) }));
    const waiting = queue.filter((state) => !isUndecided(state)).map(waitingOf);
    const { placements } = assign({ teams: config.teams, waiting, agents, memory: history.memory, now });
    wakeNext(queue, waiting, now);
    return placements.map(toCommand);
  }

  /** The end of an offer: its time is over, or somebody who is asked is not there any more. */
  function endOf({ id, offer }: ConversationState, online: ReadonlySet<string>, now: number): Command[] {
    if (offer === undefined) return [];
    if (offer.until <= now) return [expireOfferOf(ids.next(), id)];
    const gone = offer.agents.filter((agent) => !online.has(agent));
    return gone.length === 0 ? [] : [withdrawOfferOf(ids.next(), id, gone)];
  }

  function toCommand({ conversation, mode, agents, offerMs, extra, reason }: Placement): Command {
    return mode === 'offer'
      ? offerConversation(ids.next(), conversation, agents, offerMs, extra, reason, roster)
      : routeConversation(ids.next(), conversation, agents[0] ?? '', extra, reason, roster);
  }

  function wakeNext(
    queue: readonly ConversationState[],
    waiting: readonly ReturnType<typeof waitingOf>[],
    now: number,
  ) {
    const ends = queue.flatMap(({ offer }) => (offer === undefined || offer.until <= now ? [] : [offer.until]));
    const next = [nextLook(waiting, teams, isHeld, now), roster.nextShiftChange(now), ...ends];
    for (const at of next) if (at !== null) wakeBy(at);
  }

  function wakeBy(at: number): void {
    if (stopped || at >= wakeAt) return;
    cancelWake();
    wakeAt = at;
    cancelWake = clock.after(Math.max(LEAST_PAUSE_MS, at - clock.now()), () => {
      wakeAt = Number.POSITIVE_INFINITY;
      look();
    });
  }

  function look(): void {
    if (!hasAutomatic || stopped) return;
    if (running !== null) {
      again = true;
      return;
    }
    // What one commit brought is looked at together.
    running = Promise.resolve()
      .then(lookAll)
      .finally(() => {
        running = null;
      });
  }

  return {
    look,
    settled: async () => {
      while (running !== null) await running;
    },
    stop() {
      stopped = true;
      cancelWake();
    },
  };
}
