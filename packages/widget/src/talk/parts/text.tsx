import type { Inline, TextNode } from '@sveiki/sdk';
import type { ComponentChildren } from 'preact';
import { safeHref } from '../href.ts';

/** Deeper than people write. What lies below is left out, so that no message can be too deep to draw. */
const maxDepth = 16;

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const string = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A link that opens a page of its own; where it must not lead, only its words. */
export function link(to: unknown, words: ComponentChildren): ComponentChildren {
  const href = safeHref(to);
  return href === undefined ? (
    words
  ) : (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {words}
    </a>
  );
}

/**
 * The tree of a message as elements. It came over the wire: every value is looked at before it is used, so that an object can never pass for an
 * element, and what is not known is left out.
 */
function inline(value: unknown, depth: number): ComponentChildren {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || depth > maxDepth) return null;
  const node = value as Exclude<Inline, string>;
  const children = () => list('children' in node && node.children).map((child) => inline(child, depth + 1));
  switch (node.kind) {
    case 'strong':
      return <strong>{children()}</strong>;
    case 'emphasis':
      return <em>{children()}</em>;
    case 'code':
      return <code>{string(node.text)}</code>;
    case 'break':
      return <br />;
    case 'link':
      return link(node.href, children());
  }
}

function block(value: unknown, depth: number): ComponentChildren {
  if (typeof value !== 'object' || value === null || depth > maxDepth) return null;
  const node = value as TextNode;
  const blocks = (children: unknown) => list(children).map((child) => block(child, depth + 1));
  switch (node.kind) {
    case 'paragraph':
      return <p>{list(node.children).map((child) => inline(child, depth + 1))}</p>;
    case 'quote':
      return <blockquote>{blocks(node.children)}</blockquote>;
    case 'code-block':
      return (
        <pre>
          <code>{string(node.text)}</code>
        </pre>
      );
    case 'list': {
      const items = list(node.items).map((item) => <li>{blocks(item)}</li>);
      return node.ordered ? <ol start={Number(node.start) || 1}>{items}</ol> : <ul>{items}</ul>;
    }
  }
}

/** The blocks of a message; a block without a tree, or of a kind that is not known here, is its plain text. */
export const renderBlocks = (blocks: unknown): ComponentChildren =>
  list(blocks).map((value) => {
    if (typeof value !== 'object' || value === null) return null;
    const { tree, text } = value as { tree?: unknown; text?: unknown };
    return Array.isArray(tree) ? tree.map((node) => block(node, 0)) : <p>{string(text)}</p>;
  });

/** What a screen reader says for the same: the words without any markup. */
export function spoken(value: unknown, depth = 0): string {
  if (typeof value === 'string') return value;
  if (depth > maxDepth || typeof value !== 'object' || value === null) return '';
  if (Array.isArray(value)) return value.map((item) => spoken(item, depth + 1)).join('');
  const { kind, tree, text, children, items } = value as Record<string, unknown>;
  const words = spoken(Array.isArray(tree) ? tree : (text ?? children ?? items), depth + 1);
  return /^(strong|emphasis|code|link)$/.test(string(kind)) ? words : `${words} `;
}
