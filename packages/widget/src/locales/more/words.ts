import type { Signal } from '@preact/signals-core';
import type { Scene } from '../../talk/talk.tsx';
import { wordsOf } from '../words-of.ts';
import { more as english } from './en.ts';
import type { More } from './more.ts';

export const moreWords = (scene: Scene): Promise<Signal<More>> =>
  wordsOf(
    scene,
    'more',
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
