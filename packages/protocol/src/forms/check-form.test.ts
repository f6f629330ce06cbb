import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAnswers } from './answers.ts';
import { checkForm } from './check-form.ts';
import { FORM_LIMITS } from './form.ts';

const label = 'L';
const options = [{ value: 'a', label }];
const found = (...fields: unknown[]): string[] =>
  checkForm({ id: 'f', purpose: 'in-chat', fields }).map(({ path, code }) => `${path} ${code}`);

describe('checkForm', () => {
  it.each<[string, unknown[], string[]]>([
    [
      'an id used twice',
      [
        { id: 'a', kind: 'text', label },
        { id: 'a', kind: 'text', label },
      ],
      ['fields[1].id doubled-id'],
    ],
    ['an id of every object', [{ id: '__proto__', kind: 'text', label }], ['fields[0].id shape']],
    ['an unknown kind', [{ id: 'a', kind: 'file', label }], ['fields[0].kind shape']],
    ['a field without a label', [{ id: 'a', kind: 'text' }], ['fields[0].label shape']],
    ['a setting of another kind', [{ id: 'a', kind: 'text', label, min: 1 }], ['fields[0].min shape']],
    ['no fields', [], ['fields shape']],
    [
      'too many fields',
      Array.from({ length: FORM_LIMITS.maxFields + 1 }, (_, i) => ({ id: `a${i}`, kind: 'text', label })),
      ['fields shape'],
    ],
    ['nothing to choose', [{ id: 'a', kind: 'select', label }], ['fields[0].options no-options']],
    [
      'nothing to choose of several',
      [{ id: 'a', kind: 'multi-select', label, options: [] }],
      ['fields[0].options no-options'],
    ],
    [
      'a department without teams: the relay fills them in',
      [{ id: 'a', kind: 'department', label, default: 'sales' }],
      [],
    ],
    [
      'an option twice',
      [{ id: 'a', kind: 'radio', label, options: [...options, ...options] }],
      ['fields[0].options[1].value doubled-option'],
    ],
    ['numbers the wrong way round', [{ id: 'a', kind: 'number', label, min: 5, max: 4 }], ['fields[0].min bad-bounds']],
    [
      'dates the wrong way round',
      [{ id: 'a', kind: 'date', label, min: '2026-02-01', max: '2026-01-01' }],
      ['fields[0].min bad-bounds'],
    ],
    [
      'more choices than there are',
      [{ id: 'a', kind: 'multi-select', label, options, min: 2 }],
      ['fields[0].min bad-bounds'],
    ],
    [
      'lengths the wrong way round',
      [{ id: 'a', kind: 'text', label, minLength: 5, maxLength: 4 }],
      ['fields[0].minLength bad-bounds'],
    ],
    [
      'more room than there is',
      [{ id: 'a', kind: 'text', label, maxLength: 5_000 }],
      ['fields[0].maxLength bad-bounds'],
    ],
    ['a mask that is none', [{ id: 'a', kind: 'text', label, pattern: '+#' }], ['fields[0].pattern bad-pattern']],
    ['a mask nothing fits', [{ id: 'a', kind: 'text', label, pattern: '#+#' }], ['fields[0].pattern bad-pattern']],
    [
      'a mask nothing fits, over classes',
      [{ id: 'a', kind: 'text', label, pattern: '*+@' }],
      ['fields[0].pattern bad-pattern'],
    ],
    ['a mask with a sign between', [{ id: 'a', kind: 'text', label, pattern: '#+-#+' }], []],
    [
      'a default that is no answer',
      [{ id: 'a', kind: 'select', label, options, default: 'b' }],
      ['fields[0].default bad-default'],
    ],
    [
      'a point off the scale',
      [{ id: 'a', kind: 'rating', scale: 'csat', label, points: { 6: 'x' } }],
      ['fields[0].points.6 bad-point'],
    ],
    [
      'a condition on a field that is not there',
      [{ id: 'a', kind: 'text', label, when: { field: 'z', op: 'answered' } }],
      ['fields[0].when.field unknown-field'],
    ],
    [
      'a condition on a later field, inside others',
      [
        { id: 'a', kind: 'text', label, when: { and: [{ not: { field: 'b', op: 'answered' } }] } },
        { id: 'b', kind: 'text', label },
      ],
      ['fields[0].when.and[0].not.field later-field'],
    ],
    [
      'a field that waits for itself',
      [{ id: 'a', kind: 'text', label, when: { field: 'a', op: 'answered' } }],
      ['fields[0].when.field cycle'],
    ],
    [
      'fields that wait for each other',
      [
        { id: 'a', kind: 'text', label, when: { field: 'b', op: 'answered' } },
        { id: 'b', kind: 'text', label, when: { field: 'a', op: 'answered' } },
      ],
      ['fields[0].when.field cycle', 'fields[1].when.field cycle'],
    ],
    [
      'a choice that cannot be made',
      [
        { id: 'a', kind: 'radio', label, options },
        { id: 'b', kind: 'text', label, when: { field: 'a', op: 'is', value: 'z' } },
      ],
      ['fields[1].when bad-comparison'],
    ],
    [
      'a point that cannot be given',
      [
        { id: 'a', kind: 'rating', scale: 'nps', label },
        { id: 'b', kind: 'text', label, when: { field: 'a', op: 'at-most', value: 11 } },
      ],
      ['fields[1].when bad-comparison'],
    ],
    [
      'an order among texts',
      [
        { id: 'a', kind: 'text', label },
        { id: 'b', kind: 'text', label, when: { field: 'a', op: 'at-least', value: 'm' } },
      ],
      ['fields[1].when bad-comparison'],
    ],
    [
      'an answer of a header',
      [
        { id: 'a', kind: 'header', label },
        { id: 'b', kind: 'text', label, when: { field: 'a', op: 'answered' } },
      ],
      ['fields[1].when bad-comparison'],
    ],
    [
      'a placeholder for a later answer',
      [{ id: 'a', kind: 'text', label: { en: 'x', lv: '{{answer.a}}' } }],
      ['fields[0].label later-field'],
    ],
    [
      'a placeholder for nothing',
      [{ id: 'a', kind: 'text', label: '{{answer.z}}' }],
      ['fields[0].label unknown-field'],
    ],
    [
      'a placeholder that is none',
      [{ id: 'a', kind: 'text', label: '{{order}}' }],
      ['fields[0].label bad-placeholder'],
    ],
    ['an empty text', [{ id: 'a', kind: 'text', label: {} }], ['fields[0].label shape']],
  ])('finds %s', (_what, fields, problems) => {
    expect(found(...fields)).toEqual(problems);
  });

  it('counts the levels of a condition, and is not led down without end', () => {
    const nested = (levels: number): object =>
      levels === 0 ? { field: 'a', op: 'answered' } : { not: nested(levels - 1) };
    const first = { id: 'a', kind: 'text', label };
    const second = (levels: number): object => ({ id: 'b', kind: 'text', label, when: nested(levels) });
    expect(found(first, second(FORM_LIMITS.maxConditionDepth))).toEqual([]);
    expect(found(first, second(FORM_LIMITS.maxConditionDepth + 1))).toEqual(['fields[1].when shape']);
    expect(found(first, second(5_000))).toEqual(['fields[1].when shape']);
  });

  it('says in words what to do', () => {
    const [problem] = checkForm({ id: 'f', purpose: 'in-chat', fields: [{ id: 'a', kind: 'select', label }] });
    expect(problem?.message).toBe('There is nothing to choose. Give it options.');
    const [shape] = checkForm({ id: 'f', purpose: 'in-chat', fields: [{ id: 'A b', kind: 'text', label }] });
    expect(shape?.message).toContain('is no id');
  });

  it('takes anything without falling over, and a form it lets pass can be answered with anything', () => {
    const condition = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.record(
          {
            field: fc.constantFrom('a', 'b', 'c'),
            op: fc.constantFrom('is', 'answered', 'at-least', 'has'),
            value: fc.constantFrom<unknown>(1, true, 'a'),
          },
          { requiredKeys: ['field', 'op'] },
        ),
        fc.record({ and: fc.array(tie('any'), { maxLength: 3 }) }),
        fc.record({ not: tie('any') }),
      ),
    })).any;
    const id = fc.constantFrom('a', 'b', 'c');
    const named = (fields: object[], own: boolean): object[] =>
      own ? fields.map((one, i) => ({ ...one, id: 'abc'[i] })) : fields;
    const field = fc
      .tuple(
        fc.oneof(
          ...['text', 'number', 'date', 'checkbox', 'consent', 'hidden', 'header', 'department'].map((kind) =>
            fc.record({ id, kind: fc.constant(kind), label: fc.constantFrom('L', 'L', '{{answer.a}}', '{{') }),
          ),
          fc.record({ id, kind: fc.constant('rating'), label: fc.constant('L'), scale: fc.constant('csat') }),
          fc.record({ id, kind: fc.constant('radio'), label: fc.constant('L'), options: fc.constant(options) }),
        ),
        fc.option(condition, { freq: 1 }),
      )
      .map(([one, when]) => (when === null ? one : { ...one, when }));
    let passed = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.record({
            id: fc.constant('f'),
            purpose: fc.constant('link'),
            fields: fc
              .tuple(fc.array(field, { minLength: 1, maxLength: 3 }), fc.boolean())
              .map(([fields, own]) => named(fields, own)),
          }),
        ),
        fc.anything(),
        (definition, answers) => {
          if (checkForm(definition).length > 0) return;
          passed++;
          expect(checkAnswers(definition as Parameters<typeof checkAnswers>[0], answers)).toHaveProperty('ok');
        },
      ),
      { numRuns: 1_000 },
    );
    expect(passed).toBeGreaterThan(10);
  });
});
