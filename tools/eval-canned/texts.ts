import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const LANGUAGES = ['en', 'ru', 'lv'] as const;
export type Language = (typeof LANGUAGES)[number];

/** A sentence of customer service, with what it is about. */
export interface LabelledText {
  text: string;
  label: string;
}

export type Texts = Record<Language, LabelledText[]>;

const here = import.meta.dirname;
const folder = resolve(here, '../../../shared/data');
/** Files of labelled sentences: one `{ text, label, lang? }` a line; without `lang` it is English. */
const recorded = ['bitext27', 'banking77', 'tilde-baltic'].map((name) => join(folder, name, 'train.jsonl'));

export const ownTexts = join(here, 'own-texts.jsonl');

/** The labelled texts beside this checkout when they are there, else those that come with it. */
export function defaultFiles(): string[] {
  return recorded.every((file) => existsSync(file)) ? recorded : [ownTexts];
}

/** Each sentence once, by language; other languages are left out. @throws Error naming file and line */
export function readTexts(files: readonly string[]): Texts {
  const texts: Texts = { en: [], ru: [], lv: [] };
  const seen = new Set<string>();
  for (const file of files) {
    for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
      if (line.trim() === '') continue;
      const { lang = 'en', text, label } = parse(line, `${file}:${index + 1}`);
      const language = LANGUAGES.find((one) => one === lang);
      if (language === undefined || seen.has(text)) continue;
      seen.add(text);
      texts[language].push({ text, label });
    }
  }
  for (const language of LANGUAGES) {
    if (texts[language].length < 2) throw new Error(`There are not two texts in “${language}”. Give a file with more.`);
  }
  return texts;
}

function parse(line: string, place: string): LabelledText & { lang?: string } {
  let value: Partial<Record<'lang' | 'text' | 'label', unknown>> | null;
  try {
    value = JSON.parse(line) as typeof value;
  } catch (cause) {
    throw new Error(`${place}: this is not JSON. Write one object a line.`, { cause });
  }
  const { lang, text, label } = value ?? {};
  if (typeof text !== 'string' || text.trim() === '' || typeof label !== 'string') {
    throw new Error(`${place}: a text is { "text": "…", "label": "…", "lang": "lv" }.`);
  }
  return { text, label, ...(typeof lang === 'string' ? { lang } : {}) };
}
