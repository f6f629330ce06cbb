import { render } from 'preact';
import { beforeEach, describe, expect, it } from 'vitest';
import { renderBlocks, spoken } from './text.tsx';

let place: HTMLElement;
beforeEach(() => {
  place = document.createElement('div');
});
const draw = (blocks: unknown) => {
  render(<div>{renderBlocks(blocks)}</div>, place);
  return place.firstElementChild!;
};
const paragraph = (...children: unknown[]) => ({ kind: 'paragraph', children });
const tree = (...nodes: unknown[]) => [{ kind: 'text', text: 'the source', tree: nodes }];

it('draws every kind of node', () => {
  const drawn = draw(
    tree(
      paragraph(
        'plain ',
        { kind: 'strong', children: ['strong ', { kind: 'emphasis', children: ['both'] }] },
        { kind: 'break' },
      ),
      { kind: 'list', ordered: true, start: 3, items: [[paragraph('three')], [paragraph('four')]] },
      { kind: 'list', ordered: false, start: 1, items: [[paragraph('one')]] },
      { kind: 'quote', children: [paragraph('quoted')] },
      { kind: 'code-block', text: '<b>' },
      paragraph({ kind: 'code', text: 'x' }, { kind: 'link', href: 'https://example.com', children: ['link'] }),
    ),
  );
  expect([...drawn.querySelectorAll('*')].map(({ localName }) => localName)).toEqual([
    ...[
      'p',
      'strong',
      'em',
      'br',
      'ol',
      'li',
      'p',
      'li',
      'p',
      'ul',
      'li',
      'p',
      'blockquote',
      'p',
      'pre',
      'code',
      'p',
      'code',
      'a',
    ],
  ]);
  expect(drawn.querySelector('ol')?.start).toBe(3);
  expect(drawn.textContent).toBe('plain strong boththreefouronequoted<b>xlink');
});

it('opens links elsewhere and gives them no way back', () => {
  const { href, target, rel } = draw(
    tree(paragraph({ kind: 'link', href: 'https://example.com', children: ['link'] })),
  ).querySelector('a')!;
  expect([href, target, rel]).toEqual(['https://example.com/', '_blank', 'noopener noreferrer']);
});

it('leaves the words of a link that leads nowhere good', () => {
  const drawn = draw(tree(paragraph({ kind: 'link', href: 'javascript:alert(1)', children: ['link'] })));
  expect(drawn.querySelector('a')).toBeNull();
  expect(drawn.textContent).toBe('link');
});

it('shows the plain text of blocks it does not know, and of those without a tree', () => {
  expect(
    draw([
      { kind: 'card', text: 'a card' },
      { kind: 'text', text: 'a text' },
    ]).textContent,
  ).toBe('a carda text');
});

describe('hostile values', () => {
  const vnode = {
    type: 'b',
    props: { children: 'boo', dangerouslySetInnerHTML: { __html: '<img src=x>' } },
    __v: 1,
    constructor: undefined,
  };
  const values: [string, unknown][] = [
    ['no list', 'text'],
    ['null', null],
    ['a number', 7],
    ['a vnode as block', [vnode]],
    ['a vnode as text', [{ kind: 'text', text: vnode }]],
    ['a vnode as tree', [{ kind: 'text', text: 'x', tree: vnode }]],
    ['a vnode as node', tree(vnode)],
    ['a vnode as inline', tree(paragraph(vnode))],
    ['a vnode as child', tree(paragraph({ kind: 'strong', children: [vnode] }))],
    ['a vnode as children', tree({ kind: 'paragraph', children: vnode })],
    ['a vnode as code', tree(paragraph({ kind: 'code', text: vnode }))],
    ['a vnode as code block', tree({ kind: 'code-block', text: vnode })],
    ['a vnode as address', tree(paragraph({ kind: 'link', href: vnode, children: ['x'] }))],
    ['a vnode as items', tree({ kind: 'list', ordered: true, start: vnode, items: vnode })],
    ['a vnode as item', tree({ kind: 'list', ordered: true, start: 1, items: [vnode] })],
    ['a vnode in an item', tree({ kind: 'list', ordered: true, start: 1, items: [[vnode]] })],
    ['an unknown node', tree({ kind: 'iframe', src: 'https://example.com' })],
    ['an unknown inline', tree(paragraph({ kind: 'image', src: 'x' }))],
    ['a kind from the prototype', tree({ kind: 'constructor' }, paragraph({ kind: '__proto__' }))],
    [
      'functions',
      tree(
        paragraph(() => 'x'),
        () => 'x',
      ),
    ],
    ['an object that is a string to some', tree(paragraph({ toString: () => 'x' }))],
  ];
  it.each(values)('draws %s without an element of its own', (_, blocks) => {
    const drawn = draw(blocks);
    expect(drawn.querySelector('b, img, iframe, script')).toBeNull();
    expect(drawn.textContent).not.toContain('boo');
  });

  it('draws no deeper than people write', () => {
    let deep: unknown = 'bottom';
    for (let i = 0; i < 100_000; i++) deep = { kind: 'strong', children: [deep] };
    const drawn = draw(tree(paragraph(deep)));
    expect(drawn.querySelectorAll('strong').length).toBeLessThan(20);
    expect(() => spoken(tree(paragraph(deep)))).not.toThrow();
  });
});

it('says the words without the markup', () => {
  expect(
    spoken(
      tree(
        paragraph(
          'Your ',
          { kind: 'strong', children: ['par', { kind: 'emphasis', children: ['cel'] }] },
          ' is',
          { kind: 'break' },
          'here',
        ),
        { kind: 'list', ordered: false, start: 1, items: [[paragraph('one')], [paragraph('two')]] },
      ),
    )
      .replace(/\s+/g, ' ')
      .trim(),
  ).toBe('Your parcel is here one two');
});
