import { describe, expect, it } from 'vitest';
import type { FormDefinition } from './form.ts';
import { answerInWords, pipeAnswers, textIn } from './texts.ts';

describe('textIn', () => {
  it.each([
    ['de-AT', 'Grüß Gott'],
    ['de-CH', 'Guten Tag'],
    ['lv', 'Labdien'],
    ['fr', 'Hello'],
    ['constructor', 'Hello'],
    ['', 'Hello'],
  ])('in %s says %s', (locale, text) => {
    expect(textIn({ lv: 'Labdien', en: 'Hello', de: 'Guten Tag', 'de-AT': 'Grüß Gott' }, locale)).toBe(text);
  });

  it('takes the first language when English is not among them', () => {
    expect(textIn({ lv: 'Labdien', ru: 'Здравствуйте' }, 'fr')).toBe('Labdien');
    expect(textIn('Hello', 'lv')).toBe('Hello');
  });
});

describe('pipeAnswers', () => {
  it('puts earlier answers into a text', () => {
    expect(pipeAnswers('What about {{answer.order}}, {{ answer.name |you}}?', { order: 'SV-1' })).toBe(
      'What about SV-1, you?',
    );
    expect(
      pipeAnswers('{{answer.count}} of {{answer.colours}}{{answer.agreed}}', {
        count: 0,
        colours: ['a', 'b'],
        agreed: true,
      }),
    ).toBe('0 of a, b');
  });

  it('says the label of a choice and the name of a point', () => {
    const form: FormDefinition = {
      id: 'f',
      purpose: 'link',
      fields: [
        {
          id: 'topic',
          kind: 'radio',
          label: 'Topic',
          options: [{ value: 'back', label: { en: 'a return', lv: 'atgriešanu' } }],
        },
        { id: 'score', kind: 'rating', scale: 'csat', label: 'Score', points: { 5: 'Very good' } },
      ],
    };
    expect(pipeAnswers('Par {{answer.topic}}', { topic: 'back' }, form, 'lv')).toBe('Par atgriešanu');
    expect(answerInWords('score', { score: 5 }, form)).toBe('Very good');
    expect(answerInWords('score', { score: 4 }, form)).toBe('4');
  });

  it('does not read an answer again, and does not reach into what every object has', () => {
    expect(pipeAnswers('{{answer.a}}', { a: '{{answer.b}} $& <b>', b: 'secret' })).toBe('{{answer.b}} $& <b>');
    expect(pipeAnswers('[{{answer.constructor}}]', {})).toBe('[]');
  });

  it('cuts an answer that would drown the question', () => {
    expect(pipeAnswers('{{answer.a}}', { a: 'x'.repeat(4_000) })).toBe(`${'x'.repeat(200)}…`);
  });
});
