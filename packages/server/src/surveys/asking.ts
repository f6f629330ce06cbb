import { createHash } from 'node:crypto';
import { type ConversationState, isKind, withTeams } from '@sveiki/protocol';
import { askSurvey } from '../commands/ask-visitor.ts';
import type { Command, Outcome } from '../commands/command.ts';
import type { Config } from '../config-types.ts';
import type { staffView } from '../domain/log.ts';
import { attribution } from '../domain/surveys/row.ts';
import type { SurveyRule } from '../domain/surveys/rule.ts';
import { episodeOf, type PastAsk, type SurveyMoment, surveyFor } from '../domain/surveys/triggers.ts';
import type { LogHook } from '../hooks/outbox.ts';
import type { Clock, Store } from '../ports.ts';
import { logOf } from './log.ts';

/** Conversations with one of these wrap-up codes are nobody's service: nobody is asked about them, and no result counts them. */
const LEFT_OUT: readonly string[] = ['spam', 'test'];
export const isLeftOut = ({ wrapUp }: Pick<ConversationState, 'wrapUp'>): boolean =>
  wrapUp !== null && LEFT_OUT.includes(wrapUp);

/**
 * Asks surveys: a follower of the log that decides at the end of a conversation, and when it is given away. It may be told of the same event again
 * after a crash; the command it makes of one event always has the same id, so the visitor is asked once.
 */
export function surveyFollower(parts: {
  config: Pick<Config, 'surveys' | 'teams'>;
  store: Store;
  clock: Clock;
  submit: (command: Command) => Promise<Outcome>;
}): LogHook {
  const { config, store, clock, submit } = parts;
  return {
    name: 'surveys',
    stage: 'surveys',
    on: ['resolved', 'assigned', 'queued'],
    deadlineMs: 10_000,
    retryMs: [1_000, 5_000, 30_000, 120_000, 600_000],
    async run({ id, site, event, conversation }) {
      const on = triggerOf(event.body);
      if (on === null || !config.surveys.some((survey) => survey.on === on)) return;
      // Nobody is there to answer.
      if (conversation.erasedAt !== undefined) return;
      // Opened again meanwhile: he is talking. The next end asks.
      if (on === 'resolve' && conversation.status !== 'resolved') return;
      const before = (await logOf(store, event.conversation)).filter(({ seq }) => seq < event.seq);
      const said = before.flatMap((one) => (isKind(one, 'message') ? [one] : []));
      const words = said.filter(({ actor }) => actor.kind === 'visitor');
      const moment: SurveyMoment = {
        on,
        conversation: event.conversation,
        episode: episodeOf(before),
        site,
        // Whoever helped is asked about: given away, it has another team already.
        team: (attribution(before).team ?? conversation.team)?.id ?? null,
        person: conversation.visitor.id,
        visitorMessages: words.length,
        replies: said.filter(({ actor }) => actor.kind === 'agent' || actor.kind === 'bot').length,
        lastVisitorMessageAt: words.at(-1)?.at ?? null,
        leftOut: isKind(event, 'resolved') && isLeftOut({ wrapUp: event.body.wrapUp ?? null }),
      };
      const now = clock.now();
      const { survey, passed } = surveyFor(moment, config.surveys, await pastAsks(moment), now);
      for (const { survey, why } of passed)
        if (why === 'quiet') await store.noteSurveyHeldBack({ survey, key: id, at: now });
      if (survey === null) return;
      const outcome = await submit(askSurvey(commandId(id), event.conversation, askOf(survey, now)));
      if (!outcome.done) throw new Error(`The survey "${survey.id}" could not be asked: ${outcome.refused}.`);
    },
  };

  async function pastAsks({ conversation, person }: SurveyMoment): Promise<PastAsk[]> {
    const asks = await store.surveyAsksOf(person);
    const here = asks.some((ask) => ask.conversation === conversation) ? await logOf(store, conversation) : [];
    return asks.map((ask) => {
      const at = here.findIndex(({ id, body }) => id === ask.ask && body.kind === 'asked');
      return {
        ...ask,
        on: config.surveys.find(({ id }) => id === ask.survey)?.on ?? 'resolve',
        // Of other conversations the episode tells nothing here.
        episode: ask.conversation === conversation ? episodeOf(here.slice(0, at)) : 1,
        person: ask.visitor,
      };
    });
  }

  function askOf({ id, kind, form, expiresMs }: SurveyRule, now: number) {
    return { form: withTeams(form, config.teams), survey: { id, kind }, until: now + expiresMs };
  }
}

function triggerOf(body: ReturnType<typeof staffView>['body']): 'resolve' | 'transfer' | null {
  if (body.kind === 'resolved') return 'resolve';
  if (body.kind === 'assigned') return body.how === 'transferred' ? 'transfer' : null;
  return body.kind === 'queued' && body.why === 'transferred' ? 'transfer' : null;
}

/** The visitor sees the id of a question, and the event's own has staff's number in it. */
function commandId(event: string): string {
  return `survey-${createHash('sha256').update(event).digest('base64url').slice(0, 32)}`;
}
