import { live } from '../../panel/live.ts';
import { connectionLine, problemLine, queueLine } from '../lines.ts';
import type { Scene } from '../talk.tsx';
import { Contact } from './contact.tsx';
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
  const gate = scene._consent;
  const isPaused = model._isPaused.value;
  // Whoever cannot write is asked for nothing.
  const isAsked = gate?._isClosed.value && !isPaused;
  const form = scene._form.value;
  const questions = form && scene._questions();
  const { handoff } = state;
  const isWaiting = handoff?.state === 'requested';
  const helper =
    state.isBot || isWaiting || handoff?.state === 'failed' || scene._requests.value.length > 0
      ? scene._helper()
      : undefined;
  return (
    <>
      {connection && <p class={`strip ${status}`}>{connection}</p>}
      {helper && <helper._Person />}
      {isAsked ? (
        <gate._View />
      ) : state.entries.length > 0 ? (
        <Log {...scene} />
      ) : questions ? (
        <questions._Before />
      ) : (
        <Empty {...scene} />
      )}
      {gate && !gate._isClosed.value && <gate._Foot />}
      {helper && <helper._Consent />}
      {place && !(helper && isWaiting) && <p class="strip">{place}</p>}
      {state.checking && <p class="strip late">{words.checking}</p>}
      {state.problem && (
        <p class="problem" role="alert">
          {problemLine(state.problem, words)} {state.problem.code !== 'blocked' && <code>{state.problem.code}</code>}
        </p>
      )}
      {!state.problem && isPaused && (
        <p class="problem contact" role="status">
          {words.paused}
        </p>
      )}
      {(isPaused || (state.site && state.problem)) && <Contact {...scene} />}
    </>
  );
});
