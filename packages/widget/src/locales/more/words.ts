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

const fetchWords = async (tag: string): Promise<More> =>
  (await languages[tag.toLowerCase().replace(/-.*/, '')]?.().catch(() => undefined))?.more ?? english;

/** The texts in the language of the panel, also when it changes; there when the promise is. */
export async function moreWords({ _model: { _tag: tag }, _follow: follow }: Scene): Promise<Signal<More>> {
  let known = tag.peek();
  const words = signal(await fetchWords(known));
  follow(() => {
    if (tag.value === known) return;
    known = tag.value;
    void fetchWords(known).then((fetched) => {
      words.value = fetched;
    });
  });
  return words;
}
