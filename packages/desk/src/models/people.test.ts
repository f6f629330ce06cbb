import { describe, expect, it } from 'vitest';
import { initials, languageName, languageTag, listNames, tintOf, visitorName } from './people.ts';

describe('names', () => {
  it('tell nameless visitors apart', () => {
    expect(visitorName({ id: 'v_0198-7f3a', name: null })).toBe('Visitor 7F3A');
    expect(visitorName({ id: 'x', name: '  ' })).toBe('Visitor X');
    expect(visitorName({ id: 'x', name: 'Mia' })).toBe('Mia');
  });

  it('are cleaned and bounded, whatever a page sends', () => {
    expect(visitorName({ id: 'v_0198-7f3a', name: '\u202e \u200b\u202c' })).toBe('Visitor 7F3A');
    expect(visitorName({ id: 'x', name: '\u202eaiM\u202c\nOzola' })).toBe('aiM Ozola');
    expect(visitorName({ id: 'x', name: 'x'.repeat(150) })).toHaveLength(61);
    expect(initials('\u202eMia \u202cOzola')).toBe('MO');
  });

  it('give at most two letters, in any script', () => {
    expect(['Mia', 'Ada Ozola', 'Анна Мария Иванова', 'ليلى حسن', '😀 x', '', null].map(initials)).toEqual([
      'M',
      'AO',
      'АИ',
      'ل\u200cح',
      '😀X',
      '',
      '',
    ]);
  });

  it('keep their tint', () => {
    expect(tintOf('mia')).toBe(tintOf('mia'));
    expect(new Set(['mia', 'noah', 'ada', 'ben', 'cleo', 'v1', 'v2', 'v3'].map(tintOf)).size).toBeGreaterThan(2);
  });

  it('stand in a row as people say them', () => {
    expect(listNames(['Ben'])).toBe('Ben');
    expect(listNames(['Ben', 'Cleo'])).toBe('Ben and Cleo');
    expect(listNames(['Ben', 'Cleo', 'Dana'])).toBe('Ben, Cleo and Dana');
  });
});

describe('languages', () => {
  it('are short in rows and whole in details', () => {
    expect(['lv-LV', 'en', 'pt_BR', null, '', '12'].map(languageTag)).toEqual(['LV', 'EN', 'PT', null, null, null]);
    expect(languageName('lv')).toBe('Latvian');
    expect(languageName('pt_BR')).toBe('Brazilian Portuguese');
    expect(languageName('xx-')).toBe('XX');
  });
});
