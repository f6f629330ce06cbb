import { type Block, type FileBlock, type Inline, LIMITS, type OutgoingBlock, type TextNode } from '@sveiki/protocol';
import MarkdownIt from 'markdown-it';
import { type Refusal, refuse } from './refusal.ts';

/*
 * The Markdown subset of SPEC "Text": strong, emphasis, code, links, lists, quotes, code blocks, line breaks. No HTML, images, headings or
 * tables: what people type with `#` or `|` in it is meant literally. Entities stay as typed. Links are made here and nowhere else.
 */
const markdown = new MarkdownIt({
  html: false,
  linkify: true,
  breaks: true,
  typographer: false,
  maxNesting: 20,
}).disable(
  [
    'heading',
    'lheading',
    'hr',
    'table',
    'html_block',
    'html_inline',
    'image',
    'reference',
    'code',
    'entity',
    'strikethrough',
  ],
  true,
);
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
markdown.validateLink = (href) => safeHref(href) !== null;

type Token = ReturnType<typeof markdown.parse>[number];

/** The address if it may be linked (http, https, mailto, tel), else null. The only function that decides this on the relay. */
export function safeHref(href: string): string | null {
  return /^(?:https?:\/\/[^/]|mailto:[^/]|tel:[+0-9])/i.test(href) && !hasControl(href)
    ? href.replace(/^[a-z]+/i, (scheme) => scheme.toLowerCase())
    : null;
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) <= 32 || text.charCodeAt(i) === 127) return true;
  return false;
}

/** Whether a text can have any markup at all: most messages cannot, and skip the parser. */
const MAYBE_MARKUP = /[*_`[\]<\\]|:\/\/|mailto:|^\s{0,3}(?:>|[-+]\s|\d+[.)]\s|~~~)/m;

/** Nodes that all trees of a message may have together. Elements cost its readers far more than letters: beyond, a text stays as it was typed. */
const MAX_NODES = 2_000;

/** The syntax tree of a source, or undefined when it is plain lines. */
export function parseText(source: string): TextNode[] | undefined {
  if (!MAYBE_MARKUP.test(source)) return undefined;
  const tree = blocks(markdown.parse(source, {}), 0).nodes;
  return isPlain(tree, source) ? undefined : tree;
}

/** Blocks as they are stored, or why they cannot be: every text within its limit, something said at all, each file there and the sender's own. */
export function storedBlocks(
  outgoing: readonly OutgoingBlock[],
  fileOf: (id: string) => FileBlock | null = () => null,
): Block[] | Refusal {
  if (outgoing.every((block) => block.kind !== 'file' && block.text.trim() === '')) return refuse('empty-message');
  if (outgoing.some((block) => utf8Bytes(block.text) > LIMITS.maxTextBytes)) return refuse('too-large');
  const files = outgoing.flatMap((block) => (block.kind === 'file' ? [block.id] : []));
  if (new Set(files).size < files.length || files.some((id) => fileOf(id) === null)) return refuse('no-such-file');
  let room = MAX_NODES;
  return outgoing.map((block) => {
    if (block.kind === 'file') return fileOf(block.id) as FileBlock;
    if (block.kind !== 'text') return block;
    const { kind, text } = block;
    const tree = parseText(text);
    const count = nodesIn(tree ?? []);
    if (tree === undefined || count > room) return { kind, text };
    room -= count;
    return { kind, text, tree };
  });
}

function nodesIn(nodes: readonly (TextNode | Inline | TextNode[])[]): number {
  let count = nodes.length;
  for (const node of nodes) {
    if (typeof node === 'string') continue;
    if (Array.isArray(node)) count += nodesIn(node);
    else if ('children' in node) count += nodesIn(node.children);
    else if ('items' in node) count += nodesIn(node.items);
  }
  return count;
}

function utf8Bytes(text: string): number {
  if (text.length * 3 <= LIMITS.maxTextBytes) return text.length;
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate pair is four bytes in two units.
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : unit >= 0xd800 && unit <= 0xdfff ? 2 : 3;
  }
  return bytes;
}

function isPlain(tree: readonly TextNode[], source: string): boolean {
  if (!tree.every((node) => node.kind === 'paragraph')) return false;
  if (!tree.every((node) => node.children.every((child) => typeof child === 'string' || child.kind === 'break')))
    return false;
  const flat = tree
    .map((node) => node.children.map((child) => (typeof child === 'string' ? child : '\n')).join(''))
    .join('\n\n');
  return flat === source.trim();
}

/** Turns the tokens from `from` up to the close of its level into nodes. */
function blocks(tokens: readonly Token[], from: number): { nodes: TextNode[]; next: number } {
  const nodes: TextNode[] = [];
  let i = from;
  while (i < tokens.length) {
    const token = tokens[i] as Token;
    switch (token.type) {
      case 'paragraph_open': {
        nodes.push({ kind: 'paragraph', children: inlines(tokens[i + 1]?.children ?? []) });
        i += 3;
        break;
      }
      case 'fence':
        // What stands behind the opening fence (a language, or words of somebody who never heard of fences) is not lost.
        nodes.push({
          kind: 'code-block',
          text: `${token.info && `${token.info}\n`}${token.content}`.replace(/\n$/, ''),
        });
        i += 1;
        break;
      case 'blockquote_open': {
        const inner = blocks(tokens, i + 1);
        nodes.push({ kind: 'quote', children: inner.nodes });
        i = inner.next;
        break;
      }
      case 'bullet_list_open':
      case 'ordered_list_open': {
        const items: TextNode[][] = [];
        const start = Number(token.attrGet('start') ?? 1);
        i += 1;
        while (tokens[i]?.type === 'list_item_open') {
          const inner = blocks(tokens, i + 1);
          items.push(inner.nodes);
          i = inner.next;
        }
        i += 1;
        nodes.push({ kind: 'list', ordered: token.type === 'ordered_list_open', start, items });
        break;
      }
      default:
        // A closing token ends this level.
        return { nodes, next: i + 1 };
    }
  }
  return { nodes, next: i };
}

function inlines(tokens: readonly Token[]): Inline[] {
  const root: Inline[] = [];
  const levels: Inline[][] = [root];
  const add = (inline: Inline): void => {
    const level = levels.at(-1) as Inline[];
    const last = level.at(-1);
    if (typeof inline === 'string' && typeof last === 'string') level[level.length - 1] = last + inline;
    else if (inline !== '') level.push(inline);
  };
  const open = (inline: Inline & { children: Inline[] }): void => {
    add(inline);
    levels.push(inline.children);
  };
  for (const token of tokens) {
    if (token.type === 'text' || token.type === 'text_special') add(token.content);
    else if (token.type === 'code_inline') add({ kind: 'code', text: token.content });
    else if (token.type === 'softbreak' || token.type === 'hardbreak') add({ kind: 'break' });
    else if (token.type === 'strong_open') open({ kind: 'strong', children: [] });
    else if (token.type === 'em_open') open({ kind: 'emphasis', children: [] });
    else if (token.type === 'link_open')
      open({ kind: 'link', href: safeHref(String(token.attrGet('href') ?? '')) ?? 'https:', children: [] });
    else if (token.nesting === -1) levels.pop();
    else add(token.content);
  }
  return root;
}
