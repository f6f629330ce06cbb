import type { Block, Card, Inline, QuickReplies, TextNode } from '@sveiki/sdk/agent';
import type { ComponentChild } from 'preact';
import { texts } from '../texts.ts';
import { FilePiece } from './file-piece.tsx';
import { safeHref } from './href.ts';

/** Blocks as the visitor sees them: the relay's syntax tree straight to elements, never through HTML. Unknown kinds are their plain text. */
export function MessageText({ blocks }: { blocks: readonly Block[] }) {
  return (
    <div class="prose" dir="auto">
      {blocks.map(drawBlock)}
    </div>
  );
}

function drawBlock(block: Block, index: number): ComponentChild {
  if (block.kind === 'quick-replies') return <Choices key={index} block={block} />;
  if (block.kind === 'card') return <CardBlock key={index} block={block} />;
  if (block.kind === 'file') return <FilePiece key={block.id} file={block} />;
  if (block.kind === 'text' && block.tree !== undefined) return block.tree.map(drawNode);
  return (
    <p key={index} class="plain" dir="auto">
      {block.text}
    </p>
  );
}

/** The visitor presses these; here they say what he could choose. */
function Choices({ block }: { block: QuickReplies }) {
  return (
    <>
      {block.text !== '' && (
        <p class="plain" dir="auto">
          {block.text}
        </p>
      )}
      <ul class="choices" aria-label={texts.conversation.choices}>
        {block.replies.map(({ text }, index) => (
          <li key={index} dir="auto">
            {text}
          </li>
        ))}
      </ul>
    </>
  );
}

function CardBlock({ block }: { block: Card }) {
  return (
    <div class="card-block">
      <p class="card-title" dir="auto">
        {block.title}
      </p>
      {block.subtitle !== undefined && (
        <p class="hint" dir="auto">
          {block.subtitle}
        </p>
      )}
      {block.facts !== undefined && block.facts.length > 0 && (
        <dl class="card-facts">
          {block.facts.map(({ label, value }, index) => (
            <div key={index}>
              <dt>
                <bdi>{label}</bdi>
              </dt>
              <dd>
                <bdi>{value}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      )}
      {block.actions !== undefined && block.actions.length > 0 && (
        <ul class="choices" aria-label={texts.conversation.choices}>
          {block.actions.map((action, index) => {
            const href = action.kind === 'link' ? safeHref(action.href) : null;
            return (
              <li key={index} dir="auto">
                {href === null ? (
                  action.label
                ) : (
                  <a href={href} target="_blank" rel="noopener noreferrer nofollow">
                    {action.label}
                  </a>
                )}
              </li>
            );
          })}
        </ul>
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
