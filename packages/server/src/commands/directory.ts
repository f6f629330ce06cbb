import type { Owner, Role, TeamRef } from '@sveiki/protocol';
import type { Candidate } from '../domain/assignment.ts';

/** An agent as commands know him: read anew for every command, so that a changed role holds at once. */
export interface StaffMember extends Candidate {
  role: Role;
  active: boolean;
}

/** Who and what there is: the questions commands ask about people, teams and codes. */
export interface Directory {
  agent(id: string): StaffMember | null;
  team(id: string): TeamRef | null;
  /** The team whose queue new conversations of a site wait in. */
  teamOfSite(site: string): TeamRef | null;
  isWrapUpCode(code: string): boolean;
  readonly reopenWindowMs: number;
}

/** The parts of an agent that go into events. */
export function ownerOf({ id, name }: Owner): Owner {
  return { id, name };
}
