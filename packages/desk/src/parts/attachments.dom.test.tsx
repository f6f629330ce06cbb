import { afterEach, describe, expect, it } from 'vitest';
import { conversation, watched } from '../testing/agent-double.ts';
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
  return { ...last, names, paste };
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
  });
});
