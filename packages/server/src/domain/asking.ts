import type { Answers, Ask, ConversationState, EventBody, Owner } from '@sveiki/protocol';
import { actorOf } from './actor.ts';
import type { Draft, StoredEvent } from './log.ts';
import { type Refusal, refuse } from './refusal.ts';
import { answerStands } from './surveys/row.ts';

/** A question that was asked: its `asked` event, and the answers given so far, in order. */
export interface Question {
  id: string;
  asked: Extract<EventBody, { kind: 'asked' }>;
  answers: readonly { at: number; body: Extract<EventBody, { kind: 'answered' }> }[];
}

/** A question and its answers, among the events of a conversation; null when it was not asked there. */
export function questionOf(events: readonly StoredEvent[], id: string): Question | null {
  const asked = events.find((event) => event.id === id)?.body;
  if (asked?.kind !== 'asked') return null;
  const answers = events.flatMap(({ at, body }) => (body.kind === 'answered' && body.ask === id ? [{ at, body }] : []));
  return { id, asked, answers };
}

/** The owner asks the visitor to fill something in. */
export function ask(state: ConversationState, agent: Owner, ownership: number, what: Ask): Draft[] | Refusal {
  if (state.status === 'resolved') return refuse('already-resolved');
  if (state.owner?.id !== agent.id || ownership !== state.ownership) return refuse('not-owner');
  return [asked(actorOf(agent), what, { agent: plain(agent), team: state.team })];
}

/** The relay asks by itself: a survey after its trigger. The answers speak of whoever of the people replied last. */
export function askBySystem(state: ConversationState, what: Ask): Draft[] {
  return [asked({ kind: 'system' }, what, { agent: state.repliedBy ?? null, team: state.team })];
}

const plain = ({ id, name }: Owner): Owner => ({ id, name });

function asked(actor: Draft['actor'], { form, survey, until }: Ask, about: Question['asked']['about'] & {}): Draft {
  return {
    actor,
    audience: 'public',
    body: { kind: 'asked', form, ...(survey === undefined ? {} : { survey }), until, about },
  };
}

/**
 * The visitor's answers, checked by the form. They may be given again and again until the edit window, which the first ones opened, is over, or a
 * comment was left. Partial answers after final ones change nothing. Answers after the question's end are kept too; they do not count.
 */
export function answer(
  state: ConversationState,
  question: Question,
  given: { answers: Answers; score: number | null; final: boolean },
  now: number,
  editWindowMs: number,
): Draft[] | Refusal {
  const { asked: what, answers } = question;
  const first = answers.find(({ body }) => body.final);
  const newest = answers.at(-1)?.body;
  const before = answers[0] === undefined || newest === undefined ? null : { firstAt: answers[0].at, ...newest };
  if (answerStands(what.form, before, { until: what.until, editWindowMs }, now) === 'closed') return refuse('too-late');
  if (first !== undefined && !given.final) return [];
  if (newest !== undefined && newest.final === given.final && sameAnswers(newest.answers, given.answers)) return [];
  return [
    answered(state.visitor.id, {
      ask: question.id,
      form: what.form.id,
      survey: what.survey,
      ...given,
    }),
  ];
}

/** What was filled in before the conversation began. */
export function answeredBefore(
  visitor: string,
  purpose: 'pre-chat' | 'offline',
  form: string,
  answers: Answers,
): Draft {
  return answered(visitor, { ask: purpose, form, survey: undefined, answers, score: null, final: true });
}

function answered(
  visitor: string,
  {
    ask,
    form,
    survey,
    answers,
    score,
    final,
  }: { ask: string; form: string; survey: Ask['survey']; answers: Answers; score: number | null; final: boolean },
): Draft {
  return {
    actor: { kind: 'visitor', id: visitor },
    audience: 'public',
    body: {
      kind: 'answered',
      ask,
      form,
      ...(survey === undefined ? {} : { survey }),
      answers,
      ...(score === null ? {} : { score }),
      final,
    },
  };
}

function sameAnswers(one: Answers, other: Answers): boolean {
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => JSON.stringify(one[key]) === JSON.stringify(other[key]))
  );
}
