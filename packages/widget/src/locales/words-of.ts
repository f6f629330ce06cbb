import { type Signal, signal } from '@preact/signals-core';
import type { Scene } from '../talk/talk.tsx';

/**
 * Texts that come with the code that shows them, in the language of the panel, also when it changes; there when the promise is. Each of `languages` fetches a
 * file that has them as `name`; English is for what is not translated, or cannot be fetched.
 */
export function wordsOf<Name extends string, T>(
  { _model: { _tag: tag }, _follow: follow }: Scene,
  name: Name,
  languages: { readonly [language: string]: () => Promise<{ readonly [name in Name]: T }> },
  english: T,
): Promise<Signal<T>> {
  const fetchWords = (): Promise<T> =>
    Promise.resolve(languages[tag.peek().toLowerCase().replace(/-.*/, '')]?.()).then(
      (found) => found?.[name] ?? english,
      () => english,
    );
  let known = tag.peek();
  return fetchWords().then((first) => {
    const words = signal(first);
    follow(() => {
      const asked = tag.value;
      if (asked === known) return;
      known = asked;
      void fetchWords().then((fetched) => {
        // What was asked for before may come later.
        if (asked === known) words.value = fetched;
      });
    });
    return words;
  });
}
