import { describe, expect, it } from 'vitest';
import { ownData as ar } from './ar.ts';
import { ownData as de } from './de.ts';
import { ownData as en } from './en.ts';
import { ownData as es } from './es.ts';
import { ownData as lv } from './lv.ts';
import { ownData as pseudo } from './pseudo.ts';
import { ownData as ru } from './ru.ts';

describe.each(Object.entries({ en, ru, lv, de, es, ar, pseudo }))('%s', (tag, words) => {
  it('says everything about one’s own data, calmly and in its own words', () => {
    expect(Object.keys(words)).toEqual(Object.keys(en));
    const texts = Object.values(words);
    expect(texts.filter((text) => text.trim() === '' || /[!¡]|\bplease|bitte|пожалуйста|lūdzu/i.test(text))).toEqual(
      [],
    );
    if (tag !== 'en') expect(texts.filter((text) => Object.values(en).includes(text))).toEqual([]);
  });
});
