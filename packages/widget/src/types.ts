import type { ChatEvents, Identity, MessageRef, Tool } from '@sveiki/sdk';

/**
 * What a site can set, by the same names everywhere: `data-color` on the script tag, `color` on `<sveiki-chat>`, `Sveiki.update({ color })`.
 */
export interface WidgetOptions {
  /** The publishable key of the site. */
  site: string;
  /** Base address of the relay. @default the origin the widget was loaded from */
  server?: string;
  /** A language tag. @default the page's language, then the browser's */
  locale?: string;
  /** The corner, seen in reading direction. @default 'end' */
  position?: 'start' | 'end';
  /** Brand colour, any that CSS knows; what is written on it becomes black or white, whichever reads better. */
  color?: string;
  /** @default 'auto', which follows the visitor's system */
  scheme?: 'auto' | 'light' | 'dark';
  /** `inline` fills the `<sveiki-chat>` element instead of floating over the page. @default 'float' */
  mode?: 'float' | 'inline';
  /** `none`: the site opens the chat itself with `Sveiki.open()`. @default 'auto' */
  launcher?: 'auto' | 'none';
  /** `memory`: nothing outlives the page. @default 'local' */
  storage?: 'local' | 'memory';
  /** Address of a copy of what the relay says about the site, shown while the relay is away. It is believed when one of `key` has signed it. */
  config?: string;
  /** Public keys of the relay as base64url, between spaces. */
  key?: string;
}

/** What happens in the widget, for `on()`; the same as bubbling DOM events of the element, named `sveiki:open`, `sveiki:message`, … */
export interface WidgetEvents extends ChatEvents {
  open: undefined;
  close: undefined;
}

/**
 * What a page can ask of the widget. Every call returns a promise and may come before the script has loaded; calls are carried out in their order.
 */
export interface WidgetApi {
  /** Opens the panel and moves the focus to the composer. `draft` is put there when it is empty. */
  open(options?: { draft?: string }): Promise<void>;
  close(): Promise<void>;
  toggle(): Promise<void>;
  /** Sends a message as the visitor; resolves when the relay has stored it. */
  send(message: string): Promise<MessageRef>;
  /** Puts a text into the composer. */
  setDraft(text: string): Promise<void>;
  /** Signs the visitor in. Before the panel has loaded it is kept and used then: it opens nothing by itself. */
  identify(identity: Identity): Promise<void>;
  /** Forgets this visitor on this device. */
  logout(): Promise<void>;
  /**
   * Lets bots do something on this page: `{ name, description, handler }`. The visitor is asked each time, unless `needsConsent` is false. Before the
   * panel has loaded it is kept and used then.
   */
  addTool(tool: Tool): Promise<void>;
  /** Changes options while it runs. */
  update(options: Partial<WidgetOptions>): Promise<void>;
  /** Listens; the returned promise gives what ends it, and so does `signal`. */
  on<K extends keyof WidgetEvents>(
    name: K,
    handler: (event: WidgetEvents[K]) => void,
    options?: { signal?: AbortSignal; once?: boolean },
  ): Promise<() => void>;
  /** Removes the widget: no node, listener, timer or socket stays. Unsent messages stay on disk. */
  destroy(): Promise<void>;
}
