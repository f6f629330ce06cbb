import type { Signal } from '@preact/signals-core';
import type { ChatState } from '@sveiki/sdk';
import { createRef } from 'preact';
import type { More } from '../locales/more/more.ts';
import { Live } from '../panel/live.ts';
import { queueLine, statusOf } from '../talk/lines.ts';
import type { Scene } from '../talk/talk.tsx';

/** Where a visitor who talks with a bot stands with people; null when there is nothing to say or do. */
function standing({ conversation, isBot, handoff, entries }: ChatState, words: More) {
  if (!conversation || conversation.status === 'resolved') return null;
  const isWaiting = handoff?.state === 'requested';
  // A person has it: everything before is history.
  if (!isWaiting && !isBot && conversation.owner) return null;
  // Why nobody came stands there until somebody else has said something.
  const last = entries.findLast(
    ({ event }) =>
      event?.body.kind === 'handoff-failed' || (event?.body.kind === 'message' && event.actor.kind !== 'visitor'),
  );
  const body = handoff?.state === 'failed' ? last?.event?.body : undefined;
  const why = body?.kind === 'handoff-failed' && body.handoff === handoff?.id ? words.failed[body.why] : undefined;
  const line = isWaiting ? words.waiting : (why ?? '');
  return isBot || line ? { line, isWaiting, isBot } : null;
}

/** The line of it, for the voice. */
export const personLine = (state: ChatState, words: More): string => standing(state, words)?.line ?? '';

interface Props {
  scene: Scene;
  words: Signal<More>;
}

/** The way to a person, in sight as long as a bot has the conversation; then how long it takes, and the way back. */
export class Person extends Live<Props> {
  readonly _box = createRef<HTMLDivElement>();

  _draw({ scene, words }: Props) {
    const { _model: model, _chat: chat, _formats: formats, _now: now } = scene;
    const state = model._state.value;
    const more = words.value;
    const stands = standing(state, more);
    if (!stands) return null;
    const { line, isWaiting, isBot } = stands;
    const place = isWaiting && queueLine(state, model._words.value, formats.value);
    // Outside the opening hours the honest answer is when they begin, though a bot is there at all times.
    const { site } = state;
    const hours =
      line &&
      site &&
      site.opensAt !== null &&
      statusOf({ ...state, site: { ...site, availability: 'closed' } }, model._words.value, formats.value, now.value);
    const act = (run: () => Promise<void>) => {
      // The button goes; the focus stays beside what comes in its place.
      this._box.current?.focus();
      run().catch(() => {});
    };
    return (
      <div class="strip person" ref={this._box} tabIndex={-1}>
        {line && (
          <div>
            <p>{line}</p>
            {place && <p>{place}</p>}
            {hours && <p>{hours}</p>}
          </div>
        )}
        {isWaiting ? (
          <button key="cancel" type="button" onClick={() => act(chat.cancelHandoff)}>
            {more.cancel}
          </button>
        ) : (
          isBot && (
            <button key="ask" type="button" onClick={() => act(chat.requestHuman)}>
              {more.person}
            </button>
          )
        )}
      </div>
    );
  }
}
