import type { Signal } from '@preact/signals-core';
import type { Scene } from '../../talk/talk.tsx';
import { wordsOf } from '../words-of.ts';
import { files as english } from './en.ts';
import type { FileWords } from './file-words.ts';

export const fileWords = (scene: Scene): Promise<Signal<FileWords>> =>
  wordsOf(
    scene,
    'files',
    {
      ru: () => import('./ru.ts'),
      lv: () => import('./lv.ts'),
      de: () => import('./de.ts'),
      es: () => import('./es.ts'),
      ar: () => import('./ar.ts'),
      pseudo: () => import('./pseudo.ts'),
    },
    english,
  );
