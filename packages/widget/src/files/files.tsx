import type { MessageRef } from '@sveiki/sdk';
import type { ComponentChildren, FunctionComponent } from 'preact';
import { fileWords } from '../locales/files/words.ts';
import type { Before } from '../panel/model.ts';
import type { Scene } from '../talk/talk.tsx';
import css from './files.css';
import { fileIn, Sent } from './sent.tsx';
import { createTray } from './tray.tsx';

/** Files: what goes with the next message, and those that were sent. */
export interface Files {
  /** Beside the message field: opens the chooser. */
  readonly _Button: FunctionComponent;
  /** Above it: what was chosen, and how far it is. */
  readonly _Tray: FunctionComponent;
  /** The files among the blocks of a message. */
  readonly _Sent: FunctionComponent<{ blocks: unknown }>;
  readonly _isFull: () => boolean;
  /** Why a file was not taken, by the code of its message. */
  readonly _why: (code: string) => string;
  readonly _take: () => ((text: string, before?: Before) => Promise<MessageRef>) | null;
}

export async function start(scene: Scene): Promise<Files> {
  const [words, files] = await Promise.all([fileWords(scene), scene._chat.files()]);
  scene._wear(css);
  const tray = createTray(scene, files, words);
  // For as long as the chat lasts.
  scene._follow(() => tray._listen());
  scene._follow(() => tray._clear);
  // What somebody chose is nothing for the one who comes after him.
  let visitor: string | null = null;
  scene._follow(() => {
    const now = scene._model._state.value.visitor?.id ?? null;
    if (visitor !== null && now !== visitor) tray._clear();
    visitor = now;
  });
  return {
    _Button: () => <tray._Button />,
    _Tray: () => <tray._Tray />,
    _isFull: tray._isFull,
    _why: tray._why,
    _take: tray._take,
    _Sent: ({ blocks }): ComponentChildren => {
      const sent = (Array.isArray(blocks) ? blocks : []).flatMap((block) => fileIn(block) ?? []);
      return (
        <div class="sent">
          {sent.map((file) => (
            <Sent key={file.id} scene={scene} files={files} words={words} file={file} />
          ))}
        </div>
      );
    },
  };
}
