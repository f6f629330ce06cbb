import { expect, it } from 'vitest';
import { chooseLanguage } from './languages.ts';

/** What the site asks for, what the page says it is, what the browser likes; and what becomes of it. */
const cases: [option: string | null, page: string, browser: string[], chosen: string][] = [
  [null, 'en', ['en-US'], 'en'],
  [null, 'lv', ['en-US', 'lv'], 'lv'],
  [null, 'lv-LV', ['en-US'], 'lv-LV'],
  [null, '', ['lv-LV', 'en'], 'lv-LV'],
  [null, '', ['fi', 'lv', 'ru'], 'lv'],
  [null, 'fi', ['sv', 'de-AT', 'en'], 'de-AT'],
  [null, 'fi', ['sv'], 'en'],
  [null, '', [], 'en'],
  ['ru', 'lv', ['en'], 'ru'],
  ['ru-RU', 'lv', ['en'], 'ru-RU'],
  ['fi', 'lv', ['en'], 'lv'],
  ['', 'lv', ['en'], 'lv'],
  ['DE', 'en', ['en'], 'DE'],
  ['de-CH-1996', 'en', ['en'], 'de-CH-1996'],
  ['ar', 'en', ['en'], 'ar'],
  ['ar-EG', 'en', ['en'], 'ar-EG'],
  ['es-419', 'en', ['en'], 'es-419'],
  ['es-MX', 'en', ['en'], 'es-MX'],
  ['pseudo', 'en', ['en'], 'pseudo'],
  ['lv', 'ru', ['de'], 'lv'],
  [null, 'ru', ['lv'], 'ru'],
  [null, 'EN-gb', ['lv'], 'EN-gb'],
  [null, 'english', ['lv'], 'lv'],
  [null, 'e', ['lv'], 'lv'],
  [null, 'constructor', ['lv'], 'lv'],
  [null, '__proto__', ['lv'], 'lv'],
  [null, 'toString', [], 'en'],
  [null, '-en', ['ru'], 'ru'],
  [null, 'zh-Hant', ['zh', 'es'], 'es'],
  [null, 'uk', ['uk-UA', 'ru-UA', 'en'], 'ru-UA'],
];

it.each(cases)('site %j, page %j, browser %j: %s', (option, page, browser, chosen) => {
  expect(chooseLanguage([option, page, ...browser])[0]).toBe(chosen);
});

it('names the launcher at once in every language', () => {
  const named = ['en', 'ru', 'lv', 'de', 'es', 'ar'].map((tag) => chooseLanguage([tag])[1]);
  expect(new Set(named).size).toBe(6);
  expect(named[0]).toMatch(/chat/i);
});

it('names it as the catalogue will, so that it does not change when the panel comes', async () => {
  for (const tag of ['ru', 'lv', 'de', 'es', 'ar']) {
    const [, label, load] = chooseLanguage([tag]);
    expect((await load?.())?.catalogue.open).toBe(label);
  }
});

it('has English without fetching anything', () => {
  expect(chooseLanguage(['en'])[2]).toBeUndefined();
});
