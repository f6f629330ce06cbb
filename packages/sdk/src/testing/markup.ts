import type { Inline, TextBlock, TextNode } from '@sveiki/protocol';

/**
 * The block the fake server stores for a text: its tree when there is markup. Only the inline part of SPEC "Text" and quotes, enough to see that
 * trees are shown; what it does not know stays plain text, as it may by the rules.
 */
export function storedBlock(text: string): TextBlock {
  const tree = text
    .split(/\n{2,}/)
    .filter((part) => part !== '')
    .map(node);
  const isPlain = tree.every(
    ({ kind, ...rest }) => kind === 'paragraph' && 'children' in rest && rest.children.every(isPlainInline),
  );
  return isPlain ? { kind: 'text', text } : { kind: 'text', text, tree };
}

const isPlainInline = (part: Inline | TextNode) => typeof part === 'string' || part.kind === 'break';

function node(part: string): TextNode {
  const lines = part.split('\n');
  if (lines.every((line) => line.startsWith('>'))) {
    return { kind: 'quote', children: [node(lines.map((line) => line.replace(/^> ?/, '')).join('\n'))] };
  }
  return {
    kind: 'paragraph',
    children: lines.flatMap((line, i): Inline[] => [...(i > 0 ? [{ kind: 'break' } as const] : []), ...inline(line)]),
  };
}

const marks = /\*\*(?<strong>[^*]+)\*\*|\*(?<emphasis>[^*]+)\*|`(?<code>[^`]+)`|(?<link>https?:\/\/[^\s<>]+)/;

function inline(text: string): Inline[] {
  const found = marks.exec(text);
  if (found === null) return text === '' ? [] : [text];
  const { strong, emphasis, code, link } = found.groups ?? {};
  const part: Inline =
    strong !== undefined
      ? { kind: 'strong', children: [strong] }
      : emphasis !== undefined
        ? { kind: 'emphasis', children: [emphasis] }
        : code !== undefined
          ? { kind: 'code', text: code }
          : { kind: 'link', href: link ?? '', children: [link ?? ''] };
  return [...inline(text.slice(0, found.index)), part, ...inline(text.slice(found.index + found[0].length))];
}
