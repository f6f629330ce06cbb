import { type Signal, signal } from '@preact/signals-core';
import type { Scene } from '../../talk/talk.tsx';
import { more as english } from './en.ts';
import type { More } from './more.ts';

const languages: Record<string, () => Promise<{ more: More }>> = {
  ru: () => import('./ru.ts'),
  lv: () => import('./lv.ts'),
  de: () => import('./de.ts'),
  es: () => import('./es.ts'),
  ar: () => import('./ar.ts'),
  pseudo: () => import('./pseudo.ts'),
};

/** Texts in the language of the panel, also when it changes; there when the promise is. `fetchIn` gives undefined for what is not translated. */
export function wordsOf<T>(
  { _model: { _tag: tag }, _follow: follow }: Scene,
  fetchIn: (language: string) => Promise<T> | undefined,
  english: T,
): Promise<Signal<T>> {
  const fetchWords = (): Promise<T> =>
    (fetchIn(tag.peek().toLowerCase().replace(/-.*/, '')) ?? Promise.resolve(english)).catch(() => english);
  let known = tag.peek();
  return fetchWords().then((first) => {
    const words = signal(first);
    follow(() => {
      if (tag.value === known) return;
      known = tag.value;
      void fetchWords().then((fetched) => {
        words.value = fetched;
      });
    });
    return words;
  });
}

export const moreWords = (scene: Scene): Promise<Signal<More>> =>
  wordsOf(scene, (language) => languages[language]?.().then(({ more }) => more), english);
