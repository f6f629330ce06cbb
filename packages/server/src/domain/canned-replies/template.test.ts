import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTemplate } from './template.ts';

const codes = (source: string, declared: string[] = []): string[] => {
  const parsed = parseTemplate(source, declared);
  return parsed.ok ? [] : parsed.errors.map(({ code }) => code);
};

describe('parseTemplate', () => {
  it('reads text, values, defaults, questions and conditions', () => {
    expect(
      parseTemplate(
        'Hi {{visitor.name|there}}, {{ order }}{{#if order}}!{{else}}{{ask: Order  number | none}}{{/if}}',
        ['order'],
      ),
    ).toEqual({
      ok: true,
      nodes: [
        { kind: 'text', text: 'Hi ' },
        { kind: 'value', name: 'visitor.name', label: null, default: 'there' },
        { kind: 'text', text: ', ' },
        { kind: 'value', name: 'order', label: null, default: null },
        {
          kind: 'if',
          name: 'order',
          content: [{ kind: 'text', text: '!' }],
          otherwise: [{ kind: 'value', name: 'ask:order number', label: 'Order number', default: 'none' }],
        },
      ],
    });
  });

  it.each([
    ['\\{{visitor.name}}', '{{visitor.name}}'],
    ['a } b }} c { d', 'a } b }} c { d'],
    ['\\\\\\{{', '\\\\{{'],
  ])('takes %j for text', (source, text) => {
    expect(parseTemplate(source)).toEqual({ ok: true, nodes: [{ kind: 'text', text }] });
  });

  it('reads a tag behind an even number of backslashes, which are Markdown’s', () => {
    expect(parseTemplate('\\\\{{site.name}}')).toMatchObject({
      nodes: [{ text: '\\\\' }, { kind: 'value', name: 'site.name' }],
    });
  });

  it.each([
    ['Hi {{visitor.name', 'unclosed-tag'],
    ['{{visitor.name {{site.name}}', 'unclosed-tag'],
    ['{{ }}', 'empty-tag'],
    ['{{order}}', 'unknown-name'],
    ['{{visitor.password}}', 'unknown-name'],
    ['{{__proto__}}', 'bad-name'],
    ['{{constructor}}', 'unknown-name'],
    ['{{visitor.constructor}}', 'unknown-name'],
    ['{{visitor.name.length}}', 'bad-name'],
    ['{{visitor["name"]}}', 'bad-name'],
    ['{{alert(1)}}', 'bad-name'],
    ['{{#each order}}', 'bad-name'],
    ['{{> header}}', 'bad-name'],
    ['{{#if}}x{{/if}}', 'bad-name'],
    ['{{#if toString}}x{{/if}}', 'unknown-name'],
    ['{{ask:}}', 'bad-label'],
    [`{{ask:${'x'.repeat(81)}}}`, 'bad-label'],
    [`{{site.name|${'x'.repeat(201)}}}`, 'default-too-long'],
    ['{{#if site.name}}x', 'unclosed-if'],
    ['x{{/if}}', 'unexpected-end'],
    ['{{else}}', 'unexpected-else'],
    ['{{#if site.name}}{{else}}{{else}}{{/if}}', 'unexpected-else'],
    ['x'.repeat(8_001), 'too-long'],
    ['{{site.name}}'.repeat(51), 'too-many-tags'],
    ['{{#if site.name}}'.repeat(4), 'too-deep'],
  ])('names what is wrong with %.40j: %s', (source, code) => {
    expect(codes(source)).toContain(code);
  });

  it('says where, what and how to mend it, for several mistakes at once', () => {
    const parsed = parseTemplate('Hello\n  {{nmae}} and {{ }}');
    expect(parsed).toMatchObject({
      ok: false,
      errors: [
        { code: 'unknown-name', line: 2, column: 3, problem: expect.stringContaining('nmae') },
        { code: 'empty-tag', line: 2, column: 16, fix: expect.stringContaining('{{visitor.name}}') },
      ],
    });
  });

  it('lets a declared name be what it is, whatever objects inherit', () => {
    expect(codes('{{constructor}} {{hasOwnProperty}}', ['constructor', 'hasOwnProperty'])).toEqual([]);
  });

  it('answers any text with a tree or at most twenty errors, and never throws', () => {
    const pieces = [
      '{{',
      '}}',
      '{',
      '}',
      '\\',
      '#if ',
      '/if',
      'else',
      'ask:',
      '|',
      'site.name',
      '\n',
      'ж',
      ' ',
      '\u0000',
      '\ud800',
      '😀',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 60 }), (list) => {
        const parsed = parseTemplate(list.join(''));
        if (parsed.ok) return;
        expect(parsed.errors.length).toBeGreaterThan(0);
        expect(parsed.errors.length).toBeLessThanOrEqual(20);
        expect(Math.min(...parsed.errors.flatMap(({ line, column }) => [line, column]))).toBeGreaterThan(0);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(['{{', '}}', '{{{{', '\\', '{{#if site.name}}', '{{/if}}', '{{x', '{{|}}', '{'])(
    'lives through as much of %j as a body may have',
    (piece) => {
      expect(() => parseTemplate(piece.repeat(Math.floor(8_000 / piece.length)))).not.toThrow();
    },
  );
});
