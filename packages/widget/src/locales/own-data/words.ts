import type { Signal } from '@preact/signals-core';
import type { Scene } from '../../talk/talk.tsx';
import { wordsOf } from '../words-of.ts';
import { ownData as english } from './en.ts';
import type { OwnWords } from './own-words.ts';

export const ownWords = (scene: Scene): Promise<Signal<OwnWords>> =>
  wordsOf(
    scene,
    'ownData',
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
