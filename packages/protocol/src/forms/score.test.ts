import { describe, expect, it } from 'vitest';
import type { FormDefinition } from './form.ts';
import { scoreForm } from './score.ts';

const form: FormDefinition = {
  id: 'fit',
  purpose: 'link',
  fields: [
    {
      id: 'size',
      kind: 'radio',
      label: 'Size',
      options: [
        { value: 's', label: 'S', score: 1 },
        { value: 'l', label: 'L', score: 5 },
        { value: 'x', label: '?' },
      ],
    },
    {
      id: 'wants',
      kind: 'multi-select',
      label: 'Wants',
      options: [
        { value: 'a', label: 'A', score: 3 },
        { value: 'b', label: 'B', score: -2 },
      ],
    },
    { id: 'urgent', kind: 'checkbox', label: 'Urgent', score: 10 },
    {
      id: 'mood',
      kind: 'rating',
      scale: 'csat',
      label: 'Mood',
      weight: 2,
      when: { field: 'size', op: 'is', value: 's' },
    },
    { id: 'note', kind: 'text', label: 'Note' },
  ],
};

describe('scoreForm', () => {
  it('adds options, ticks and weighted points, beside what they could have been', () => {
    expect(scoreForm(form, { size: 's', wants: ['a', 'b'], urgent: true, mood: 4 })).toEqual({
      total: 1 + 1 + 10 + 8,
      min: 0 - 2 + 0 + 2,
      max: 5 + 3 + 10 + 10,
    });
  });

  it('leaves out what is not shown or not answered', () => {
    expect(scoreForm(form, { size: 'l', mood: 5 })).toEqual({ total: 5, min: 0, max: 15 });
  });

  it('is null when nothing is scored', () => {
    expect(scoreForm({ ...form, fields: form.fields.slice(4) }, { note: 'hello' })).toBeNull();
  });
});
