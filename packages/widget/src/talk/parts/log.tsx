import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from '../../panel/parts/icon.tsx';
import { isSameDay } from '../formats.ts';
import { lineOf, typingLine } from '../lines.ts';
import { authorOf, rowsOf } from '../rows.ts';
import type { Scene } from '../talk.tsx';
import { Message } from './message.tsx';

/** Closer to the end than this counts as being there. */
const nearPx = 48;
const day = 86_400_000;

/** The conversation, from the oldest page that was loaded to the newest line. */
export function Log(scene: Scene) {
  const { _model: model, _chat: chat } = scene;
  const words = model._words.value;
  const formats = scene._formats.value;
  const now = scene._now.value;
  const isAtEnd = model._isAtEnd.value;
  const { entries, hasOlder, loadingOlder, typing, conversation } = model._state.value;
  const box = useRef<HTMLDivElement>(null);
  const seen = useRef({ first: '', last: '' }).current;
  const list = box.current;
  // Read before the update: what was on screen stays where it was when a page of history comes in above it.
  const fromEnd = list ? list.scrollHeight - list.scrollTop : 0;

  useLayoutEffect(() => {
    const { first } = seen;
    seen.first = entries[0]?.key ?? '';
    if (isAtEnd) box.current!.scrollTop = box.current!.scrollHeight;
    else if (first !== seen.first) box.current!.scrollTop = box.current!.scrollHeight - fromEnd;
  });
  useLayoutEffect(() => {
    // The keyboard, a growing composer, another orientation: the end stays in sight.
    const list = box.current!;
    const observer = new ResizeObserver(() => {
      if (model._isAtEnd.peek()) list.scrollTop = list.scrollHeight;
    });
    observer.observe(list);
    return () => observer.disconnect();
  }, []);

  const loadOlder = () => void chat.loadOlder().catch(() => {});
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!;
    model._isAtEnd.value = scrollHeight - scrollTop - clientHeight < nearPx;
    if (scrollTop < nearPx && hasOlder && !loadingOlder) loadOlder();
  };

  if (isAtEnd) seen.last = entries.at(-1)?.key ?? '';
  const missed = entries.slice(entries.findLastIndex(({ key }) => key === seen.last) + 1).filter(authorOf).length;
  const dayOf = (at: number) =>
    isSameDay(at, now) ? words.today : isSameDay(at + day, now) ? words.yesterday : formats.day(at);

  return (
    <>
      <div
        class="log"
        part="log"
        role="log"
        aria-live="off"
        aria-label={words.messages}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        ref={box}
        onScroll={onScroll}
      >
        {hasOlder && (
          <button type="button" class="quiet" disabled={loadingOlder} onClick={loadOlder}>
            {loadingOlder ? words.loading : words.earlier}
          </button>
        )}
        <ul>
          {rowsOf(entries).map((row) =>
            row.kind === 'day' ? (
              <li key={row.key} class="line">
                {dayOf(row.at)}
              </li>
            ) : row.kind === 'line' ? (
              <li key={row.key} class="line" dir="auto">
                {lineOf(row.entry.event!, words)}
              </li>
            ) : (
              <Message
                key={row.key}
                scene={scene}
                entry={row.entry}
                author={row.author}
                isFirst={row.isFirst}
                isLast={row.isLast}
                hasState={row.hasState}
              />
            ),
          )}
        </ul>
        {conversation?.status === 'resolved' && <p class="line">{words.resolvedHint}</p>}
        {typing.length > 0 && (
          <p class="typing" dir="auto">
            <span class="dots" aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
            {typingLine(typing, words)}
          </p>
        )}
      </div>
      {missed > 0 && (
        <button
          type="button"
          class="jump"
          onClick={() => {
            model._isAtEnd.value = true;
          }}
        >
          {formats.plural(missed, words.newMessages)}
          <Icon name="down" />
        </button>
      )}
    </>
  );
}
