import {
  type Actor,
  type ConversationEvent,
  type ConversationState,
  type HandoffDetails,
  LIMITS,
  plainText,
} from '@sveiki/protocol';

/**
 * What is needed of a Bot Framework activity here; others have more. Plain JSON, as the connector service takes and gives it.
 * @see https://github.com/microsoft/botframework-sdk/blob/main/specs/botframework-activity/botframework-activity.md
 */
export interface BotFrameworkActivity {
  type: string;
  name?: string;
  id?: string;
  /** ISO 8601. */
  timestamp?: string;
  channelId?: string;
  text?: string;
  locale?: string;
  from?: { id: string; name?: string; role?: string };
  conversation?: { id: string };
  value?: unknown;
  attachments?: readonly { contentType: string; name?: string; content?: unknown }[];
}

/** What an activity asks for. `bot.handoff(details)`, `bot.reply(text)`, `bot.typing()`; a status is for whoever waits for one. */
export type FromBotFramework =
  | { kind: 'handoff'; details: Omit<HandoffDetails, 'transcript' | 'ownership'> }
  | { kind: 'status'; state: 'accepted' | 'failed' | 'completed'; message: string | null }
  | { kind: 'message'; text: string }
  | { kind: 'typing' };

const failures: { readonly [why: string]: string } = {
  'no-agents': 'Nobody is there.',
  declined: 'Everybody who was asked declined.',
  'timed-out': 'Nobody came in time.',
  'cancelled-by-visitor': 'The visitor does not want to wait any longer.',
  'left-message': 'The visitor left a message instead.',
};

const fromOf = (actor: Actor): NonNullable<BotFrameworkActivity['from']> =>
  actor.kind === 'system'
    ? { id: 'system', role: 'channel' }
    : {
        id: actor.id,
        ...('name' in actor ? { name: actor.name } : {}),
        role: actor.kind === 'visitor' ? 'user' : actor.kind === 'bot' ? 'bot' : 'agent',
      };

/**
 * An event of the log as a Bot Framework activity; null when that framework has no word for it. `state` is the conversation after the event, as staff
 * sees it; `log` are its events as far as they are known: the public messages before a handoff become its transcript.
 *
 * | event | activity |
 * |---|---|
 * | `handoff-requested` | `event` `handoff.initiate`; `value` is reason, summary, intent, …; attachment `Transcript` |
 * | `assigned` to a person after it | `event` `handoff.status`, `accepted` |
 * | `handoff-failed` | `event` `handoff.status`, `failed`, with a sentence |
 * | `resolved`, or `assigned` back to a bot, after a person had it | `event` `handoff.status`, `completed` |
 * | `message` | `message` |
 */
export function toBotFramework(
  event: ConversationEvent,
  state: ConversationState,
  log: readonly ConversationEvent[] = [],
): BotFrameworkActivity | null {
  const { body } = event;
  const base = {
    id: event.id,
    timestamp: new Date(event.at).toISOString(),
    channelId: 'sveiki',
    from: fromOf(event.actor),
    conversation: { id: event.conversation },
    ...(state.locale ? { locale: state.locale } : {}),
  };
  const status = (word: 'accepted' | 'failed' | 'completed', message?: string): BotFrameworkActivity => ({
    ...base,
    type: 'event',
    name: 'handoff.status',
    value: { state: word, ...(message === undefined ? {} : { message }) },
  });
  switch (body.kind) {
    case 'message':
      return { ...base, type: 'message', text: plainText(body.blocks) };
    case 'handoff-requested': {
      const {
        transcript: _,
        ownership: __,
        ...details
      } = body.details ?? { reason: 'The visitor asked for a person.' };
      const activities = log
        .filter(({ seq, audience, body }) => seq < event.seq && audience === 'public' && body.kind === 'message')
        .map((said) => toBotFramework(said, state));
      return {
        ...base,
        type: 'event',
        name: 'handoff.initiate',
        value: { ...details, by: body.by, handoff: body.handoff },
        attachments: [{ contentType: 'application/json', name: 'Transcript', content: { activities } }],
      };
    }
    case 'handoff-failed':
      return status('failed', failures[body.why] ?? body.why);
    case 'assigned': {
      if (state.handoff?.state !== 'accepted') return null;
      if (body.owner.bot === true) return status('completed', 'The conversation is back with a bot.');
      // A second person after the first is nobody's news.
      const before = log.findLast(
        ({ seq, body }) => seq < event.seq && (body.kind === 'assigned' || body.kind === 'handoff-requested'),
      );
      const isNews = before === undefined || before.body.kind === 'handoff-requested';
      return isNews ? status('accepted') : null;
    }
    case 'resolved':
      return state.handoff?.state === 'accepted' ? status('completed') : null;
    default:
      return null;
  }
}

const textIn = (value: unknown, keys: readonly string[], max: number): string => {
  if (typeof value !== 'object' || value === null) return '';
  for (const [key, found] of Object.entries(value))
    if (keys.includes(key.toLowerCase()) && typeof found === 'string' && found.trim())
      return found.trim().slice(0, max);
  return '';
};

const isStatus = (value: string): value is 'accepted' | 'failed' | 'completed' =>
  value === 'accepted' || value === 'failed' || value === 'completed';

/** Beyond this `collected` would be refused as too large. */
const maxCollectedChars = LIMITS.maxJsonChars - 1_000;

/**
 * What an activity of a Bot Framework bot asks for; null for those that say nothing here, `handoff` among them: an activity of that type changes the focus
 * inside a bot network, and a channel drops it. Of the free-form `value` of `handoff.initiate`, `reason`, `summary`, `intent` and `skill` (also as
 * `Skill`) are understood; all of it goes to people as `collected`.
 */
export function fromBotFramework(activity: BotFrameworkActivity): FromBotFramework | null {
  const { type, name, value, text, locale } = activity;
  if (type === 'typing') return { kind: 'typing' };
  if (type === 'message') return text?.trim() ? { kind: 'message', text } : null;
  if (type !== 'event') return null;
  if (name === 'handoff.status') {
    const state = textIn(value, ['state'], LIMITS.maxLabelChars).toLowerCase();
    return isStatus(state)
      ? { kind: 'status', state, message: textIn(value, ['message'], LIMITS.maxSummaryChars) || null }
      : null;
  }
  if (name !== 'handoff.initiate') return null;
  const summary = textIn(value, ['summary'], LIMITS.maxSummaryChars);
  const intent = textIn(value, ['intent', 'skill'], LIMITS.maxLabelChars);
  const isCollected =
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    JSON.stringify(value).length <= maxCollectedChars;
  return {
    kind: 'handoff',
    details: {
      reason: textIn(value, ['reason', 'message'], LIMITS.maxSummaryChars) || 'The bot asked for a person.',
      ...(summary ? { summary } : {}),
      ...(intent ? { intent } : {}),
      ...(locale ? { language: locale.slice(0, 35) } : {}),
      ...(isCollected && Object.keys(value).length > 0 ? { collected: value as Record<string, unknown> } : {}),
    },
  };
}
