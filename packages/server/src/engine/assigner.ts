import { routeConversation } from '../commands/route-conversation.ts';
import type { Config } from '../config-types.ts';
import { type Candidate, nextInTurn } from '../domain/assignment.ts';
import { byWait } from '../domain/queue.ts';
import type { Ids } from '../ports.ts';
import type { Engine } from './engine.ts';
import type { Roster } from './roster.ts';

/** Gives waiting conversations of round-robin teams to agents who are there and have room, oldest first. */
export interface Assigner {
  /** Something changed: a conversation waits, an agent came, somebody has room. Looks soon, and never twice at once. */
  look(): void;
  /** Resolves when nothing is being assigned. */
  settled(): Promise<void>;
}

export function createAssigner({
  config,
  engine,
  roster,
  ids,
}: {
  config: Config;
  engine: Engine;
  roster: Roster;
  ids: Ids;
}): Assigner {
  const teams = config.teams.filter((team) => team.strategy === 'round-robin').map((team) => team.id);
  const lastAssigned = new Map<string, string>();
  let running: Promise<void> | null = null;
  let again = false;

  async function assignAll(): Promise<void> {
    do {
      again = false;
      const assigned = teams.flatMap((team) => assignTeam(team));
      await Promise.all(assigned);
    } while (again);
  }

  function assignTeam(team: string): Promise<unknown>[] {
    const waiting = [...engine.registry.queued()].filter((state) => state.team?.id === team).toSorted(byWait);
    if (waiting.length === 0) return [];
    const candidates: Candidate[] = roster.profiles().flatMap(({ id }) => roster.agent(id) ?? []);
    const given: Promise<unknown>[] = [];
    for (const { id } of waiting) {
      const next = nextInTurn(candidates, team, lastAssigned.get(team) ?? null);
      if (next === null) break;
      const inTeam = candidates.filter((agent) => agent.teams.includes(team) && agent.available);
      const busy = inTeam.filter((agent) => agent.load > 0).length;
      given.push(
        engine.submit(
          routeConversation(ids.next(), id, next.id, `round robin, ${busy} of ${inTeam.length} busy`, roster),
        ),
      );
      lastAssigned.set(team, next.id);
      next.load += 1;
    }
    return given;
  }

  return {
    look() {
      if (teams.length === 0) return;
      if (running !== null) {
        again = true;
        return;
      }
      running = assignAll().finally(() => {
        running = null;
      });
    },
    settled: async () => {
      while (running !== null) await running;
    },
  };
}
