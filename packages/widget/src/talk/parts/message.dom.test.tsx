import { signal } from '@preact/signals-core';
import type { Chat, Entry } from '@sveiki/sdk';
import { render } from 'preact';
import { expect, it, vi } from 'vitest';
import { createModel } from '../../panel/model.ts';
import { plainFormats } from '../formats.ts';
import type { Scene } from '../talk.tsx';
import { Message } from './message.tsx';

const entry = (key: string, blocks: unknown): Entry => ({
  key,
  event: { actor: { kind: 'agent', id: 'ada', name: 'Ada' }, body: { kind: 'message', blocks } } as never,
  delivery: null,
  text: null,
  at: 0,
  error: null,
});

it('says so when a message cannot be drawn, and draws the others', async () => {
  const scene = {
    _model: createModel({ tag: 'en', catalogue: undefined }, () => new Promise(() => {})),
    _chat: {} as Chat,
    _formats: signal(plainFormats),
    _now: signal(0),
  } as Partial<Scene> as Scene;
  const broken = new Proxy([], {
    get() {
      throw new Error('Broken on purpose.');
    },
  });
  const place = document.createElement('div');
  const draw = (blocks: unknown) => (
    <Message
      scene={scene}
      entry={entry(String(blocks), blocks)}
      author="Ada"
      isFirst={false}
      isLast={false}
      hasState={false}
    />
  );
  render(
    <ul>
      {draw([{ text: 'before' }])}
      <Message
        scene={scene}
        entry={entry('broken', broken)}
        author="Ada"
        isFirst={false}
        isLast={false}
        hasState={false}
      />
      {draw([{ text: 'after' }])}
    </ul>,
    place,
  );
  await vi.waitFor(
    () =>
      expect([...place.querySelectorAll('.bubble')].map(({ textContent }) => textContent)).toEqual([
        'before',
        'This message cannot be shown.',
        'after',
      ]),
    { timeout: 20_000 },
  );
});
