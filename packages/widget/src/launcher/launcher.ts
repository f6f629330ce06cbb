import { storedHistory } from '@sveiki/sdk';
import type { Host, Panel, Texts } from '../panel/types.ts';
import type { WidgetApi, WidgetEvents, WidgetOptions } from '../types.ts';
import { chooseLanguage } from './languages.ts';
import css from './launcher.css';

/** A call made before this script had loaded: name, arguments, and the two ends of the promise that the page holds. */
type QueuedCall = [
  name: keyof WidgetApi,
  args: never[],
  resolve: (value: unknown) => void,
  reject: (reason: unknown) => void,
];
type Page = Window & { Sveiki?: WidgetApi & { q?: QueuedCall[] } };

/** What the panel does: at once (then it is loaded for it), or when it comes (then the call is kept until then). */
const panelCalls = {
  open: 'now',
  toggle: 'now',
  send: 'now',
  logout: 'now',
  close: 'kept',
  setDraft: 'kept',
  identify: 'kept',
} as const;
type PanelCall = keyof typeof panelCalls;

// A function, so that importing this file where there is no page does nothing.
function start(page: Page) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);

  class SveikiChat extends HTMLElement implements Host, WidgetApi {
    static readonly observedAttributes = ['color', 'scheme', 'locale'];

    declare readonly open: WidgetApi['open'];
    declare readonly close: WidgetApi['close'];
    declare readonly toggle: WidgetApi['toggle'];
    declare readonly send: WidgetApi['send'];
    declare readonly setDraft: WidgetApi['setDraft'];
    declare readonly identify: WidgetApi['identify'];
    declare readonly logout: WidgetApi['logout'];

    readonly _root = this.attachShadow({ mode: 'open' });
    readonly _button = document.createElement('button');
    readonly _badge = document.createElement('span');
    _panel: Promise<Panel> | undefined;
    _kept: ((panel: Panel) => unknown)[] = [];

    constructor() {
      super();
      const button = this._button;
      this._root.adoptedStyleSheets = [sheet];
      this._root.append(button);
      button.append(this._badge);
      button.part = 'launcher';
      this._badge.part = 'badge';
      button.onpointerenter = button.onfocus = () => void this._load().catch(() => {});
      button.onclick = () => {
        button.dataset['busy'] = '';
        this.toggle()
          .catch((error) => this._emit('error', error))
          .finally(() => delete button.dataset['busy']);
      };
    }

    connectedCallback() {
      this._choose();
      if (this.matches('[mode=inline]') || this._hasHistory()) {
        (page.requestIdleCallback ?? setTimeout)(() => void this._call(() => {}).catch(() => {}));
      }
    }

    disconnectedCallback() {
      // An element that is only moved is back in a moment.
      queueMicrotask(() => void (this.isConnected || this.destroy()));
    }

    attributeChangedCallback(name: string, _before: string | null, value: string | null) {
      // What is no text is a token of the style sheets.
      if (name !== 'locale') this.style.setProperty(`--sveiki-${name}`, value === 'auto' ? '' : value);
      else if (this._panel) this._call(async (panel) => panel._translate(await this._load())).catch(() => {});
      else this._choose();
    }

    async update(options: Partial<WidgetOptions>) {
      for (const [name, value] of Object.entries(options)) this.setAttribute(name, value);
    }

    async on<K extends keyof WidgetEvents>(
      name: K,
      handler: (event: WidgetEvents[K]) => void,
      options?: { signal?: AbortSignal; once?: boolean },
    ) {
      const listener = (event: Event) => handler((event as CustomEvent<WidgetEvents[K]>).detail);
      this.addEventListener(`sveiki:${name}`, listener, options);
      return () => this.removeEventListener(`sveiki:${name}`, listener);
    }

    async destroy() {
      const panel = this._panel;
      this._panel = undefined;
      this.remove();
      if (page.Sveiki === this) delete page.Sveiki;
      await panel?.then(
        (loaded) => loaded._destroy(),
        () => {},
      );
    }

    _emit<K extends keyof WidgetEvents>(name: K, detail: WidgetEvents[K]) {
      this.dispatchEvent(new CustomEvent(`sveiki:${name}`, { detail, bubbles: true }));
    }

    /** Whether an earlier visit left something here. Reads one key, writes nothing. */
    _hasHistory() {
      return storedHistory(this.getAttribute('site') ?? '');
    }

    /** Names the button in the visitor's language, and says which it is and what fetches its texts. */
    _choose() {
      const [tag, label, load] = chooseLanguage([
        this.getAttribute('locale'),
        document.documentElement.lang,
        ...navigator.languages,
      ]);
      // From then on the panel knows better: it may be open, and messages may be unread.
      if (!this._panel) this._button.ariaLabel = label;
      this._button.dir = /^ar/.test(tag) ? 'rtl' : 'ltr';
      return [tag, load] as const;
    }

    /** Fetches the code and the texts of the panel, at the same time. The browser keeps both. */
    async _load(): Promise<Texts & { mount(host: Host, texts: Texts): Panel }> {
      const [tag, load] = this._choose();
      const [{ mount }, texts] = await Promise.all([import('../panel/mount.ts'), load?.().catch(() => undefined)]);
      return { mount, tag, catalogue: texts?.catalogue };
    }

    /** Runs `run` with the panel, which is loaded for it when it is not there yet. */
    async _call<T>(run: (panel: Panel) => T): Promise<Awaited<T>> {
      if (!this.isConnected) throw Object.assign(Error('Not in the page'), { code: 'destroyed' });
      this._panel ??= this._load().then((texts) => {
        const panel = texts.mount(this, texts);
        for (const kept of this._kept.splice(0)) kept(panel);
        return panel;
      });
      // After a failure the next call tries again.
      this._panel.catch(() => (this._panel = undefined));
      return await run(await this._panel);
    }
  }

  const methods = SveikiChat.prototype as unknown as Record<string, (argument: never) => Promise<unknown>>;
  for (const key in panelCalls) {
    const name = key as PanelCall;
    methods[name] = async function (this: SveikiChat, argument) {
      const run = (panel: Panel) => panel[name](argument);
      return this._panel || panelCalls[name] === 'now' ? this._call<unknown>(run) : void this._kept.push(run);
    } as (typeof methods)[string];
  }

  if (!customElements.get('sveiki-chat')) customElements.define('sveiki-chat', SveikiChat);

  // A script of type "module" has no currentScript.
  const script = document.currentScript ?? document.querySelector<HTMLScriptElement>('script[data-site]');
  if (!script?.dataset['site']) return;
  const append = () => {
    const chat = document.createElement('sveiki-chat') as SveikiChat;
    for (const [name, value] of Object.entries(script.dataset)) chat.setAttribute(name, value!);
    // The last thing in the page, so that it comes last by keyboard, in the same place everywhere.
    document.body.append(chat);
    const queue = page.Sveiki?.q;
    if (!page.Sveiki || queue) page.Sveiki = chat;
    let before = Promise.resolve<unknown>(0);
    for (const [name, args, resolve, reject] of queue ?? []) {
      const done = (chat[name] as (...args: never[]) => Promise<unknown>)(...args);
      before = before.then(() => done).then(resolve, reject);
    }
  };
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', append);
  else append();
}

if (globalThis.customElements) start(window);
