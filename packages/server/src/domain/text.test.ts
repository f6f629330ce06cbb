import type { TextNode } from '@sveiki/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseText, safeHref, storedBlocks } from './text.ts';

const paragraph = (...children: Extract<TextNode, { kind: 'paragraph' }>['children']): TextNode => ({
  kind: 'paragraph',
  children,
});

describe('parseText', () => {
  it.each([
    ['Hello', undefined],
    ['Two\nlines', undefined],
    ['5 * 3 * 2 = 30', undefined],
    ['snake_case_name and # 1 | 2', undefined],
    ['<b>bold</b>', undefined],
    ['&lt;b&gt; &amp;', undefined],
    [
      '![x](https://example.com/x.png)',
      [paragraph('!', { kind: 'link', href: 'https://example.com/x.png', children: ['x'] })],
    ],
    ['# Not a heading *but this*', [paragraph('# Not a heading ', { kind: 'emphasis', children: ['but this'] })]],
    ['**a *b* c**', [paragraph({ kind: 'strong', children: ['a ', { kind: 'emphasis', children: ['b'] }, ' c'] })]],
    ['`code <b>`', [paragraph({ kind: 'code', text: 'code <b>' })]],
    ['```\nlet x = 1;\n```', [{ kind: 'code-block', text: 'let x = 1;' }]],
    ['```scarf', [{ kind: 'code-block', text: 'scarf' }]],
    ['> said\n\nme', [{ kind: 'quote', children: [paragraph('said')] }, paragraph('me')]],
    ['- a\n- b', [{ kind: 'list', ordered: false, start: 1, items: [[paragraph('a')], [paragraph('b')]] }]],
    ['3. c\n4. d', [{ kind: 'list', ordered: true, start: 3, items: [[paragraph('c')], [paragraph('d')]] }]],
    [
      'see https://example.com/a?b=c.',
      [
        paragraph(
          'see ',
          { kind: 'link', href: 'https://example.com/a?b=c', children: ['https://example.com/a?b=c'] },
          '.',
        ),
      ],
    ],
    ['[call](tel:+37120000000)', [paragraph({ kind: 'link', href: 'tel:+37120000000', children: ['call'] })]],
    ['*a*\nb', [paragraph({ kind: 'emphasis', children: ['a'] }, { kind: 'break' }, 'b')]],
    ['\\*literally\\*', [paragraph('*literally*')]],
  ])('reads %j', (source, tree) => {
    expect(parseText(source)).toEqual(tree);
  });

  it('makes no link of a dangerous address, however it is written', () => {
    const schemes = [
      'javascript:',
      'JaVaScRiPt:',
      'java\tscript:',
      ' javascript:',
      '\u0001javascript:',
      'data:text/html,',
      'vbscript:',
      'file:///',
      'blob:',
      'ftp://',
      '//evil.example',
      '/relative',
      '#x',
    ];
    for (const scheme of schemes) {
      expect(safeHref(`${scheme}alert(1)`), scheme).toBeNull();
      for (const source of [
        `[x](${scheme}alert(1))`,
        `<${scheme}alert(1)>`,
        `[x](<${scheme}alert(1)>)`,
        `[x]( ${scheme}alert(1) "t")`,
      ]) {
        expect(JSON.stringify(parseText(source) ?? []), source).not.toContain('"href"');
      }
    }
  });

  it('loses no word of a text, whatever marks stand around it', () => {
    const words = ['scarf', 'заказ', 'pasūtījums', 'طلب'];
    const flat = (node: unknown): string =>
      typeof node === 'string'
        ? node
        : typeof node !== 'object' || node === null
          ? ''
          : 'text' in node
            ? String(node.text)
            : Object.values(node).flat(2).map(flat).join(' ');
    const piece = fc.constantFrom(...words, '**', '_', '`', '1. ', '- ', '> ', '\n');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const source = pieces.join('');
        const tree = parseText(source);
        const all = tree === undefined ? source : tree.map(flat).join(' ');
        for (const word of words) expect(all.split(word).length).toBe(source.split(word).length);
      }),
    );
  });

  it.each(['*', '_', '`', '[', '](', '> ', '- ', '**a', '<a', '[a](', '\\', '``` \n', 'mailto:', 'http://a.'])(
    'lives through 16 KiB of %j',
    (piece) => {
      expect(() => parseText(piece.repeat(Math.floor(16_384 / piece.length)))).not.toThrow();
    },
  );
});

describe('storedBlocks', () => {
  it('keeps exactly what was typed', () => {
    expect(storedBlocks([{ kind: 'text', text: '  a\r\n\tb  ' }])).toEqual([{ kind: 'text', text: '  a\r\n\tb  ' }]);
  });

  it('refuses nothing and too much, counted in bytes', () => {
    expect(storedBlocks([{ kind: 'text', text: ' \n\t' }])).toEqual({ refused: 'empty-message' });
    expect(storedBlocks([{ kind: 'text', text: 'ж'.repeat(8_192) }])).toHaveLength(1);
    expect(storedBlocks([{ kind: 'text', text: 'ж'.repeat(8_193) }])).toEqual({ refused: 'too-large' });
    expect(storedBlocks([{ kind: 'text', text: '😀'.repeat(4_096) }])).toHaveLength(1);
    expect(storedBlocks([{ kind: 'text', text: '😀'.repeat(4_097) }])).toEqual({ refused: 'too-large' });
  });

  it('gives a message trees of 2,000 nodes together, and leaves the rest as it was typed', () => {
    // A list, an item, a paragraph and a word each.
    const list = (items: number) => ({ kind: 'text', text: '\n\n- a\n\nb'.repeat(items) }) as const;
    const stored = storedBlocks([list(200), list(400), { kind: 'text', text: '**b**' }]);
    expect(stored).toEqual([
      expect.objectContaining({ tree: expect.any(Array) }),
      list(400),
      expect.objectContaining({ tree: expect.any(Array) }),
    ]);
  });
});
