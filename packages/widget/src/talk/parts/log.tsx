import type { ChatState, ConversationState, Entry } from '@sveiki/sdk';
import { createRef, type TargetedEvent } from 'preact';
import { Live } from '../../panel/live.ts';
import { Icon } from '../../panel/parts/icon.tsx';
import { isSameDay } from '../formats.ts';
import { lineOf, typingLine } from '../lines.ts';
import { authorOf, rowsOf } from '../rows.ts';
import type { Scene } from '../talk.tsx';
import { Message } from './message.tsx';

/** Closer to the end than this counts as being there. */
const nearPx = 48;
const day = 86_400_000;

/** What was on screen before an update, and where. */
type Anchor = { _element: Element | null; _top: number };

/**
 * A bot's reply that is still growing, as the message it will be: under the key that the message will have if nothing comes between, so that
 * the bubble on screen stays the same one.
 */
const unfinished = (
  { who, text }: NonNullable<ChatState['streaming']>,
  { id, head }: ConversationState,
  at: number,
): Entry => ({
  key: id + (head + 1),
  event: { actor: { kind: 'bot', ...who }, body: { kind: 'message', blocks: [{ kind: 'text', text }] } } as never,
  delivery: null,
  text: null,
  at,
  error: null,
});

/** The conversation, from the oldest page that was loaded to the newest line. */
export class Log extends Live<Scene> {
  readonly _box = createRef<HTMLDivElement>();
  /** The newest line that was on screen. */
  _seen = '';
  /** The keyboard, a growing composer, another orientation: the end stays in sight. */
  readonly _observer = new ResizeObserver(() => this._settle());

  readonly _loadOlder = () => void this.props._chat.loadOlder().catch(() => {});

  // The list itself is asked, not the reference to it: a page on its way out still tells of its last scrolling.
  readonly _onScroll = ({ currentTarget: list }: TargetedEvent<HTMLElement>) => {
    const { scrollTop, scrollHeight, clientHeight } = list;
    const { hasOlder, loadingOlder } = this.props._model._state.value;
    this.props._model._isAtEnd.value = scrollHeight - scrollTop - clientHeight < nearPx;
    if (scrollTop < nearPx && hasOlder && !loadingOlder) this._loadOlder();
  };

  _settle() {
    const list = this._box.current!;
    if (!this.props._model._isAtEnd.peek()) return;
    list.scrollTop = list.scrollHeight;
    // What grows while it is read, and what is to be answered, is on screen from its first line on.
    const last = list.querySelector('li:last-child');
    if (last && (this.props._model._state.peek().streaming || last.matches('.asked')))
      list.scrollTop += Math.min(0, last.getBoundingClientRect().top - list.getBoundingClientRect().top);
  }

  override componentDidMount() {
    this._settle();
    this._observer.observe(this._box.current!);
  }
  override componentWillUnmount() {
    super.componentWillUnmount();
    this._observer.disconnect();
  }
  override getSnapshotBeforeUpdate(): Anchor {
    const element = this._box.current!.querySelector('.bubble');
    return { _element: element, _top: element?.getBoundingClientRect().top ?? 0 };
  }
  override componentDidUpdate(_props: Scene, _state: unknown, { _element: element, _top: top }: Anchor) {
    this._settle();
    // What was read stays where it was when a page of history comes in above it.
    if (!this.props._model._isAtEnd.peek() && element)
      this._box.current!.scrollTop += element.getBoundingClientRect().top - top;
  }

  _draw(scene: Scene) {
    const { _model: model } = scene;
    const words = model._words.value;
    const formats = scene._formats.value;
    const now = scene._now.value;
    const { entries, hasOlder, loadingOlder, typing, streaming, conversation } = model._state.value;
    const isAsked = entries.some(({ event }) => event?.body.kind === 'asked');
    const questions = isAsked ? scene._questions() : undefined;
    const rows = rowsOf(streaming && conversation ? [...entries, unfinished(streaming, conversation, now)] : entries);
    const newest = rows.findLast(({ kind }) => kind === 'message')?.key;
    if (model._isAtEnd.value) this._seen = entries.at(-1)?.key ?? '';
    const missed = entries.slice(entries.findLastIndex(({ key }) => key === this._seen) + 1).filter(authorOf).length;
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
          ref={this._box}
          onScroll={this._onScroll}
        >
          {hasOlder && (
            <button type="button" class="quiet" disabled={loadingOlder} onClick={this._loadOlder}>
              {loadingOlder ? words.loading : words.earlier}
            </button>
          )}
          <ul>
            {rows.map((row) =>
              row.kind === 'day' ? (
                <li key={row.key} class="line">
                  {dayOf(row.at)}
                </li>
              ) : row.kind === 'line' && questions && row.entry.event?.body.kind === 'asked' ? (
                <questions._Question key={row.key} entry={row.entry} />
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
                  isNewest={row.key === newest}
                />
              ),
            )}
          </ul>
          {conversation?.status === 'resolved' && <p class="line">{words.resolvedHint}</p>}
          {typing.length > 0 && !streaming && (
            <p class="typing" dir="auto">
              <span class="dots" aria-hidden="true">
                <i />
                <i />
                <i />
              </span>
              {typingLine(typing, words, conversation?.owner)}
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
}
