import type { Block, Inline, TextNode } from '@sveiki/sdk/agent';
import type { ComponentChild } from 'preact';

/** Only these lead anywhere. The relay makes no others; this is the second lock on the same door. */
export function safeHref(href: string): string | null {
  return /^(https?:\/\/|mailto:|tel:)/i.test(href) ? href : null;
}

/** Blocks as the visitor sees them: the relay's syntax tree straight to elements, never through HTML. Unknown kinds are their plain text. */
export function MessageText({ blocks }: { blocks: readonly Block[] }) {
  return (
    <div class="prose" dir="auto">
      {blocks.map((block, index) =>
        block.kind !== 'text' || !('tree' in block) || block.tree === undefined ? (
          <p key={index} class="plain" dir="auto">
            {block.text}
          </p>
        ) : (
          block.tree.map(drawNode)
        ),
      )}
    </div>
  );
}

function drawNode(node: TextNode, index: number): ComponentChild {
  switch (node.kind) {
    case 'paragraph':
      return (
        <p key={index} dir="auto">
          {node.children.map(drawInline)}
        </p>
      );
    case 'list': {
      const items = node.items.map((item, at) => <li key={at}>{item.map(drawNode)}</li>);
      return node.ordered ? (
        <ol key={index} start={node.start} dir="auto">
          {items}
        </ol>
      ) : (
        <ul key={index} dir="auto">
          {items}
        </ul>
      );
    }
    case 'quote':
      return (
        <blockquote key={index} dir="auto">
          {node.children.map(drawNode)}
        </blockquote>
      );
    case 'code-block':
      return (
        <pre key={index} dir="ltr">
          <code>{node.text}</code>
        </pre>
      );
    default:
      return null;
  }
}

function drawInline(inline: Inline, index: number): ComponentChild {
  if (typeof inline === 'string') return inline;
  switch (inline.kind) {
    case 'strong':
      return <strong key={index}>{inline.children.map(drawInline)}</strong>;
    case 'emphasis':
      return <em key={index}>{inline.children.map(drawInline)}</em>;
    case 'code':
      return <code key={index}>{inline.text}</code>;
    case 'break':
      return <br key={index} />;
    case 'link': {
      const href = safeHref(inline.href);
      const words = inline.children.map(drawInline);
      if (href === null) return <span key={index}>{words}</span>;
      return (
        <a key={index} href={href} target="_blank" rel="noopener noreferrer nofollow">
          {words}
        </a>
      );
    }
    default:
      return null;
  }
}
