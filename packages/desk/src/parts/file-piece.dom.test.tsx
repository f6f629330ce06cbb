import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { conversation, logOf, refusal, visitorActor, watched } from '../testing/agent-double.ts';
import { byRole, drawn, showDesk } from '../testing/screen.tsx';

let last: ReturnType<typeof showDesk> | null = null;
// Where nobody says what is on screen, everything is.
beforeEach(() => vi.stubGlobal('IntersectionObserver', undefined));
afterEach(() => {
  last?.close();
  vi.unstubAllGlobals();
});

const shot = { kind: 'file', id: 'f-1', text: 'shot.png', name: 'shot.png', size: 2_000 } as const;
const picture = { ...shot, type: 'image/png', width: 40, height: 30 };
const paper = { ...shot, type: 'application/pdf', name: 'offer.pdf' };

async function show(file: typeof picture | typeof paper, link: () => Promise<{ url: string }>) {
  last = showDesk({ fragment: '#/mine/c-1' });
  const { agent, root } = last;
  let asked = 0;
  agent.files.link = async () => {
    asked += 1;
    return { ...(await link()), expiresAt: 0 };
  };
  const events = logOf('c-1', [{ at: 0, actor: visitorActor(), body: { kind: 'message', blocks: [file] } }]);
  agent.put(watched(conversation({ id: 'c-1', owner: { id: 'ada', name: 'Ada Ozola' } }), { events }));
  await drawn();
  const piece = () => root.querySelector('.file-piece') as HTMLElement;
  return { piece, asked: () => asked };
}
const at = (n: number) => ({ url: `https://relay.example/files/${n}/file` });

describe('a file in a message', () => {
  it('that could not be loaded says so, and is tried again by a button', async () => {
    let isAway = true;
    const { piece, asked } = await show(paper, async () => {
      if (isAway) throw refusal('offline', 'The relay cannot be reached.');
      return at(2);
    });
    expect(piece().textContent).toContain('It could not be loaded.');
    const button = byRole('button', /^Try again: .*offer\.pdf/, piece());
    button.focus();
    await drawn();
    expect(asked()).toBe(1);
    isAway = false;
    button.click();
    await drawn();
    const link = byRole('link', /^Download .*offer\.pdf/, piece());
    expect([link.getAttribute('href'), document.activeElement === link]).toEqual([at(2).url, true]);
    expect(piece().textContent).not.toContain('Try again');
  });

  it('whose picture came with an address that had ended is shown when it is tried again', async () => {
    let now = at(1);
    const { piece } = await show(picture, async () => now);
    piece().querySelector('img')?.dispatchEvent(new Event('error'));
    await drawn();
    expect(piece().querySelector('img')).toBeNull();
    now = at(2);
    byRole('button', /^Try again: .*shot\.png/, piece()).click();
    await drawn();
    expect(piece().querySelector('img')?.getAttribute('src')).toBe(at(2).url);
  });

  it('is a picture that is loaded once, however often its address is asked for anew', async () => {
    let answer = async () => at(1);
    const { piece } = await show(picture, () => answer());
    const found = () => [piece().querySelector('a')?.getAttribute('href'), piece().querySelector('img')?.src];
    answer = async () => at(2);
    piece().dispatchEvent(new Event('pointerenter'));
    await drawn();
    expect(found()).toEqual([at(2).url, at(1).url]);
    answer = async () => {
      throw refusal('offline', 'The relay cannot be reached.');
    };
    piece().dispatchEvent(new Event('pointerenter'));
    await drawn();
    expect(found()).toEqual([at(2).url, at(1).url]);
  });

  it('that is not there any more leads nowhere, and is not tried again', async () => {
    const { piece } = await show(picture, async () => {
      throw refusal('no-such-file', 'This file is not there any more.');
    });
    expect(piece().textContent).toContain('It is not there any more.');
    expect(piece().querySelector('a, button')).toBeNull();
    expect(piece().textContent).not.toContain('Download');
  });
});
