import type { Entry } from '@sveiki/sdk';
import { Component, type ComponentChildren } from 'preact';
import { live } from '../../panel/live.ts';
import type { MessageRow } from '../rows.ts';
import type { Scene } from '../talk.tsx';
import { renderBlocks } from './text.tsx';

/** A message that cannot be drawn says so, and no other line notices. */
class Guard extends Component<{ children: ComponentChildren; instead: string }, { hasFailed: boolean }> {
  override state = { hasFailed: false };
  override componentDidCatch() {
    this.setState({ hasFailed: true });
  }
  override render() {
    return this.state.hasFailed ? <p>{this.props.instead}</p> : this.props.children;
  }
}

const Body = ({ entry: { event, text } }: { entry: Entry }) => (
  <>{renderBlocks(event?.body.kind === 'message' ? event.body.blocks : [{ text }])}</>
);

/** One message. For a screen reader each stands alone: who, when, what. */
export const Message = live(
  ({ scene, entry, author, isFirst, isLast, hasState }: { scene: Scene } & Omit<MessageRow, 'kind' | 'key'>) => {
    const words = scene._model._words.value;
    const formats = scene._formats.value;
    const { key, at, delivery } = entry;
    const state = hasState && delivery ? words[delivery === 'failed' ? 'notSent' : delivery] : '';
    return (
      <li class={`message${author === null ? ' own' : ''}${isFirst ? ' first' : ''}${isLast ? ' last' : ''}`}>
        <span class="hidden">
          {author ?? words.you}, {formats.clock(at)}
        </span>
        {isFirst && author && (
          <span class="meta" dir="auto" aria-hidden="true">
            {author}
          </span>
        )}
        <div class="bubble" part="bubble">
          <div dir="auto">
            <Guard instead={words.notShown}>
              <Body entry={entry} />
            </Guard>
          </div>
        </div>
        {(isLast || state) && (
          <div class={delivery === 'failed' ? 'meta failed' : 'meta'}>
            {delivery === 'failed' ? (
              <>
                {state}
                <button type="button" onClick={() => scene._chat.retry(key)}>
                  {words.retry}
                </button>
                <button type="button" onClick={() => scene._chat.discard(key)}>
                  {words.discard}
                </button>
              </>
            ) : (
              <>
                <span aria-hidden="true">{formats.ago(at, scene._now.value)}</span>
                {state && ` · ${state}`}
              </>
            )}
          </div>
        )}
      </li>
    );
  },
);
