import { type ChatError, storedHistory } from '@sveiki/sdk';
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

/** What the panel does, and whether it is loaded for it; else the call is kept until the panel comes. */
const panelCalls = {
  open: true,
  toggle: true,
  send: true,
  logout: true,
  close: false,
  setDraft: false,
  identify: false,
  addTool: false,
};
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
    declare readonly addTool: WidgetApi['addTool'];

    readonly _root = this.attachShadow({ mode: 'open' });
    readonly _button = document.createElement('button');
    _panel: Promise<Panel> | undefined;
    _kept: ((panel: Panel) => unknown)[] = [];

    constructor() {
      super();
      const button = this._button;
      this._root.adoptedStyleSheets = [sheet];
      this._root.append(button);
      button.part = 'launcher';
      button.onpointerenter = button.onfocus = () => void this._load().catch(() => {});
      button.onclick = () => {
        button.ariaBusy = 'true';
        this.toggle()
          .catch(this._fail)
          .finally(() => {
            button.ariaBusy = null;
          });
      };
    }

    connectedCallback() {
      this._choose();
      if (this.matches('[mode=inline]') || this._hasHistory()) {
        (page.requestIdleCallback ?? setTimeout)(() => void this._call(() => {}).catch(this._fail));
      }
    }

    disconnectedCallback() {
      // An element that is only moved is back in a moment.
      queueMicrotask(() => void (this.isConnected || this.destroy()));
    }

    attributeChangedCallback(name: string, _before: string | null, value: string | null) {
      if (name === 'color' && value && !CSS.supports(name, value)) {
        console.warn(`Sveiki: "${value}" is no color like #0b6e4f.`);
        value = '';
      }
      // What is no text is a token of the style sheets.
      if (name !== 'locale') this.style.setProperty(`--sveiki-${name}`, value === 'auto' ? '' : value);
      else {
        this._choose();
        this._panel?.then(
          (panel) => panel._translate(this._load()),
          () => {},
        );
      }
    }

    async update(options: Partial<WidgetOptions>) {
      for (const name in options) this.setAttribute(name, options[name as keyof WidgetOptions]!);
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
      return storedHistory(this.getAttribute('site')!);
    }

    /** Names the button in the visitor's language, and says which it is and what fetches its texts. */
    _choose() {
      const language = chooseLanguage([
        this.getAttribute('locale'),
        document.documentElement.lang,
        ...navigator.languages,
      ]);
      // From then on the panel knows better: it may be open, and messages may be unread.
      if (!this._panel) this._button.ariaLabel = language[1];
      this._button.dir = /^ar/.test(language[0]) ? 'rtl' : 'ltr';
      return language;
    }

    /** Says on the button that the panel could not be fetched; pressing it tries again. */
    readonly _fail = (error: ChatError) => {
      this._button.ariaLabel = `⚠ ${this._choose()[1]} ↻`;
      this._emit('error', error);
    };

    /** Fetches the code and the texts of the panel, at the same time. The browser keeps both. */
    async _load(): Promise<Texts & { mount(host: Host, texts: Texts): Panel }> {
      const [tag, , load] = this._choose();
      const [panel, texts] = await Promise.all([import('../panel/mount.ts'), load?.().catch(() => undefined)]);
      return { ...panel, tag, ...texts };
    }

    /** Runs `run` with the panel, which is loaded for it when it is not there yet. */
    async _call<T>(run: (panel: Panel) => T): Promise<Awaited<T>> {
      try {
        if (!this.isConnected) throw Error('Not in the page');
        this._panel ??= this._load().then((texts) => {
          const panel = texts.mount(this, texts);
          for (const kept of this._kept.splice(0)) kept(panel);
          return panel;
        });
        // After a failure the next call tries again.
        this._panel.catch(() => (this._panel = undefined));
        return await run(await this._panel);
      } catch (error) {
        // What has no code of its own could not be fetched.
        const code = this.isConnected ? 'offline' : 'destroyed';
        throw Object.assign(error as Error, {
          name: 'ChatError',
          code,
          retryable: this.isConnected,
          ...(error as object),
        });
      }
    }
  }

  const methods = SveikiChat.prototype as unknown as Record<string, (argument: never) => Promise<unknown>>;
  for (const key in panelCalls) {
    const name = key as PanelCall;
    methods[name] = async function (this: SveikiChat, argument) {
      const run = (panel: Panel) => panel[name](argument);
      return this._panel || panelCalls[name] || !this.isConnected
        ? this._call<unknown>(run)
        : void this._kept.push(run);
    } as (typeof methods)[string];
  }

  if (!customElements.get('sveiki-chat')) customElements.define('sveiki-chat', SveikiChat);

  // A script of type "module" has no currentScript.
  const script = document.currentScript ?? document.querySelector<HTMLScriptElement>('script[data-site]');
  const site = script?.dataset['site'];
  if (!site) return;
  const append = () => {
    const id = `sveiki-${site}`;
    if (document.getElementById(id)) return console.warn(`Sveiki: remove the second script of ${site}.`);
    const chat = document.createElement('sveiki-chat') as SveikiChat;
    chat.id = id;
    let before: Promise<unknown> = chat.update(script.dataset as Partial<WidgetOptions>);
    // The last thing in the page, so that it comes last by keyboard, in the same place everywhere.
    document.body.append(chat);
    const queue = page.Sveiki?.q;
    if (!page.Sveiki || queue) page.Sveiki = chat;
    for (const [name, args, resolve, reject] of queue ?? []) {
      const done = (chat[name] as (...args: never[]) => Promise<unknown>)(...args);
      before = before.then(() => done).then(resolve, reject);
    }
  };
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', append);
  else append();
}

if (globalThis.customElements) start(window);
