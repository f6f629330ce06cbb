import type { Signal } from '@preact/signals-core';
import type { More } from '../locales/more/more.ts';
import { live } from '../panel/live.ts';
import { fill } from '../talk/formats.ts';
import { shownName } from '../talk/lines.ts';
import type { Scene } from '../talk/talk.tsx';

/** Longer values are cut: it is a question, not a document. */
const maxChars = 300;

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > maxChars ? `${text.slice(0, maxChars)}…` : text;
};

/** What a bot asks to do on the page. Only a press of the visitor allows it. */
export const Consent = live(({ scene, words }: { scene: Scene; words: Signal<More> }) => {
  const request = scene._requests.value[0];
  if (!request) return null;
  const more = words.value;
  const { tool, description, input, who } = request;
  const question = fill(more.wants, shownName(who, scene._model._words.value), description ?? tool);
  const given = Object.entries(input);
  const answer = (run: () => void) => {
    scene._host._root.querySelector<HTMLElement>('[role=log]')?.focus({ preventScroll: true });
    run();
  };
  return (
    <section class="consent" aria-label={question}>
      <p class="title" dir="auto">
        {question}
      </p>
      {given.length > 0 && (
        <>
          <p>{more.given}</p>
          <dl>
            {given.map(([name, value]) => (
              <div key={name}>
                <dt dir="auto">{name}</dt>
                <dd dir="auto">{shown(value)}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
      <div class="buttons">
        <button type="button" class="main" onClick={() => answer(request.allow)}>
          {more.allow}
        </button>
        <button type="button" onClick={() => answer(request.refuse)}>
          {more.refuse}
        </button>
      </div>
    </section>
  );
});

/** The newest request, for the voice. */
export function consentLine(scene: Scene, words: More): string {
  const request = scene._requests.value[0];
  return request
    ? fill(words.wants, shownName(request.who, scene._model._words.peek()), request.description ?? request.tool)
    : '';
}
