import * as v from 'valibot';
import { expect, it } from 'vitest';
import { type TextNode, textNodeSchema } from './block.ts';

it('reads a tree once, however deep it is', () => {
  let asked = 0;
  let node: TextNode = { kind: 'paragraph', children: ['Hello'] };
  for (let depth = 0; depth < 18; depth++) {
    const children: TextNode[] = [node];
    node = Object.defineProperty({ children } as unknown as TextNode, 'kind', {
      enumerable: true,
      get: () => {
        asked++;
        return 'quote';
      },
    });
  }
  expect(v.safeParse(textNodeSchema, node).success).toBe(true);
  expect(asked).toBeLessThan(18 * 10);
});

it('takes no node of a kind that is not there, and no address but those that are safe', () => {
  const link = (href: string) => ({ kind: 'paragraph', children: [{ kind: 'link', href, children: ['a'] }] });
  expect(v.safeParse(textNodeSchema, link('https://shop.example')).success).toBe(true);
  expect(v.safeParse(textNodeSchema, link('javascript:alert(1)')).success).toBe(false);
  expect(v.safeParse(textNodeSchema, { kind: 'html', text: '<b>' }).success).toBe(false);
  expect(v.safeParse(textNodeSchema, { kind: 'paragraph', children: [{ kind: 'quote', children: [] }] }).success).toBe(
    false,
  );
});
