import { describe, expect, it } from 'vitest';
import { answerLines, scoreInWords, surveyTitle } from './answers.ts';

const form = {
  id: 'after-chat',
  purpose: 'post-chat',
  fields: [
    {
      id: 'rating',
      kind: 'rating',
      scale: 'csat',
      label: { en: 'How was it?', lv: 'Kā bija?' },
      points: { '5': 'Very satisfied' },
    },
    {
      id: 'topic',
      kind: 'radio',
      label: 'Topic',
      options: [{ value: 'ship', label: { en: 'Shipping' } }],
    },
    { id: 'again', kind: 'checkbox', label: 'May we write to you?' },
    { id: 'comment', kind: 'textarea', label: 'Anything about {{answer.topic}}?' },
  ],
} as const;

describe('answers', () => {
  it('stand under their questions, in the order of the form and in the words of its labels', () => {
    const lines = answerLines({ comment: 'Quick', again: false, topic: 'ship', rating: 5, gone: 'x' }, form);
    expect(lines.map(({ question, answer }) => `${question} ${answer}`)).toEqual([
      'How was it? 5 of 5, Very satisfied',
      'Topic Shipping',
      'May we write to you? No',
      'Anything about Shipping? Quick',
      'Gone x',
    ]);
  });

  it('are readable without the form they belong to', () => {
    expect(answerLines({ 'order-number': 'AW-7', consent: true })).toEqual([
      { question: 'Order number', answer: 'AW-7' },
      { question: 'Consent', answer: 'Yes' },
    ]);
  });
});

describe('a score', () => {
  it('never stands without its scale', () => {
    const survey = (kind: 'csat' | 'nps' | 'ces' | 'custom') => ({ id: 's', kind });
    expect(scoreInWords({ score: 5, survey: survey('csat') }, form)).toBe('5 of 5, Very satisfied');
    expect(scoreInWords({ score: 9, survey: survey('nps') }, undefined)).toBe('9 of 10');
    expect(scoreInWords({ score: 6, survey: survey('ces') }, undefined)).toBe('6 of 7');
    expect(scoreInWords({ score: 12, survey: survey('custom') }, undefined)).toBe('Score 12');
    expect(scoreInWords({ survey: survey('csat') }, form)).toBe(null);
  });

  it('belongs to a survey with a name', () => {
    expect(surveyTitle({ id: 'csat', kind: 'csat' })).toBe('Satisfaction (CSAT)');
    expect(surveyTitle({ id: 'order-check', kind: 'custom' })).toBe('Order check');
  });
});
