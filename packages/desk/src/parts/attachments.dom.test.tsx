import type { ChatError } from '@sveiki/sdk/agent';
import { afterEach, describe, expect, it } from 'vitest';
import { conversation, refusal, watched } from '../testing/agent-double.ts';
import { byRole, drawn, showDesk } from '../testing/screen.tsx';

let last: ReturnType<typeof showDesk> | null = null;
afterEach(() => last?.close());

const file = (name: string) => new File(['x'], name, { type: 'image/png' });

async function show() {
  last = showDesk({ fragment: '#/mine/c-1' });
  last.agent.put(watched(conversation({ id: 'c-1', owner: { id: 'ada', name: 'Ada Ozola' } })));
  await drawn();
  const names = () => [...document.querySelectorAll('.attachment bdi')].map((name) => name.textContent);
  const paste = async (types: string[], files: File[]) => {
    const event = new Event('paste', { bubbles: true, cancelable: true });
    Object.assign(event, { clipboardData: { types, files } });
    byRole('textbox', /^Reply/).dispatchEvent(event);
    await drawn();
    return event;
  };
  const drop = async (on: Element, types: string[], files: File[]) => {
    const events = ['dragover', 'drop'].map((type) =>
      Object.assign(new Event(type, { bubbles: true, cancelable: true }), {
        dataTransfer: { types, files, dropEffect: 'copy' },
      }),
    );
    for (const event of events) on.dispatchEvent(event);
    await drawn();
    return events.map((event) => [event.defaultPrevented, event.dataTransfer.dropEffect]);
  };
  return { ...last, names, paste, drop };
}

describe('files in the composer', () => {
  it('are taken from the clipboard, but not in place of words', async () => {
    const { names, paste } = await show();
    expect((await paste(['text/html', 'Files'], [file('shot.png')])).defaultPrevented).toBe(true);
    expect(names()).toEqual(['shot.png']);
    const words = await paste(['text/plain', 'text/html', 'Files'], [file('words.png')]);
    expect(words.defaultPrevented).toBe(false);
    expect(names()).toEqual(['shot.png']);
  });

  it('may be dropped anywhere on the conversation, and nowhere else leads away from the desk', async () => {
    const { root, names, drop } = await show();
    const on = (selector: string) => root.querySelector(selector) ?? root;
    await drop(on('#conversation .conversation-head'), ['Files'], [file('head.png')]);
    expect(names()).toEqual(['head.png']);
    expect(await drop(on('.rail'), ['Files'], [file('rail.png')])).toEqual([
      [true, 'none'],
      [true, 'none'],
    ]);
    expect(names()).toEqual(['head.png']);
    // Words may be dragged as everywhere.
    expect(await drop(on('.rail'), ['text/plain'], [])).toEqual([
      [false, 'copy'],
      [false, 'copy'],
    ]);
  });

  it('that were not taken are tried again, and the keyboard stays with them', async () => {
    const { agent, names, paste } = await show();
    let failed = true;
    let tell = () => {};
    const upload = agent.files.upload;
    agent.files.upload = (id, one) => ({
      ...upload(id, one),
      get error() {
        return failed ? (refusal('offline', 'The relay cannot be reached.') as ChatError) : null;
      },
      subscribe(listener) {
        tell = listener;
        return () => {};
      },
      retry() {
        failed = false;
        tell();
      },
    });
    await paste(['Files'], [file('shot.png')]);
    expect(names()).toEqual(['shot.png']);
    const button = byRole('button', 'Try again: shot.png');
    button.focus();
    button.click();
    await drawn();
    expect(document.activeElement).toBe(byRole('button', /^Remove .*shot\.png/));
  });

  it('say that no more fit, and come off again', async () => {
    const { root, names, paste } = await show();
    await paste(
      ['Files'],
      Array.from({ length: 8 }, (_, n) => file(`${n}.png`)),
    );
    expect(names()).toHaveLength(6);
    expect(root.querySelector('.attachments-full')?.textContent).toBe('At most 6 files go with one message.');
    byRole('button', /^Remove .*0\.png/).click();
    await drawn();
    expect(names()).toEqual(['1.png', '2.png', '3.png', '4.png', '5.png']);
    expect(root.querySelector('.attachments-full')).toBeNull();
    // Where the keyboard goes on.
    expect(document.activeElement).toBe(byRole('button', /^Remove .*1\.png/));
    for (const n of [1, 2, 3, 4, 5]) {
      byRole('button', new RegExp(`^Remove .*${n}\\.png`)).click();
      await drawn();
    }
    expect(document.activeElement).toBe(byRole('textbox', /^Reply/));
  });
});
