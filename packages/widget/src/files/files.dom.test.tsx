import { createChat } from '@sveiki/sdk';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Stage, stage } from '../testing/stage.ts';

const file = (name: string, type: string, size = 2_000) => new File(['a'.repeat(size)], name, { type });

/** The relay's doors for files. */
function fakeFiles() {
  const kept = new Map<string, { name: string; size: number; bytes: number }>();
  const refused = new Map<string, string>();
  let isHeld = false;
  let release = () => {};
  const fetch: typeof globalThis.fetch = async (url, { method, body } = {}) => {
    const path = /\/v1\/files(.*)$/.exec(`${url}`)?.[1] ?? '?';
    if (method === 'PATCH') {
      if (isHeld)
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      const id = path.slice(1);
      const one = kept.get(id)!;
      const code = refused.get(one.name);
      if (code) return Response.json({ code, detail: code, retry: 'never' }, { status: 415 });
      one.bytes += (body as Blob).size;
      const { name, size } = one;
      const whole = { kind: 'file', id, text: name, name, type: 'application/pdf', size };
      return Response.json({ offset: one.bytes, file: one.bytes === size ? whole : null });
    }
    const said = JSON.parse(`${body}`) as { id: string; name: string; size: number };
    if (path === '/link') return Response.json({ url: `/files/token/${said.id}`, expiresAt: 1 });
    if (path === '/discard') {
      kept.delete(said.id);
      return new Response(null, { status: 204 });
    }
    const id = `file-${kept.size + 1}`;
    kept.set(id, { name: said.name, size: said.size, bytes: 0 });
    return Response.json({ id, offset: 0, chunkBytes: 1_000 });
  };
  return {
    kept,
    refused,
    fetch,
    hold() {
      isHeld = true;
    },
    go() {
      isHeld = false;
      release();
    },
  };
}

// What is fetched later is there before: what is waited for is the clock.
beforeAll(async () => {
  const chat = createChat({ site: 'pk_shop_test', server: 'https://chat.example', storage: 'memory' });
  await Promise.all([import('./files.tsx'), chat.files()]);
  await chat.destroy();
});

let at: Stage;
let relay: ReturnType<typeof fakeFiles>;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  // Nothing is laid out here, so nothing ever comes on screen by itself.
  vi.stubGlobal('IntersectionObserver', undefined);
  relay = fakeFiles();
  at = await stage((ms) => vi.advanceTimersByTimeAsync(ms), {
    server: { siteInfo: { files: { maxBytes: 10_000_000 } } },
    chat: { fetch: relay.fetch, transport: 'websocket' },
  });
  at.panel.open();
  await until('attach', () => at.find('.attach') !== null);
});
afterEach(async () => {
  await at.strike();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (holds()) return;
    await at.wait(100);
  }
  throw new Error(`Never came true: ${what}`);
}
function choose(...files: File[]) {
  const input = at.find<HTMLInputElement>('input[type=file]')!;
  Object.defineProperty(input, 'files', { configurable: true, value: files });
  input.dispatchEvent(new Event('change', { bubbles: true }));
}
const spoken = (text: string) => until(text, () => at.spoken.join(' ').includes(text));
const tray = () => at.findAll('.tray li').map((item) => item.textContent);

describe('attaching', () => {
  it('shows what goes with the next message and how far it is, and sends it', async () => {
    expect(at.find('.attach')?.getAttribute('aria-label')).toBe('Attach files');
    relay.hold();
    choose(file('bill.pdf', 'application/pdf'));
    await until('progress', () => at.find('progress') !== null);
    expect(at.find('.tray')?.getAttribute('aria-label')).toBe('Files to send');
    expect(at.find('progress')?.getAttribute('aria-label')).toBe('Upload of bill.pdf');
    expect(at.find('.send')).not.toBeNull();
    relay.go();
    await until('ready', () => at.find('progress') === null);
    await spoken('bill.pdf is added.');
    await spoken('bill.pdf is ready to send.');
    await at.say('My bill');
    await until('sent', () => at.find('.sent') !== null);
    expect(at.find('.tray')).toBeNull();
    expect(at.find('.bubble')?.textContent).toBe('My bill');
    expect(at.find('.piece')?.textContent).toContain('Download bill.pdf');
    await until('a link', () => at.find('.sent a') !== null);
    const link = at.find<HTMLAnchorElement>('.sent a')!;
    expect([link.rel, link.target]).toEqual(['noopener noreferrer', '_blank']);
    expect(link.href).toMatch(/\/files\/token\/file-1$/);
  });

  it('sends files without words, and as soon as they are there', async () => {
    relay.hold();
    choose(file('bill.pdf', 'application/pdf'));
    await until('progress', () => at.find('progress') !== null);
    at.find('.send')!.click();
    await until('on its way', () => at.find('.own') !== null);
    expect(at.find('.own')?.textContent).toContain('bill.pdf');
    expect(at.find('.own')?.textContent).toContain('Sending');
    relay.go();
    await until('sent', () => at.find('.sent') !== null);
  });

  it('says why a file is not sent, lets it be tried again and taken off', async () => {
    relay.refused.set('run.exe', 'bad-file');
    choose(file('run.exe', ''), file('film.mp4', 'video/mp4', 10_000_001), file('late.pdf', 'application/pdf'));
    relay.refused.set('late.pdf', 'not-found');
    await until('failed', () => at.findAll('.tray .failed').length === 3);
    expect(tray()[2]).toContain('The file was not uploaded.');
    // What would only be refused again cannot be tried again.
    expect(at.findAll('.tray .retry')).toHaveLength(1);
    expect(tray()[0]).toContain('Files of this kind are not taken here.');
    expect(tray()[1]).toContain('This file is larger than 10 MB. Choose a smaller one.');
    expect(at.find('.send')).toBeNull();
    relay.refused.clear();
    at.find('.tray .retry')!.focus();
    at.find('.tray .retry')!.click();
    await at.wait(100);
    expect(at.host._root.activeElement).toBe(at.find('textarea'));
    await until('ready', () => at.findAll('.tray .failed').length === 2 && at.find('progress') === null);
    for (const button of at.findAll('.tray .icon').toReversed()) button.click();
    await until('removed', () => at.find('.tray') === null && relay.kept.size === 0);
    expect(at.host._root.activeElement).toBe(at.find('textarea'));
  });

  it('leaves nothing of it to the next visitor', async () => {
    choose(file('bill.pdf', 'application/pdf'));
    await until('chosen', () => tray().length === 1);
    await at.panel.logout();
    await until('empty', () => tray().length === 0);
  });

  it('takes what is pasted and dropped, and no more than fits', async () => {
    const paste = Object.assign(new Event('paste', { bubbles: true, cancelable: true }), {
      clipboardData: { files: [file('shot.png', 'image/png')] },
    });
    at.find('textarea')!.dispatchEvent(paste);
    expect(paste.defaultPrevented).toBe(true);
    const over = (name: string, files: File[]) =>
      Object.assign(new Event(name, { bubbles: true, cancelable: true, composed: true }), {
        dataTransfer: { types: ['Files'], files },
      });
    at.find('.log')!.dispatchEvent(over('dragover', []));
    await at.wait(100);
    expect(at.find('.drop')?.textContent).toBe('Drop files here to send them');
    at.find('.log')!.dispatchEvent(
      over(
        'drop',
        Array.from({ length: 8 }, (_, i) => file(`${i}.pdf`, 'application/pdf', 10)),
      ),
    );
    await until('added', () => tray().length === 6);
    expect(at.find('.drop')).toBeNull();
    await spoken('At most 6 files go with one message.');
  });

  it('pastes what was copied out of a document as the words it has, not as a picture of them', async () => {
    const paste = Object.assign(new Event('paste', { bubbles: true, cancelable: true }), {
      clipboardData: { types: ['text/plain', 'text/html', 'Files'], files: [file('image.png', 'image/png')] },
    });
    at.find('textarea')!.dispatchEvent(paste);
    await at.wait(100);
    expect(paste.defaultPrevented).toBe(false);
    expect(tray()).toEqual([]);
  });

  it('says at a message why its file was not taken', async () => {
    relay.hold();
    relay.refused.set('run.exe', 'bad-file');
    choose(file('run.exe', ''));
    await until('progress', () => at.find('progress') !== null);
    at.find('.send')!.click();
    await until('on its way', () => at.find('.own') !== null);
    relay.go();
    await until('refused', () => at.find('.meta.failed') !== null);
    expect(at.find('.meta.failed')?.textContent).toContain('Not sent. Files of this kind are not taken here.');
    // Whoever was at a button that goes writes on.
    const discard = at.findAll('.meta.failed button').at(-1)!;
    discard.focus();
    discard.click();
    await until('discarded', () => at.find('.own') === null);
    expect(at.host._root.activeElement).toBe(at.find('textarea'));
  });

  it('takes nothing while the chat is closed', async () => {
    at.server.changeSite({ paused: true });
    await until('closed', () => at.find('textarea') === null);
    const drop = Object.assign(new Event('drop', { bubbles: true, cancelable: true, composed: true }), {
      dataTransfer: { types: ['Files'], files: [file('bill.pdf', 'application/pdf')] },
    });
    at.find('.panel')!.dispatchEvent(drop);
    await at.wait(1_000);
    expect(relay.kept.size).toBe(0);
  });
});
