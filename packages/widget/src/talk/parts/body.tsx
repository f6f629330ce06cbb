import { live } from '../../panel/live.ts';
import { connectionLine, problemLine, queueLine } from '../lines.ts';
import type { Scene } from '../talk.tsx';
import { Empty } from './empty.tsx';
import { Log } from './log.tsx';

/** Everything between the head of the panel and the composer. */
export const Body = live((scene: Scene) => {
  const { _model: model } = scene;
  const words = model._words.value;
  const state = model._state.value;
  const { status } = state.connection;
  const connection = connectionLine(status, words);
  const place = queueLine(state, words, scene._formats.value);
  return (
    <>
      {connection && <p class={`strip ${status}`}>{connection}</p>}
      {state.entries.length > 0 ? <Log {...scene} /> : <Empty {...scene} />}
      {place && <p class="strip">{place}</p>}
      {state.problem && (
        <p class="problem" role="alert">
          {problemLine(state.problem, words)} <code>{state.problem.code}</code>
        </p>
      )}
    </>
  );
});
