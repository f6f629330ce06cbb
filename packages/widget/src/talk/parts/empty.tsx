import { live } from '../../panel/live.ts';
import type { Scene } from '../talk.tsx';

/** Before the first message: one sentence, and up to three things people usually ask. */
export const Empty = live(({ _model: model, _chat: chat, _form: form }: Scene) => {
  const words = model._words.value;
  const { site, problem } = model._state.value;
  // Somebody who was here before waits for the conversation, not for a greeting.
  if (problem || model._isPaused.value || (!site && chat.hasHistory())) return <div class="log" />;
  const topics = (!form.value && site?.topics.slice(0, 3)) || [];
  return (
    <div class="log empty">
      <p class="greeting">{words.greeting}</p>
      {site?.availability === 'closed' && site.opensAt !== null && <p>{words.closed}</p>}
      {topics.length > 0 && (
        <ul aria-label={words.topics}>
          {topics.map((topic) => (
            <li key={topic}>
              <button type="button" dir="auto" onClick={() => void model._send(topic).catch(() => {})}>
                {topic}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
});
