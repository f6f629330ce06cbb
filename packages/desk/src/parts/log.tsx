import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { ownerName } from '../models/people.ts';
import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';
import { Icon } from './icon.tsx';
import { LogEntry, type PendingActions } from './log-entry.tsx';

/** This close to the newest line counts as being there. */
const endPixels = 32;
/** This close to the oldest line asks for earlier ones. */
const startPixels = 160;

/** The conversation's log: follows the newest line while it is on screen, keeps its place while one reads above. */
export function Log() {
  const { conversation, composer } = useDesk();
  const scroller = useRef<HTMLDivElement>(null);
  const before = useRef({ first: '', height: 0 });
  const entries = conversation.entries.value;
  const typing = conversation.watched.value?.visitorTyping ?? false;
  const streaming = conversation.watched.value?.streaming ?? null;
  const isAtEnd = conversation.isAtEnd.value;
  const newCount = conversation.newCount.value;

  useLayoutEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    const first = entries.find(({ kind }) => kind !== 'day')?.key ?? '';
    const grown = box.scrollHeight - before.current.height;
    if (conversation.isAtEnd.peek()) box.scrollTop = box.scrollHeight;
    else if (first !== before.current.first && before.current.first !== '') box.scrollTop += grown;
    before.current = { first, height: box.scrollHeight };
  }, [entries, typing, streaming, conversation]);

  // The composer grows and windows change: the newest line stays where it was.
  useEffect(() => {
    const box = scroller.current;
    if (box === null || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(() => {
      if (conversation.isAtEnd.peek()) box.scrollTop = box.scrollHeight;
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, [conversation]);

  const actions = useMemo<PendingActions>(
    () => ({ retry: conversation.retry, discard: conversation.discard, edit: composer.takeBack }),
    [conversation, composer],
  );

  function onScroll() {
    const box = scroller.current;
    if (box === null) return;
    conversation.isAtEnd.value = box.scrollHeight - box.scrollTop - box.clientHeight < endPixels;
    if (box.scrollTop < startPixels) void conversation.loadOlder();
  }

  return (
    <div class="log-frame">
      {/* Scrolled by keyboard too, so it takes focus. New messages are said by the announcer, not by the log. */}
      <div
        ref={scroller}
        class="log"
        role="log"
        aria-live="off"
        aria-label={texts.conversation.log(conversation.name.value)}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard.
        tabIndex={0}
        onScroll={onScroll}
      >
        <div class="measure">
          {conversation.watched.value?.hasOlder ? (
            <p class="older">
              <button
                type="button"
                class="button quiet"
                aria-disabled={conversation.isOlderBusy.value}
                onClick={() => void conversation.loadOlder()}
              >
                {conversation.isOlderBusy.value ? texts.conversation.olderBusy : texts.conversation.older}
              </button>
            </p>
          ) : (
            <p class="older unseen">{texts.conversation.beginning}</p>
          )}
          <ol class="entries">
            {entries.map((entry) => (
              <LogEntry key={entry.key} entry={entry} actions={actions} />
            ))}
          </ol>
          {streaming !== null && (
            <div class="said bot first last streaming">
              <div class="words">
                <p class="byline">
                  <Icon name="bot" size={14} />
                  <bdi class="author">{ownerName({ ...streaming.who, bot: true })}</bdi>
                </p>
                <div class="bubble">
                  <p class="prose plain" dir="auto">
                    {streaming.text}
                  </p>
                </div>
                <p class="delivery">
                  <Icon name="pencil" size={14} />
                  {texts.conversation.writes(ownerName({ ...streaming.who, bot: true }))}
                </p>
              </div>
            </div>
          )}
          {typing && (
            <p class="typing">
              <span class="dots" aria-hidden="true">
                <i />
                <i />
                <i />
              </span>
              {texts.conversation.typing(conversation.name.value)}
            </p>
          )}
        </div>
      </div>
      {!isAtEnd && (
        <button
          type="button"
          class={`jump ${newCount > 0 ? 'has-new' : ''}`}
          onClick={() => {
            conversation.isAtEnd.value = true;
            scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
          }}
        >
          <Icon name="down" size={16} />
          {texts.conversation.jump(newCount)}
        </button>
      )}
    </div>
  );
}
