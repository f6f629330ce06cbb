import type { OpeningHours, SavedSchedule, StoredSchedule } from '@sveiki/protocol';
import type { Ask } from './desk-api.ts';

/**
 * Opening hours of teams and sites, and shifts, by their names. What is changed here holds until it is reset, also when the file changes; the others
 * follow the file. Everybody may read them, leads and above may change them.
 */
export interface Schedules {
  /** All of them, also those that are kept and have no effect (`state`). */
  list(): Promise<readonly StoredSchedule[]>;
  /**
   * Changes a schedule, or makes one under a name that is not there. `revision` is that of the schedule as it was read; null when nothing was changed
   * before. It holds for everybody when this resolves; problems come back by their fields, and nothing is stored then.
   * @throws {ChatError} changed-meanwhile (read it again first), forbidden
   */
  save(id: string, hours: OpeningHours, options: { revision: string | null }): Promise<SavedSchedule>;
  /** Back to what the file says. Null: the file has no such schedule, and it is gone. @throws {ChatError} changed-meanwhile, forbidden, not-found */
  reset(id: string, options: { revision: string }): Promise<StoredSchedule | null>;
}

export function createSchedules(ask: Ask): Schedules {
  return {
    async list() {
      return (await ask<{ schedules: StoredSchedule[] }>('schedules/list', {})).schedules;
    },
    save: (id, hours, { revision }) => ask('schedules/save', { id, hours, revision }),
    async reset(id, { revision }) {
      return (await ask<{ schedule: StoredSchedule | null }>('schedules/reset', { id, revision })).schedule;
    },
  };
}
