import { live } from '../../panel/live.ts';
import { Icon } from '../../panel/parts/icon.tsx';
import { bare } from '../formats.ts';
import { shownName, statusOf } from '../lines.ts';
import type { Scene } from '../talk.tsx';

const initialsOf = (name: string) => {
  const words = name.trim().split(/\s+/);
  return [words[0], words.length > 1 && words.at(-1)].map((word) => (word ? [...word][0] : '')).join('');
};

/** Who answers, and when. */
export const Who = live((scene: Scene) => {
  const { _model: model, _formats: formats, _now: now, _isOwnDataOpen: isOpen } = scene;
  const words = model._words.value;
  const state = model._state.value;
  const owner = state.conversation?.owner;
  const faces = owner ? [owner] : (state.site?.faces ?? []);
  const names = faces.length > 0 ? faces.map((face) => shownName(face, words)) : [state.site?.name || words.chat];
  // Nothing is kept of whoever only looks in.
  const ownData = state.conversation && isOpen.value ? scene._ownData() : undefined;
  return (
    <>
      {faces.length > 0 && (
        <div class="faces" aria-hidden="true">
          {faces.map(({ id, name }) => (
            <span key={id}>{initialsOf(bare(name))}</span>
          ))}
        </div>
      )}
      <div class="who">
        <h2>{names.map((name, i) => [i > 0 && ', ', <bdi key={name}>{bare(name)}</bdi>])}</h2>
        <p>{statusOf(state, words, formats.value, now.value)}</p>
      </div>
      {state.conversation && (
        <button
          type="button"
          class="icon"
          aria-label={words.ownData}
          aria-expanded={isOpen.value}
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        >
          <Icon name="more" />
        </button>
      )}
      {ownData && (
        <ownData._Menu
          onClose={() => {
            isOpen.value = false;
            scene._host._root.querySelector<HTMLElement>('.head [aria-expanded]')?.focus();
          }}
        />
      )}
    </>
  );
});
