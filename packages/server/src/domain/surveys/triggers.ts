import { type ConversationEvent, isKind } from '@sveiki/protocol';
import type { SurveyKind, SurveyRule } from './rule.ts';

/** The moment a survey might be asked at. */
export interface SurveyMoment {
  on: 'resolve' | 'transfer';
  conversation: string;
  /** See `episodeOf`. */
  episode: number;
  site: string;
  team: string | null;
  /** Whoever is asked: the contact, or the visitor as long as there is none. */
  person: string;
  /** How many public messages the visitor wrote, and people or bots to the visitor. */
  visitorMessages: number;
  replies: number;
  lastVisitorMessageAt: number | null;
  /** Spam, or a test: nobody is asked. */
  leftOut: boolean;
}

/** A survey that was asked before: in this conversation, or of this person. */
export interface PastAsk {
  survey: string;
  kind: SurveyKind;
  on: 'resolve' | 'transfer';
  conversation: string;
  episode: number;
  person: string;
  askedAt: number;
  until: number | null;
  /** Whether it was seen. One that expired unseen did not disturb anybody. */
  shown: boolean;
}

/** Why a survey is not asked. `quiet` ones are the suppressed of M14. */
export type NotAsked =
  | 'off'
  | 'left-out'
  | 'nothing-said'
  | 'long-silent'
  | 'already-asked'
  | 'other-trigger'
  | 'other-site'
  | 'other-team'
  | 'quiet'
  | 'not-sampled';

/** The survey to ask, if any; `passed` says why the ones before it (or all of them) are not. */
export interface SurveyDecision {
  survey: SurveyRule | null;
  passed: { survey: string; why: NotAsked }[];
}

/** After this long without a word of the visitor nobody asks how it was. */
const LONG_SILENT_MS = 7 * 86_400_000;

/**
 * Which survey to ask now: the first of `surveys` that fits. At most one for each moment, and for each trigger at most one in an episode of a
 * conversation; the quiet period counts over all surveys of its kind (custom ones: over itself). The same conversation is always in a sample or never.
 */
export function surveyFor(
  moment: SurveyMoment,
  surveys: readonly SurveyRule[],
  history: readonly PastAsk[],
  now: number,
): SurveyDecision {
  const passed: SurveyDecision['passed'] = [];
  const never = whyNobody(moment, history, now);
  for (const survey of surveys) {
    const why = survey.on === moment.on ? (never ?? whyNotThis(survey, moment, history, now)) : 'other-trigger';
    if (why === undefined) return { survey, passed };
    passed.push({ survey: survey.id, why });
  }
  return { survey: null, passed };
}

/** Why nothing at all is asked at this moment. */
function whyNobody(moment: SurveyMoment, history: readonly PastAsk[], now: number): NotAsked | undefined {
  if (moment.leftOut) return 'left-out';
  if (moment.visitorMessages === 0 || moment.replies === 0) return 'nothing-said';
  if (moment.lastVisitorMessageAt !== null && now - moment.lastVisitorMessageAt >= LONG_SILENT_MS) return 'long-silent';
  return history.some(
    (past) => past.conversation === moment.conversation && past.episode === moment.episode && past.on === moment.on,
  )
    ? 'already-asked'
    : undefined;
}

function whyNotThis(
  survey: SurveyRule,
  moment: SurveyMoment,
  history: readonly PastAsk[],
  now: number,
): NotAsked | undefined {
  if (survey.off) return 'off';
  if (survey.sites !== null && !survey.sites.includes(moment.site)) return 'other-site';
  if (survey.teams !== null && (moment.team === null || !survey.teams.includes(moment.team))) return 'other-team';
  // Before the quiet period: who is not in the sample was not held back by it.
  if (!isSampled(moment.conversation, survey.id, survey.sample)) return 'not-sampled';
  const asked = history.some(
    (past) =>
      past.person === moment.person &&
      (survey.kind === 'custom' ? past.survey === survey.id : past.kind === survey.kind) &&
      now - past.askedAt < survey.quietMs &&
      (past.shown || past.until === null || now < past.until),
  );
  return asked ? 'quiet' : undefined;
}

/** Whether a conversation is in a share of all: the same answer every time, and another choice for each salt. */
export function isSampled(conversation: string, salt: string, share: number): boolean {
  return hash(`${salt}\n${conversation}`) / 2 ** 32 < share;
}

/** FNV-1a with the final mixing of MurmurHash3: ids that differ in their last sign alone land far apart. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Which episode of its conversation this is, from 1. A new one begins when somebody replies after the conversation was opened again (M10: an
 * effective reopen); the visitor's bare "thank you" begins none, so that nobody is asked twice about the same help.
 */
export function episodeOf(events: readonly ConversationEvent[]): number {
  let episode = 1;
  let reopened = false;
  for (const event of events) {
    if (isKind(event, 'reopened')) reopened = true;
    else if (reopened && isKind(event, 'message') && (event.actor.kind === 'agent' || event.actor.kind === 'bot')) {
      episode++;
      reopened = false;
    }
  }
  return episode;
}
