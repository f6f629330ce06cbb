import { render } from 'preact';
import { describe, expect, it, vi } from 'vitest';
import { drawn } from '../testing/screen.tsx';
import { LogEntry } from './log-entry.tsx';
import { MessageText } from './message-text.tsx';

function draw(...nodes: unknown[]): HTMLElement {
  const root = document.createElement('div');
  render(<MessageText blocks={[{ kind: 'text', text: 'plain', tree: nodes as never }]} />, root);
  return root;
}
const paragraph = (...children: unknown[]) => ({ kind: 'paragraph', children });

describe('a message', () => {
  it('is drawn from its syntax tree', () => {
    const root = draw(
      paragraph('Hello ', { kind: 'strong', children: ['Mia'] }, { kind: 'break' }, { kind: 'code', text: 'x < y' }),
      { kind: 'list', ordered: true, start: 3, items: [[paragraph('Third')]] },
      { kind: 'quote', children: [paragraph({ kind: 'emphasis', children: ['quoted'] })] },
      { kind: 'code-block', text: '<b>no tag</b>' },
    );
    expect(root.querySelector('p strong')?.textContent).toBe('Mia');
    expect(root.querySelector('ol')?.getAttribute('start')).toBe('3');
    expect(root.querySelector('blockquote em')?.textContent).toBe('quoted');
    expect(root.querySelector('pre code')?.textContent).toBe('<b>no tag</b>');
    expect(root.querySelector('pre b')).toBe(null);
  });

  it('opens links elsewhere and without a word about us', () => {
    const link = draw(paragraph({ kind: 'link', href: 'https://example.com/a?b', children: ['there'] })).querySelector(
      'a',
    );
    expect([link?.getAttribute('href'), link?.target, link?.rel]).toEqual([
      'https://example.com/a?b',
      '_blank',
      'noopener noreferrer nofollow',
    ]);
  });

  it.each([
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    '//evil.example',
    '',
  ])('makes no link of %j', (href) => {
    const root = draw(paragraph({ kind: 'link', href, children: ['click'] }));
    expect([root.querySelector('a'), root.textContent]).toEqual([null, 'click']);
  });

  it('keeps lines and direction of plain text, markup or not', () => {
    const root = document.createElement('div');
    render(<MessageText blocks={[{ kind: 'text', text: '<img src=x onerror=alert(1)>\nمرحبا' }]} />, root);
    expect(root.querySelector('img')).toBe(null);
    expect(root.querySelector('p')?.textContent).toBe('<img src=x onerror=alert(1)>\nمرحبا');
    expect(root.querySelector('p')?.getAttribute('dir')).toBe('auto');
  });

  it('leaves out what it does not know', () => {
    expect(draw({ kind: 'hologram' }, paragraph({ kind: 'blink', children: ['x'] }, 'rest')).textContent).toBe('rest');
  });

  it('that cannot be drawn breaks only its own place', async () => {
    const loud = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const root = document.createElement('ol');
    const actions = { retry() {}, discard() {}, edit() {} };
    const spoken = {
      side: 'visitor',
      author: 'Mia',
      authorId: 'mia',
      face: 'Mia',
      at: 0,
      time: '12:00',
      first: true,
      last: true,
    } as const;
    const broken = [{ kind: 'text', text: 'x', tree: [{ kind: 'paragraph', children: null }] }] as never;
    render(
      <>
        <LogEntry entry={{ kind: 'message', key: '1', blocks: broken, delivery: null, ...spoken }} actions={actions} />
        <LogEntry
          entry={{ kind: 'message', key: '2', blocks: [{ kind: 'text', text: 'fine' }], delivery: null, ...spoken }}
          actions={actions}
        />
      </>,
      root,
    );
    await drawn();
    expect([...root.querySelectorAll('.bubble')].map((bubble) => bubble.textContent)).toEqual([
      'This message cannot be shown.',
      'fine',
    ]);
    loud.mockRestore();
  });
});
