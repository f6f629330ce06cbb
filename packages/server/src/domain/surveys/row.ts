import {
  type ConversationEvent,
  checkAnswers,
  type FormAnswers,
  type FormDefinition,
  isKind,
  type Owner,
  type TeamRef,
} from '@sveiki/protocol';

/** Whom answers speak of (M11, G9): whoever acted, not who owns the conversation now. */
export interface Attribution {
  /** A conversation without any human reply until then is the bot's (or nobody's): a series of its own, never mixed with people's. */
  series: 'human' | 'bot' | 'none';
  /** The author of the last human reply before the survey was asked. */
  agent: Owner | null;
  /** The team that had the conversation at that reply; without one, when the survey was asked. */
  team: TeamRef | null;
  /** Everybody who had replied by then, each once. */
  participants: Owner[];
}

/** One survey that was asked, with what counts of its answers. */
export interface SurveyRow {
  /** Id of the `asked` event. */
  ask: string;
  conversation: string;
  survey: { id: string; kind: 'csat' | 'nps' | 'ces' | 'custom' };
  form: FormDefinition;
  askedAt: number;
  /** When it expires. */
  until: number | null;
  /** The answers that count, or came late; null as long as there are none. */
  answers: FormAnswers | null;
  /** When it was answered first: that instant dates the row. */
  answeredAt: number | null;
  /** Answered after it had expired: stored, not counted. */
  late: boolean;
  attribution: Attribution;
}

/** Whom a survey speaks of that is asked after these events. Public messages of agents are human replies; notes and the relay's words are not. */
export function attribution(events: readonly ConversationEvent[]): Attribution {
  const participants = new Map<string, Owner>();
  let [team, teamAtReply]: (TeamRef | null)[] = [null, null];
  let agent: Owner | null = null;
  let bot = false;
  for (const { actor, body } of events) {
    if (body.kind === 'started' || body.kind === 'assigned' || body.kind === 'queued') team = body.team;
    if (body.kind !== 'message') continue;
    if (actor.kind === 'bot') bot = true;
    if (actor.kind !== 'agent') continue;
    agent = { id: actor.id, name: actor.name };
    teamAtReply = team ?? null;
    participants.set(agent.id, agent);
  }
  return {
    series: agent !== null ? 'human' : bot ? 'bot' : 'none',
    agent,
    team: (agent === null ? team : teamAtReply) ?? null,
    participants: [...participants.values()],
  };
}

/** Whether the answers hold a comment: words of the visitor's own. */
function hasComment(form: FormDefinition, answers: FormAnswers): boolean {
  return form.fields.some(({ id, kind }) => (kind === 'textarea' || kind === 'text') && Object.hasOwn(answers, id));
}

/** What was answered so far: when first, and the newest, which is kept only (a comment half written) or `final`. */
interface Given {
  firstAt: number;
  answers: FormAnswers;
  final: boolean;
}

/**
 * What becomes of an answer that comes at `now`: the `first`, a `change` of it, `late` (stored, never counted), or `closed`: the edit window is over,
 * or a comment was left for good. The window opens with the first answer, also a partial one, and is open even when the survey expires meanwhile.
 */
export function answerStands(
  form: FormDefinition,
  given: Given | null,
  { until, editWindowMs }: { until: number | null; editWindowMs: number },
  now: number,
): 'first' | 'change' | 'late' | 'closed' {
  if (given !== null && ((given.final && hasComment(form, given.answers)) || now >= given.firstAt + editWindowMs))
    return 'closed';
  if (until !== null && (given?.firstAt ?? now) >= until) return 'late';
  return given === null ? 'first' : 'change';
}

/**
 * The surveys of one conversation: a row for each that was asked, however often it was answered. Of several answers the last one counts that came
 * inside the edit window, which opens with the first and closes after `editWindowMs` or with a comment. `events` is the conversation's log in its
 * order, as staff sees it.
 */
export function surveyRows(
  events: readonly ConversationEvent[],
  editWindowMs: (survey: string) => number,
): SurveyRow[] {
  return events.flatMap((event, index): SurveyRow[] => {
    if (!isKind(event, 'asked') || event.body.survey === undefined) return [];
    const { form, survey, until } = event.body;
    const bounds = { until, editWindowMs: editWindowMs(survey.id) };
    let given = null as Given | null;
    let late = false;
    for (const later of events.slice(index + 1)) {
      if (!isKind(later, 'answered') || later.body.ask !== event.id) continue;
      const { answers } = checkAnswers(form, later.body.answers, { partial: true });
      if (Object.keys(answers).length === 0 && given === null) continue;
      const stands = answerStands(form, given, bounds, later.at);
      if (stands === 'closed') break;
      late = stands === 'late';
      given = { firstAt: given?.firstAt ?? later.at, answers, final: later.body.final };
    }
    return [
      {
        ask: event.id,
        conversation: event.conversation,
        survey,
        form,
        askedAt: event.at,
        until,
        answers: given?.answers ?? null,
        answeredAt: given?.firstAt ?? null,
        late,
        attribution: attribution(events.slice(0, index)),
      },
    ];
  });
}
