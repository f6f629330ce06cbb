import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Stage, stage } from '../testing/stage.ts';

let now: Stage;
let asked: string[];
let answer: () => Response | Promise<Response>;
const links: { href: string; name: string }[] = [];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  asked = [];
  answer = () => new Response('PK');
  links.length = 0;
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:one');
  vi.spyOn(URL, 'revokeObjectURL').mockReturnValue();
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    links.push({ href: this.href, name: this.download });
  });
  const fetch: typeof globalThis.fetch = async (input) => {
    asked.push(String(input).replace(/.*\/v1\//, ''));
    return answer();
  };
  now = await stage((ms) => vi.advanceTimersByTimeAsync(ms), { chat: { fetch } });
});
afterEach(async () => {
  await now.strike();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const opener = () => now.find<HTMLButtonElement>('.head [aria-label="Your data"]');
const button = (label: string) => now.findAll('.own-data button').find(({ textContent }) => textContent === label);
/** What is fetched with the first use comes when it comes: turns of the machine, and steps of the test's clock, until it is so. */
async function until(isSo: () => unknown) {
  for (let turn = 0; turn < 500 && !isSo(); turn++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    await now.wait(100);
  }
}
async function open() {
  now.panel.open();
  await now.wait(1_000);
  await now.say('My parcel has not come.');
  await now.wait(1_000);
  opener()?.click();
  await until(() => now.find('.own-data'));
}

describe('what is kept about the visitor', () => {
  it('has a button once there is something, which says whether it is open', async () => {
    now.panel.open();
    await now.wait(1_000);
    expect(opener()).toBeNull();
    await now.say('My parcel has not come.');
    await now.wait(1_000);
    expect(opener()?.getAttribute('aria-expanded')).toBe('false');
    opener()?.click();
    await until(() => now.find('.own-data'));
    expect(opener()?.getAttribute('aria-expanded')).toBe('true');
    expect(now.find('.own-data')?.getAttribute('aria-label')).toBe('Your data');
  });

  it('is downloaded as a file', async () => {
    await open();
    button('Download my data')?.click();
    await until(() => links.length > 0);
    await now.wait(1_000);
    expect(asked).toEqual(['people/export']);
    expect(links).toEqual([{ href: 'blob:one', name: 'chat-data.zip' }]);
    expect(now.spoken).toContain('Your data is downloaded.');
  });

  it('leaves neither file nor timer behind when the panel goes', async () => {
    await open();
    button('Download my data')?.click();
    await until(() => links.length > 0);
    let come = (_: Response) => {};
    answer = () =>
      new Promise<Response>((resolve) => {
        come = resolve;
      });
    button('Download my data')?.click();
    await until(() => asked.length > 1);
    await now.panel._destroy();
    come(new Response('PK'));
    for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(links).toHaveLength(1);
    expect(URL.revokeObjectURL).toHaveBeenCalledWith('blob:one');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is deleted only after it is asked once more, and the panel begins anew', async () => {
    await open();
    answer = () => new Response('{}', { status: 202 });
    button('Delete my data')?.click();
    await now.wait(200);
    expect(asked).toEqual([]);
    expect(now.find('.own-data')?.textContent).toContain('This cannot be undone.');
    const hint = now.find(`#${button('Delete everything')?.getAttribute('aria-describedby')}`);
    expect(hint?.textContent).toContain('This cannot be undone.');
    button('Keep it')?.click();
    await now.wait(200);
    button('Delete my data')?.click();
    await now.wait(200);
    button('Delete everything')?.click();
    await until(() => asked.length > 0 && opener() === null);
    await now.wait(1_000);
    expect(asked).toEqual(['people/erase']);
    expect(now.spoken).toContain('Your data is being deleted.');
    expect(now.findAll('.message')).toEqual([]);
    expect(opener()).toBeNull();
    expect(now.host._root.activeElement).toBe(now.find('textarea'));
    await now.say('Hello');
    await now.wait(1_000);
    expect(now.findAll('.message')).toHaveLength(1);
  });

  it('stays where it is when that did not work, and says so', async () => {
    await open();
    answer = () => new Response('{}', { status: 503 });
    button('Download my data')?.click();
    await until(() => asked.length > 0);
    await now.wait(200);
    expect(now.find('.own-data')?.textContent).toContain('That did not work. Try again later.');
    expect(links).toEqual([]);
    answer = () => new Response('{"code":"not-found"}', { status: 404 });
    button('Download my data')?.click();
    await now.wait(200);
    expect(now.find('.own-data')?.textContent).toContain('Nothing is kept about you.');
  });

  it('is closed with the conversation, and does not open over the next one', async () => {
    await open();
    button('Delete my data')?.click();
    await now.wait(200);
    await now.panel.logout();
    await now.wait(1_000);
    now.find('textarea')?.focus();
    await now.say('Hello from Noah');
    await now.wait(1_000);
    expect(opener()?.getAttribute('aria-expanded')).toBe('false');
    expect(now.find('.own-data')).toBeNull();
    expect(now.host._root.activeElement).toBe(now.find('textarea'));
  });

  it('closes with Escape and gives the keyboard back, and the panel stays', async () => {
    await open();
    const key = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true, cancelable: true });
    now.find('.own-data')?.dispatchEvent(key);
    expect(key.defaultPrevented).toBe(true); // else the browser would close the modal dialog that the panel is on a phone
    await now.wait(200);
    expect(now.find('.own-data')).toBeNull();
    expect(now.find('.panel')).not.toBeNull();
    expect(now.host._root.activeElement).toBe(opener());
  });
});
