import type { DeliveryState, Entry, EventIcon } from '../models/thread.ts';
import { texts } from '../texts.ts';
import { Avatar } from './avatar.tsx';
import { Icon, type IconName } from './icon.tsx';
import { memo } from './memo.ts';
import { MessageBoundary } from './message-boundary.tsx';
import { MessageText } from './message-text.tsx';

const eventIcons: Record<EventIcon, IconName> = {
  started: 'chat',
  person: 'person',
  transfer: 'transfer',
  queue: 'queue',
  waiting: 'waiting',
  resolved: 'resolve',
  verified: 'shield',
  routed: 'routed',
  offer: 'offer',
  handoff: 'handoff',
  draft: 'draft',
  tool: 'tool',
};
const deliveryIcons: Record<DeliveryState, IconName> = { sent: 'check', delivered: 'checks', seen: 'eye' };

export interface PendingActions {
  retry(id: string): void;
  discard(id: string): void;
  edit(message: { id: string; text: string; isNote: boolean }): void;
}

/** One line of the log. */
export const LogEntry = memo<{ entry: Entry; actions: PendingActions }>(({ entry, actions }) => {
  switch (entry.kind) {
    case 'day':
      return (
        <li class="day">
          <span>{entry.text}</span>
        </li>
      );
    case 'new':
      return (
        <li class="new-line">
          <span>{texts.conversation.newLine}</span>
        </li>
      );
    case 'event':
      return (
        <li class="event">
          <Icon name={eventIcons[entry.icon]} size={14} />
          <div class="event-words">
            <span>{entry.text}</span> <time>{entry.time}</time>
            {entry.more !== null && (
              <details class="event-more">
                <summary>{texts.events.more}</summary>
                <pre dir="ltr">{entry.more}</pre>
              </details>
            )}
          </div>
        </li>
      );
    case 'asked':
      return (
        <li class="asked">
          <p class="asked-title">
            <Icon name={entry.isSurvey ? 'star' : 'form'} size={14} />
            <b>{entry.title}</b> <bdi>{entry.what}</bdi> <time>{entry.time}</time>
          </p>
        </li>
      );
    case 'answered':
      return (
        <li class="asked answered">
          <p class="asked-title">
            <Icon name={entry.score === null ? 'form' : 'star'} size={14} />
            <b>{entry.title}</b> <time>{entry.time}</time>
          </p>
          {entry.score !== null && <p class="asked-score">{entry.score}</p>}
          <dl class="asked-lines">
            {entry.lines.map(({ question, answer }, index) => (
              <div key={index}>
                <dt>
                  <bdi>{question}</bdi>
                </dt>
                <dd dir="auto">{answer}</dd>
              </div>
            ))}
          </dl>
          {entry.lines.length === 0 && entry.score === null && <p class="hint">{texts.asked.none}</p>}
          {entry.isPart && <p class="hint">{texts.asked.part}</p>}
        </li>
      );
    default:
      return <Words entry={entry} actions={actions} />;
  }
});

type Spoken = Extract<Entry, { side: string }>;

function Words({ entry, actions }: { entry: Spoken; actions: PendingActions }) {
  const isNote = entry.kind === 'note' || (entry.kind === 'pending' && entry.isNote);
  const hasFace = entry.side !== 'me' && !isNote;
  const classes = [
    'said',
    isNote ? 'note' : entry.side,
    entry.first && 'first',
    entry.last && 'last',
    entry.kind === 'pending' && 'pending',
  ];
  return (
    <li class={classes.filter(Boolean).join(' ')}>
      {hasFace && (
        <span class="face">{entry.first && <Avatar id={entry.authorId} name={entry.face} size="small" />}</span>
      )}
      <div class="words">
        <p class={entry.first ? 'byline' : 'byline unseen'}>
          {isNote && (
            <span class="note-mark">
              <Icon name="lock" size={14} />
              {texts.conversation.note}
            </span>
          )}
          {entry.side === 'bot' && <Icon name="bot" size={14} />}
          <bdi class="author">{entry.author}</bdi> <time>{entry.time}</time>
        </p>
        <div class="bubble">
          <MessageBoundary>
            {entry.kind === 'pending' ? (
              <p class="prose plain" dir="auto">
                {entry.text}
              </p>
            ) : entry.blocks.length === 0 ? (
              <p class="hint">{texts.events.erasedMessage}</p>
            ) : (
              <MessageText blocks={entry.blocks} />
            )}
          </MessageBoundary>
        </div>
        {entry.kind === 'message' && entry.delivery !== null && (
          <p class="delivery">
            <Icon name={deliveryIcons[entry.delivery]} size={14} />
            {texts.conversation[entry.delivery]}
          </p>
        )}
        {entry.kind === 'pending' && <PendingState entry={entry} actions={actions} />}
      </div>
    </li>
  );
}

function PendingState({ entry, actions }: { entry: Extract<Entry, { kind: 'pending' }>; actions: PendingActions }) {
  if (entry.problem === null)
    return (
      <p class="delivery">
        <Icon name="clock" size={14} />
        {texts.conversation.sending}
      </p>
    );
  const words = entry.isNote ? texts.conversation.noteNotAdded : texts.conversation.notSent;
  return (
    <div class="failed">
      <p>
        <Icon name="warning" size={14} />
        {words(entry.problem)}
      </p>
      <p class="failed-ways">
        <button type="button" class="link" onClick={() => actions.retry(entry.id)}>
          {texts.conversation.tryAgain}
        </button>
        <button type="button" class="link" onClick={() => actions.edit(entry)}>
          {texts.conversation.edit}
        </button>
        <button type="button" class="link" onClick={() => actions.discard(entry.id)}>
          {texts.conversation.discard}
        </button>
      </p>
    </div>
  );
}
