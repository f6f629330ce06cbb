import type { Signal } from '@preact/signals-core';
import { type ComponentChildren, createRef } from 'preact';
import type { More } from '../locales/more/more.ts';
import { Live } from '../panel/live.ts';
import { link } from '../talk/parts/text.tsx';
import type { Scene } from '../talk/talk.tsx';

/** What came over the wire is looked at before it is used. */
const objects = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : [];
const string = (value: unknown): string => (typeof value === 'string' ? value : '');

interface Props {
  scene: Scene;
  words: Signal<More>;
  blocks: unknown;
  /** Nothing was said after it: answers that need one tap still fit. */
  isNewest: boolean | undefined;
}

/** Cards, and answers that need one tap. */
export class Blocks extends Live<Props> {
  readonly _box = createRef<HTMLDivElement>();

  readonly _choose = (text: string, isForPerson?: boolean) => {
    const { _chat: chat, _model: model } = this.props.scene;
    this._leave();
    (isForPerson ? chat.requestHuman() : model._send(text)).catch(() => {});
  };

  /** The choices go once one is taken, or something new is said: the focus waits in the conversation, not at its beginning. */
  _leave() {
    const { _root: root } = this.props.scene._host;
    if (this._box.current?.contains(root.activeElement))
      root.querySelector<HTMLElement>('[role=log]')?.focus({ preventScroll: true });
  }

  override getSnapshotBeforeUpdate(before: Props) {
    if (before.isNewest && !this.props.isNewest) this._leave();
    return null;
  }

  _draw({ scene, words, blocks, isNewest }: Props) {
    const more = words.value;
    const { isBot } = scene._model._state.value;
    return (
      <div class="rich" ref={this._box}>
        {objects(blocks).map((block, i): ComponentChildren => {
          if (block['kind'] === 'card') return <Card key={i} card={block} choose={this._choose} />;
          if (block['kind'] !== 'quick-replies' || !isNewest) return null;
          return (
            <ul key={i} class="replies" aria-label={more.replies}>
              {objects(block['replies']).map((reply) => {
                const text = string(reply['text']);
                const isForPerson = reply['action'] === 'request-human';
                // Where a person has it, or is on the way, there is nobody to ask for.
                return (
                  (isBot || !isForPerson) && (
                    <li key={text}>
                      <button type="button" dir="auto" onClick={() => this._choose(text, isForPerson)}>
                        {text}
                      </button>
                    </li>
                  )
                );
              })}
            </ul>
          );
        })}
      </div>
    );
  }
}

function Card({ card, choose }: { card: Record<string, unknown>; choose(text: string): void }) {
  const { title, subtitle, facts, actions } = card;
  const drawn = objects(actions).map((action): ComponentChildren => {
    const label = string(action['label']);
    if (action['kind'] === 'reply')
      return (
        <button type="button" dir="auto" onClick={() => choose(label)}>
          {label}
        </button>
      );
    return action['kind'] === 'link' && link(action['href'], <span dir="auto">{label}</span>);
  });
  return (
    <article class="card" aria-label={string(title)}>
      <p class="title" dir="auto">
        {string(title)}
      </p>
      {string(subtitle) && <p dir="auto">{string(subtitle)}</p>}
      {objects(facts).length > 0 && (
        <dl>
          {objects(facts).map(({ label, value }) => (
            <div key={string(label)}>
              <dt dir="auto">{string(label)}</dt>
              <dd dir="auto">{string(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {drawn}
    </article>
  );
}
