import type { FormAnswers } from '@sveiki/protocol';
import type { Unsent } from '../connection/outbox.ts';
import type { Question } from '../host/types.ts';
import type { Log } from './copy.ts';

const none: FormAnswers = {};

/** What waits for answers: also those that are on their way count. The same object as `before` when nothing changed. */
export function questionOf(
  log: Log | null,
  unsent: ReadonlyMap<string, Unsent>,
  before: Question | null | undefined,
): Question | null {
  const id = log?.state?.asked;
  const asked = log?.events.find((event) => event.id === id)?.body;
  if (!id || asked?.kind !== 'asked') return null;
  let answers = none;
  for (const { body } of log?.events ?? []) if (body.kind === 'answered' && body.ask === id) answers = body.answers;
  for (const { act } of unsent.values()) {
    if (act?.type !== 'answer' || act.ask !== id) continue;
    if (!act.partial) return null;
    answers = act.answers;
  }
  if (before?.id === id && JSON.stringify(before.answers) === JSON.stringify(answers)) return before;
  const { form, until = null, survey = null } = asked;
  return { id, form, until, survey, answers };
}
