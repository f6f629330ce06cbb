import { type Signal, signal } from '@preact/signals-core';
import type { ChatError } from '@sveiki/sdk';
import type { FunctionComponent } from 'preact';
import type { OwnWords } from '../locales/own-data/own-words.ts';
import { ownWords } from '../locales/own-data/words.ts';
import { live } from '../panel/live.ts';
import type { Scene } from '../talk/talk.tsx';
import css from './own-data.css';

/** What is kept about the visitor, in his own hands. */
export interface OwnDataMenu {
  readonly _Menu: FunctionComponent<{ onClose: () => void }>;
}

type Step = 'menu' | 'sure' | 'busy';

export async function start(scene: Scene): Promise<OwnDataMenu> {
  const words = await ownWords(scene);
  const step = signal<Step>('menu');
  const line = signal('');
  let isOver = false;
  let href = '';
  const forget = () => URL.revokeObjectURL(href);
  /** Has the browser save it, which holds it by itself from then on. False when nobody waits for it any more. */
  const save = (blob: Blob): boolean => {
    if (isOver) return false;
    forget();
    const link = document.createElement('a');
    href = link.href = URL.createObjectURL(blob);
    link.download = 'chat-data.zip';
    link.click();
    return true;
  };
  scene._wear(css);
  // What was asked of one visitor is not asked of the next.
  scene._follow(() => {
    if (scene._model._state.value.conversation) return;
    step.value = 'menu';
    line.value = '';
    scene._isOwnDataOpen.value = false;
  });
  scene._follow(() => () => {
    isOver = true;
    forget();
  });
  return { _Menu: ({ onClose }) => <Menu {...{ scene, words, step, line, save, onClose }} /> };
}

const Menu = live(
  ({
    scene,
    words,
    step,
    line,
    save,
    onClose,
  }: {
    scene: Scene;
    words: Signal<OwnWords>;
    step: Signal<Step>;
    line: Signal<string>;
    save: (blob: Blob) => boolean;
    onClose: () => void;
  }) => {
    const own = words.value;
    const now = step.value;
    const focus = (element: HTMLElement | null) => {
      // Once for each step: where the keyboard is goes with what is asked.
      if (element && element.dataset['step'] !== now) {
        element.dataset['step'] = now;
        element.querySelector('button')?.focus();
      }
    };
    const close = () => {
      step.value = 'menu';
      line.value = '';
      onClose();
    };
    const say = (text: string) => {
      line.value = text;
      scene._say(text);
    };

    async function run(act: () => Promise<void>) {
      if (now === 'busy') return;
      step.value = 'busy';
      line.value = '';
      try {
        await act();
      } catch (error) {
        say((error as ChatError).code === 'not-found' ? own.nothingKept : own.failed);
        step.value = 'menu';
      }
    }
    const download = () =>
      run(async () => {
        const data = await scene._chat.ownData();
        if (save(await data.download())) say(own.downloaded);
        step.value = 'menu';
      });
    const erase = () =>
      run(async () => {
        await (await scene._chat.ownData()).erase();
        // What he agreed to goes, too.
        await scene._chat.logout();
        scene._say(own.erasing);
        close();
        // The button that opened this went with the conversation.
        scene._toField();
        // Who is there, and that one can write again.
        scene._chat.connect();
      });

    return (
      <section
        class="own-data"
        aria-label={scene._model._words.value.ownData}
        ref={focus}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          // It closes this, not the panel: neither by its own listener nor, on a phone, as a modal dialog by the browser.
          event.stopPropagation();
          event.preventDefault();
          close();
        }}
      >
        {now === 'sure' ? (
          <>
            <p id="erase-hint">{own.eraseHint}</p>
            <button
              type="button"
              aria-describedby="erase-hint"
              onClick={() => {
                step.value = 'menu';
              }}
            >
              {own.keep}
            </button>
            <button type="button" class="danger" aria-describedby="erase-hint" onClick={() => void erase()}>
              {own.eraseAll}
            </button>
          </>
        ) : (
          <>
            <p>{own.hint}</p>
            <button type="button" aria-disabled={now === 'busy'} onClick={() => void download()}>
              {own.download}
            </button>
            <button
              type="button"
              class="danger"
              aria-disabled={now === 'busy'}
              onClick={() => {
                if (now === 'menu') step.value = 'sure';
              }}
            >
              {own.erase}
            </button>
            {line.value && <p>{line.value}</p>}
          </>
        )}
      </section>
    );
  },
);
