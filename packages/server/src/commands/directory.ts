import type { Ask, FormDefinition, Owner, Role, TeamRef } from '@sveiki/protocol';
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
  /** A form or survey of the configuration, ready to be asked; `until` is counted from `now`. */
  question(id: string, now: number): Ask | null;
  /** What a site asks before the first message, by the id of the form; null when it asks no such thing. */
  askedBefore(site: string, form: string): { form: FormDefinition; purpose: 'pre-chat' | 'offline' } | null;
  /** The version of the text that visitors of a site agree to before they write; null: nothing is asked. */
  consentOf(site: string): string | null;
  /** How long final answers may be changed. */
  editWindowMs(survey: string | null): number;
  /** Whether this bot proposes words while people answer. */
  isDrafter(bot: string): boolean;
  /** The team in whose queue handoffs wait; null: in the conversation's own. */
  readonly handoffTeam: TeamRef | null;
}

/** The parts of an agent or bot that go into events. */
export function ownerOf({ id, name, role }: Owner & { role: Role }): Owner {
  return role === 'bot' ? { id, name, bot: true } : { id, name };
}
