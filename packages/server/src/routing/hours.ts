import type { AgentInput, ScheduleInput, TeamInput } from '@sveiki/sdk/config';
import { type OpeningReader, openingReader } from '../domain/schedules/opening-reader.ts';
import { shiftEndsAt } from '../domain/schedules/shifts.ts';

/** When teams are open and agents work, by the schedules of the configuration. */
export interface Hours {
  /** A team without a schedule always is. */
  isOpen(team: TeamInput, now: number): boolean;
  /** As `AgentView.shiftEndsAt`: null for those without shifts. */
  shiftEndsAt(agent: AgentInput | undefined, now: number): number | null;
  /** When somebody's shift begins or ends next, null when never. */
  nextShiftChange(agents: readonly AgentInput[], now: number): number | null;
}

export function createHours(schedules: Readonly<Record<string, ScheduleInput>>): Hours {
  const readers = new Map<string, OpeningReader>();
  for (const [name, schedule] of Object.entries(schedules)) readers.set(name, openingReader(schedule));
  const shiftsOf = (agent: AgentInput | undefined): OpeningReader[] =>
    (agent?.shifts ?? []).flatMap((shift) => readers.get(shift) ?? []);
  return {
    isOpen: ({ schedule }, now) => schedule === undefined || readers.get(schedule)?.(now).open !== false,
    shiftEndsAt: (agent, now) => shiftEndsAt(shiftsOf(agent), now),
    nextShiftChange(agents, now) {
      const changes = agents.flatMap(shiftsOf).flatMap((shift) => {
        const { opensAt, closesAt } = shift(now);
        return (opensAt ?? closesAt) === null ? [] : [(opensAt ?? closesAt) as number];
      });
      return changes.length === 0 ? null : Math.min(...changes);
    },
  };
}
