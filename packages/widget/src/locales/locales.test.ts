import { describe, expect, it } from 'vitest';
import { catalogue as ar } from './ar.ts';
import { catalogue as de } from './de.ts';
import { catalogue as en } from './en.ts';
import { catalogue as es } from './es.ts';
import { catalogue as lv } from './lv.ts';
import { catalogue as pseudo } from './pseudo.ts';
import { catalogue as ru } from './ru.ts';

type Texts = Record<string, string | Record<string, string>>;
const catalogues: [tag: string, texts: Texts][] = [
  ['en', en],
  ['ru', ru],
  ['lv', lv],
  ['de', de],
  ['es', es],
  ['ar', ar],
  ['pseudo', pseudo],
];
const platformTag = (tag: string) => (tag === 'pseudo' ? 'en' : tag);
const flat = (texts: Texts) =>
  Object.entries(texts).flatMap(([key, text]) =>
    typeof text === 'string'
      ? [[key, text] as const]
      : Object.entries(text).map(([form, one]) => [`${key}.${form}`, one] as const),
  );
const placesOf = (text: string) => [...text.matchAll(/\{(\d)\}/g)].map(([place]) => place).sort();

describe.each(catalogues)('%s', (tag, texts) => {
  it('has every text', () => {
    expect(Object.keys(texts)).toEqual(Object.keys(en));
    expect(flat(texts).filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it('has exactly the forms for numbers that the platform knows for it', () => {
    const categories = new Intl.PluralRules(platformTag(tag)).resolvedOptions().pluralCategories;
    for (const forms of Object.values(texts)) {
      if (typeof forms === 'object') expect(Object.keys(forms).sort()).toEqual([...categories].sort());
    }
  });

  it('fills in the same values as English', () => {
    for (const [key, text] of Object.entries(texts)) {
      const english = en[key as keyof typeof en];
      if (typeof text === 'string') expect([key, placesOf(text)]).toEqual([key, placesOf(english as string)]);
      // "no messages" and "one message" may do without the number.
      else for (const form of Object.values(text)) expect(['', '{0}']).toContain(placesOf(form).join());
    }
  });

  it('is calm', () => {
    expect(
      flat(texts).filter(([, text]) => /[!¡]|\boops|\bsorry|\bplease|\binvalid|bitte|пожалуйста/i.test(text)),
    ).toEqual([]);
  });
});

it('names the launcher with "chat" and the text field "Message" in English', () => {
  expect(en.open).toMatch(/chat/);
  expect(en.message).toBe('Message');
});

it('makes the pseudo-locale longer, so that tight places show', () => {
  const length = (texts: Texts) => flat(texts).reduce((sum, [, text]) => sum + text.length, 0);
  expect(length(pseudo) / length(en)).toBeGreaterThan(1.3);
});
