import type { StaffId, TeamId, WrapUpId } from './shop.ts';

/** What happened in a conversation, step by step. Minutes are counted from the step before. */
export type Step =
  /** With the name of a picture that goes with it. */
  | { kind: 'says'; who: 'visitor' | StaffId; minutes: number; text: string; picture?: string }
  | { kind: 'note'; who: StaffId; minutes: number; text: string }
  | { kind: 'take'; who: StaffId; minutes: number }
  | { kind: 'pass'; who: StaffId; minutes: number; to: { team: TeamId } | { agent: StaffId }; note: string }
  /** Round robin gives it to the next one. */
  | { kind: 'route'; who: StaffId; minutes: number }
  | { kind: 'wait'; who: StaffId; minutes: number }
  | { kind: 'resolve'; who: StaffId; minutes: number; code: WrapUpId };

export interface Story {
  visitor: {
    name: string | null;
    locale: string;
    timeZone: string;
    /** Signed in at the shop, so that name and e-mail are sure. */
    known?: { email: string; customer: string };
  };
  /** The page of the shop it began on. */
  page: string;
  /** Days ago and time of day in Riga; or, for what is going on now, minutes ago. */
  began: { daysAgo: number; at: string } | { minutesAgo: number };
  steps: Step[];
  /** How many of the public events the owner has read; all of them when it is not said. */
  readByOwner?: number;
  /** What the visitor said when he was asked how satisfied he was, after the last step; `asked` and did not answer; or not asked at all. */
  rating?: { score: number; comment?: string } | 'asked';
}

export const visitor = (minutes: number, text: string): Step => ({ kind: 'says', who: 'visitor', minutes, text });
export const visitorShows = (minutes: number, text: string, picture: string): Step => ({
  kind: 'says',
  who: 'visitor',
  minutes,
  text,
  picture,
});
export const ada = (minutes: number, text: string): Step => ({ kind: 'says', who: 'ada', minutes, text });
export const ben = (minutes: number, text: string): Step => ({ kind: 'says', who: 'ben', minutes, text });
export const cleo = (minutes: number, text: string): Step => ({ kind: 'says', who: 'cleo', minutes, text });
export const note = (who: StaffId, minutes: number, text: string): Step => ({ kind: 'note', who, minutes, text });
export const take = (who: StaffId, minutes: number): Step => ({ kind: 'take', who, minutes });
export const route = (who: StaffId, minutes: number): Step => ({ kind: 'route', who, minutes });
export const wait = (who: StaffId, minutes: number): Step => ({ kind: 'wait', who, minutes });
export const resolve = (who: StaffId, minutes: number, code: WrapUpId): Step => ({
  kind: 'resolve',
  who,
  minutes,
  code,
});
export const pass = (who: StaffId, minutes: number, to: Extract<Step, { kind: 'pass' }>['to'], text: string): Step => ({
  kind: 'pass',
  who,
  minutes,
  to,
  note: text,
});
