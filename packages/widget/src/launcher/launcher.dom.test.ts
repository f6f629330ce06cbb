import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Panel } from '../panel/types.ts';
import type { WidgetApi } from '../types.ts';

type Element_ = HTMLElement & WidgetApi;

const panel = {
  open: vi.fn(),
  close: vi.fn(),
  toggle: vi.fn(),
  send: vi.fn(async (text: string) => ({ id: text, conversation: 'c', seq: 1 })),
  setDraft: vi.fn(),
  identify: vi.fn(),
  logout: vi.fn(async () => {}),
  addTool: vi.fn(async () => {}),
  _translate: vi.fn((_texts: Promise<unknown>) => {}),
  _destroy: vi.fn(async () => {}),
} satisfies Panel;
const mount = vi.fn((_host: unknown, _texts: unknown): Panel => panel);
vi.mock('../panel/mount.ts', () => ({ mount: (host: unknown, texts: unknown) => mount(host, texts) }));

const page = window as unknown as { Sveiki?: WidgetApi };
const calls = () =>
  Object.entries(panel)
    .flatMap(([name, mock]) => mock.mock.invocationCallOrder.map((order) => [order, name] as const))
    .sort(([a], [b]) => a - b)
    .map(([, name]) => name);
const add = (attributes: Record<string, string> = { site: 'pk_shop_test' }) => {
  const element = document.createElement('sveiki-chat') as Element_;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  document.body.append(element);
  return element;
};
const buttonOf = (element: HTMLElement) => element.shadowRoot!.querySelector('button')!;
/** Once everything that waited for an idle moment has had it. */
const idle = () => new Promise<void>((done) => void (window.requestIdleCallback ?? setTimeout)(() => done()));
const settle = () => vi.waitFor(() => expect(mount).toHaveBeenCalled(), { timeout: 20_000 });

let pending: unknown[];
beforeAll(async () => {
  // As a page does that calls before the script has loaded.
  const script = document.createElement('script');
  script.type = 'application/json';
  Object.assign(script.dataset, { site: 'pk_shop_test', color: '#123456', position: 'start' });
  document.head.append(script);
  const stub = new Proxy({ q: [] as unknown[] } as { q: unknown[] } & Record<string, unknown>, {
    get: (target, name: string) =>
      target[name] || ((...args: unknown[]) => new Promise((...ends) => target.q.push([name, args, ...ends]))),
  }) as unknown as WidgetApi;
  page.Sveiki = stub;
  const order: string[] = [];
  const done = [
    stub.identify({ token: 't' }).then(() => order.push('identify')),
    stub.open().then(() => order.push('open')),
    stub.send('Hello').then(({ id }) => order.push(`send ${id}`)),
    stub.close().then(() => order.push('close')),
  ];
  await import('./launcher.ts');
  await Promise.all(done);
  pending = [order, calls()];
});

beforeEach(async () => {
  for (const element of document.querySelectorAll<Element_>('sveiki-chat')) await element.destroy();
  vi.clearAllMocks();
  localStorage.clear();
});
afterEach(() => {
  document.documentElement.lang = '';
});

it('carries out the calls that came before it, in their order', () => {
  const [resolved, made] = pending;
  expect(resolved).toEqual(['identify', 'open', 'send Hello', 'close']);
  expect(made).toEqual(['identify', 'open', 'send', 'close']);
});

describe('for somebody new', () => {
  it('is a button with a name, and nothing is fetched or stored', async () => {
    const element = add();
    await idle();
    expect(buttonOf(element).ariaLabel).toBe('Open chat');
    expect(mount).not.toHaveBeenCalled();
    expect(localStorage.length).toBe(0);
  });

  it.each([
    ['ru', 'Открыть чат', 'ltr'],
    ['lv', 'Atvērt tērzēšanu', 'ltr'],
    ['ar', 'فتح المحادثة', 'rtl'],
  ])('speaks the language of the page: %s', (lang, name, dir) => {
    document.documentElement.lang = lang;
    const button = buttonOf(add());
    expect([button.ariaLabel, button.dir]).toEqual([name, dir]);
  });

  it('brings the panel when it is pressed', async () => {
    buttonOf(add()).click();
    await settle();
    expect(calls()).toEqual(['toggle']);
  });

  it('keeps what the page says without fetching anything, and passes it on in order when the panel comes', async () => {
    const element = add();
    await element.identify({ token: 't' });
    await element.setDraft('About the scarf');
    await element.close();
    expect(mount).not.toHaveBeenCalled();
    await element.open();
    expect(calls()).toEqual(['identify', 'setDraft', 'close', 'open']);
  });
});

describe('for somebody who was here before', () => {
  it('brings the panel in an idle moment', async () => {
    localStorage.setItem('sveiki:pk_shop_test:session', 'x');
    add();
    await settle();
    expect(calls()).toEqual([]);
  });

  it('leaves what belongs to another site alone', async () => {
    localStorage.setItem('sveiki:pk_other_test:session', 'x');
    add();
    await idle();
    expect(mount).not.toHaveBeenCalled();
  });
});

describe('options', () => {
  it('are attributes, from the script tag and from update()', async () => {
    const element = add({ site: 'pk_shop_test', color: '#123456', scheme: 'dark' });
    expect(element.style.getPropertyValue('--sveiki-color')).toBe('#123456');
    expect(element.style.getPropertyValue('--sveiki-scheme')).toBe('dark');
    await element.update({ color: 'teal', scheme: 'auto', position: 'start' });
    expect(element.style.getPropertyValue('--sveiki-color')).toBe('teal');
    expect(element.style.getPropertyValue('--sveiki-scheme')).toBe('');
    expect(element.getAttribute('position')).toBe('start');
  });

  it('change the language of a panel that is there', async () => {
    const element = add();
    await element.open();
    await element.update({ locale: 'lv' });
    await vi.waitFor(() => expect(panel._translate).toHaveBeenCalledOnce(), { timeout: 20_000 });
    expect(await panel._translate.mock.calls[0]?.[0]).toMatchObject({ tag: 'lv', catalogue: { message: 'Ziņa' } });
  });
});

describe('events', () => {
  it('reach handlers and bubble through the page', async () => {
    const element = add();
    const heard: unknown[] = [];
    const off = await element.on('unread', (count) => heard.push(count));
    document.addEventListener('sveiki:unread', ({ detail }: CustomEventInit) => heard.push(`dom ${detail}`), {
      once: true,
    });
    (element as unknown as { _emit(name: string, detail: unknown): void })._emit('unread', 2);
    off();
    (element as unknown as { _emit(name: string, detail: unknown): void })._emit('unread', 3);
    expect(heard).toEqual([2, 'dom 2']);
  });

  it('end with a signal', async () => {
    const element = add();
    const handler = vi.fn();
    const abort = new AbortController();
    await element.on('open', handler, { signal: abort.signal });
    abort.abort();
    (element as unknown as { _emit(name: string): void })._emit('open');
    expect(handler).not.toHaveBeenCalled();
  });
});

describe('removal', () => {
  it('destroys the panel and refuses what comes later', async () => {
    const element = add();
    await element.open();
    await element.destroy();
    expect(panel._destroy).toHaveBeenCalledOnce();
    expect(document.querySelector('sveiki-chat')).toBeNull();
    for (const call of ['open', 'close', 'setDraft', 'identify', 'send'] as const)
      await expect(element[call]('x' as never)).rejects.toMatchObject({
        name: 'ChatError',
        code: 'destroyed',
        retryable: false,
      });
  });

  it('destroys a panel that is still on its way', async () => {
    const element = add();
    const opening = element.open();
    await element.destroy();
    await opening;
    expect(calls().at(-1)).toBe('_destroy');
  });

  it('happens with the element, but not when it is only moved', async () => {
    const element = add();
    await element.open();
    const main = document.createElement('main');
    document.body.append(main);
    main.append(element);
    await Promise.resolve();
    expect(panel._destroy).not.toHaveBeenCalled();
    element.remove();
    await vi.waitFor(() => expect(panel._destroy).toHaveBeenCalledOnce(), { timeout: 20_000 });
  });

  it('takes the global name away with the element it stands for', async () => {
    const element = add();
    page.Sveiki = element;
    await element.destroy();
    expect('Sveiki' in window).toBe(false);
  });
});

it('tries again after the panel could not be fetched', async () => {
  const element = add();
  mount.mockImplementationOnce(() => {
    throw new Error('The network is gone.');
  });
  await expect(element.open()).rejects.toMatchObject({
    name: 'ChatError',
    code: 'offline',
    retryable: true,
    message: 'The network is gone.',
  });
  await element.open();
  expect(panel.open).toHaveBeenCalledOnce();
});

it('says on the button that nothing could be fetched, until another press fetches it', async () => {
  const element = add();
  const errors: unknown[] = [];
  await element.on('error', (error) => errors.push(error.code));
  mount.mockImplementationOnce(() => {
    throw new Error('The network is gone.');
  });
  buttonOf(element).click();
  await vi.waitFor(() => expect(buttonOf(element).ariaLabel).toBe('⚠ Open chat ↻'), { timeout: 20_000 });
  expect(errors).toEqual(['offline']);
  buttonOf(element).click();
  await vi.waitFor(() => expect(calls()).toEqual(['toggle']), { timeout: 20_000 });
});
