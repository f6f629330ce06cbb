import type { Inline, TextNode } from '@sveiki/protocol';
import { parseText } from '../text.ts';
import { escapeHtml } from './escape.ts';

/** Markdown source as HTML of a few elements, all written here: what stands in the source is text or one of our nodes. */
export function toHtml(source: string): string {
  const tree = parseText(source);
  return tree === undefined ? plainParagraphs(source) : tree.map(blockHtml).join('\n');
}

/** Markdown source as plain text for mail: no marks, addresses written out, lines ended by `\n`. */
export function toMailText(source: string): string {
  const tree = parseText(source);
  return tree === undefined ? source.trim() : tree.map(blockText).join('\n\n');
}

function plainParagraphs(source: string): string {
  return source
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${escapeHtml(paragraph).replaceAll('\n', '<br>')}</p>`)
    .join('\n');
}

function blockHtml(node: TextNode): string {
  switch (node.kind) {
    case 'paragraph':
      return `<p>${node.children.map(inlineHtml).join('')}</p>`;
    case 'quote':
      return `<blockquote>${node.children.map(blockHtml).join('\n')}</blockquote>`;
    case 'code-block':
      return `<pre><code>${escapeHtml(node.text)}</code></pre>`;
    case 'list': {
      const items = node.items.map((item) => `<li>${item.map(blockHtml).join('\n')}</li>`).join('');
      const start = node.start === 1 ? '' : ` start="${node.start}"`;
      return node.ordered ? `<ol${start}>${items}</ol>` : `<ul>${items}</ul>`;
    }
  }
}

function inlineHtml(inline: Inline): string {
  if (typeof inline === 'string') return escapeHtml(inline);
  switch (inline.kind) {
    case 'break':
      return '<br>';
    case 'code':
      return `<code>${escapeHtml(inline.text)}</code>`;
    case 'strong':
      return `<strong>${inline.children.map(inlineHtml).join('')}</strong>`;
    case 'emphasis':
      return `<em>${inline.children.map(inlineHtml).join('')}</em>`;
    case 'link': {
      const label = inline.children.map(inlineHtml).join('');
      return `<a href="${escapeHtml(inline.href)}" rel="noopener noreferrer">${label}</a>`;
    }
  }
}

function blockText(node: TextNode): string {
  switch (node.kind) {
    case 'paragraph':
      return node.children.map(inlineText).join('');
    case 'quote':
      return indent(node.children.map(blockText).join('\n\n'), '> ', '> ');
    case 'code-block':
      return node.text;
    case 'list':
      return node.items
        .map((item, i) => {
          const mark = node.ordered ? `${node.start + i}. ` : '- ';
          return indent(item.map(blockText).join('\n'), mark, ' '.repeat(mark.length));
        })
        .join('\n');
  }
}

const indent = (text: string, first: string, others: string): string =>
  text
    .split('\n')
    .map((line, i) => (i === 0 ? first : others) + line)
    .join('\n');

function inlineText(inline: Inline): string {
  if (typeof inline === 'string') return inline;
  if (inline.kind === 'break') return '\n';
  if (inline.kind === 'code') return inline.text;
  const text = inline.children.map(inlineText).join('');
  return inline.kind === 'link' && text !== inline.href ? `${text} <${inline.href}>` : text;
}
