import { describe, expect, it } from 'vitest';
import { files as ar } from './ar.ts';
import { files as de } from './de.ts';
import { files as en } from './en.ts';
import { files as es } from './es.ts';
import { files as lv } from './lv.ts';
import { files as pseudo } from './pseudo.ts';
import { files as ru } from './ru.ts';

const flat = ({ problems, ...words }: typeof en): [string, string][] => Object.entries({ ...words, ...problems });
const places = (text: string) => [...text.matchAll(/\{(\d)\}/g)].map(([place]) => place);
const english = flat(en);

describe.each(Object.entries({ en, ru, lv, de, es, ar, pseudo }))('%s', (tag, words) => {
  it('says everything about files, with the places of English, calmly and in its own words', () => {
    expect(flat(words).map(([key, text]) => [key, places(text)])).toEqual(
      english.map(([key, text]) => [key, places(text)]),
    );
    expect(
      flat(words).filter(([, text]) => text.trim() === '' || /[!¡]|\bplease|bitte|пожалуйста|lūdzu/i.test(text)),
    ).toEqual([]);
    if (tag !== 'en') expect(flat(words).filter(([, text], i) => text === english[i]?.[1])).toEqual([]);
  });
});
