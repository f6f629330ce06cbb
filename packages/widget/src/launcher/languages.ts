import type { Catalogue } from '../locales/catalogue.ts';

/** The launcher's name, which must be there before any catalogue is, and what fetches the texts of the panel. English comes with the panel. */
type Language = [label: string, load?: () => Promise<{ catalogue: Catalogue }>];

const languages: Record<string, Language> = {
  en: ['Open chat'],
  ru: ['Открыть чат', () => import('../locales/ru.ts')],
  lv: ['Atvērt tērzēšanu', () => import('../locales/lv.ts')],
  de: ['Chat öffnen', () => import('../locales/de.ts')],
  es: ['Abrir el chat', () => import('../locales/es.ts')],
  ar: ['فتح المحادثة', () => import('../locales/ar.ts')],
  pseudo: ['Open chat', () => import('../locales/pseudo.ts')],
};

/** The first wish that can be fulfilled, by its primary language: `de-AT` gets German. English when none can. */
export function chooseLanguage(wishes: readonly (string | null | undefined)[]): [tag: string, ...language: Language] {
  for (const tag of [...wishes, 'en']) {
    const name = `${tag}`.toLowerCase().replace(/-.*/, '');
    if (Object.hasOwn(languages, name)) return [`${tag}`, ...languages[name]!];
  }
  // English is always among them.
  return undefined as never;
}
