import { describe, expect, it } from 'vitest';
import { more as ar } from './ar.ts';
import { more as de } from './de.ts';
import { more as en } from './en.ts';
import { more as es } from './es.ts';
import { more as lv } from './lv.ts';
import { more as pseudo } from './pseudo.ts';
import { more as ru } from './ru.ts';

/** Every text with its path. */
const flat = (value: unknown, path = ''): [path: string, text: string][] =>
  typeof value === 'string'
    ? [[path, value]]
    : Object.entries(value as object).flatMap(([key, one]) => flat(one, `${path}.${key}`));
const places = (text: string) => [...text.matchAll(/\{(\d)\}/g)].map(([place]) => place).sort();
const english = flat(en);

describe.each(Object.entries({ en, ru, lv, de, es, ar, pseudo }))('%s', (_tag, more) => {
  it('has every text, with the places of English', () => {
    const texts = flat(more);
    expect(texts.map(([path, text]) => [path, places(text)])).toEqual(
      english.map(([path, text]) => [path, places(text)]),
    );
    expect(texts.filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it('is calm', () => {
    expect(
      flat(more).filter(([, text]) => /[!¡]|\boops|\bsorry|\bplease|\binvalid|bitte|пожалуйста|lūdzu/i.test(text)),
    ).toEqual([]);
  });
});

it('translates every text', () => {
  const same = { ru, lv, de, es, ar, pseudo };
  const untranslated = Object.entries(same).flatMap(([tag, more]) =>
    flat(more)
      .filter(([path, text], i) => text === english[i]![1] && !/^\.point$/.test(path))
      .map(([path]) => `${tag}${path}`),
  );
  expect(untranslated).toEqual([]);
});
