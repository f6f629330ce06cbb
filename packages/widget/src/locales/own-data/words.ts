import type { Signal } from '@preact/signals-core';
import type { Scene } from '../../talk/talk.tsx';
import { wordsOf } from '../more/words.ts';
import { ownData as english } from './en.ts';
import type { OwnWords } from './own-words.ts';

const languages: Record<string, () => Promise<{ ownData: OwnWords }>> = {
  ru: () => import('./ru.ts'),
  lv: () => import('./lv.ts'),
  de: () => import('./de.ts'),
  es: () => import('./es.ts'),
  ar: () => import('./ar.ts'),
  pseudo: () => import('./pseudo.ts'),
};

export const ownWords = (scene: Scene): Promise<Signal<OwnWords>> =>
  wordsOf(scene, (language) => languages[language]?.().then(({ ownData }) => ownData), english);
