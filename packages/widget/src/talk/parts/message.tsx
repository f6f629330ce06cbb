import { Component, type ComponentChildren } from 'preact';
import { live } from '../../panel/live.ts';
import { fill } from '../formats.ts';
import type { MessageRow } from '../rows.ts';
import type { Scene } from '../talk.tsx';
import { renderBlocks } from './text.tsx';

/** A message that cannot be drawn says so, and no other line notices. */
class Guard extends Component<{ children: ComponentChildren; instead: ComponentChildren }, { hasFailed: boolean }> {
  override state = { hasFailed: false };
  override componentDidCatch() {
    this.setState({ hasFailed: true });
  }
  override render() {
    return this.state.hasFailed ? this.props.instead : this.props.children;
  }
}

const isRich = (block: unknown) => /^(quick-replies|card)$/.test((block as { kind?: string } | null)?.kind ?? '');

/** Why a message fails with its files. */
const ofFiles = /^(bad-file|files-full|no-such-file)$/;

const isFile = (block: unknown) => (block as { kind?: string } | null)?.kind === 'file';

/** What was said: a bubble, and what has a form of its own. Until the code for that has come it is its plain text. */
const Said = live(({ scene, blocks, isNewest }: { scene: Scene; blocks: unknown; isNewest: boolean | undefined }) => {
  const rich = Array.isArray(blocks) && blocks.some(isRich) ? scene._helper() : undefined;
  const files = Array.isArray(blocks) && blocks.some(isFile) ? scene._files() : undefined;
  const plain = (blocks as unknown[]).filter(
    (block) => !(rich && (block as { kind?: string } | null)?.kind === 'card') && !(files && isFile(block)),
  );
  return (
    <>
      {plain.length !== 0 && (
        <div class="bubble" part="bubble">
          <div dir="auto">{renderBlocks(plain)}</div>
        </div>
      )}
      {files && <files._Sent blocks={blocks} />}
      {rich && <rich._Blocks blocks={blocks} isNewest={isNewest} />}
    </>
  );
});

/** Says in words that the message is not whole: what nobody should store is not. */
const Hidden = live(({ scene, blocks }: { scene: Scene; blocks: readonly { text: string | null }[] }) =>
  blocks.some(({ text }) => text?.includes('••')) ? <p class="meta">{scene._model._words.value.hidden}</p> : null,
);

/** One message. For a screen reader each stands alone: who, when, what. */
export const Message = live(
  ({
    scene,
    entry,
    author,
    isFirst,
    isLast,
    hasState,
    isNewest,
  }: { scene: Scene; isNewest?: boolean } & Omit<MessageRow, 'kind' | 'key'>) => {
    const words = scene._model._words.value;
    const formats = scene._formats.value;
    const { key, at, delivery, event, text, error } = entry;
    const blocks: readonly { text: string | null }[] = event?.body.kind === 'message' ? event.body.blocks : [{ text }];
    const name = author !== null && event?.actor.kind === 'bot' ? fill(words.bot, author) : author;
    const state = hasState && delivery ? words[delivery === 'failed' ? 'notSent' : delivery] : '';
    const { code = '' } = error ?? {};
    const why = ofFiles.test(code) && scene._files()?._why(code);
    const decide = (what: 'retry' | 'discard') => {
      scene._chat[what](key);
      // The two buttons go.
      scene._toField();
    };
    return (
      <li class={`message${author === null ? ' own' : ''}${isFirst ? ' first' : ''}${isLast ? ' last' : ''}`}>
        <span class="hidden">
          {name ?? words.you}, {formats.clock(at)}
        </span>
        {isFirst && author && (
          <span class="meta" dir="auto" aria-hidden="true">
            {name}
          </span>
        )}
        <Guard instead={<p class="bubble">{words.notShown}</p>}>
          <Said scene={scene} blocks={blocks} isNewest={isNewest} />
          <Hidden scene={scene} blocks={blocks} />
        </Guard>
        {(isLast || state) && (
          <div class={delivery === 'failed' ? 'meta failed' : 'meta'}>
            {delivery === 'failed' ? (
              <>
                {code === 'too-many-links' ? words.links : why ? `${state} ${why}` : state}
                <button type="button" onClick={() => decide('retry')}>
                  {words.retry}
                </button>
                <button type="button" onClick={() => decide('discard')}>
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
