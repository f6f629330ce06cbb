import type { Identity, MessageRef, PublicSite, Tool } from '@sveiki/sdk';
import type { Catalogue } from '../locales/catalogue.ts';
import type { WidgetEvents } from '../types.ts';

/**
 * The `<sveiki-chat>` element, as the panel sees it: where to draw, what to listen to, whom to tell. Its attributes are the options.
 * Names that begin with one underscore are shortened by the build, in both chunks alike.
 */
export interface Host extends HTMLElement {
  readonly _root: ShadowRoot;
  readonly _button: HTMLElement;
  _hasHistory(): boolean;
  _emit<K extends keyof WidgetEvents>(name: K, detail: WidgetEvents[K]): void;
}

/** What the launcher asks of the panel. */
export interface Panel {
  open(options?: { draft?: string }): void;
  close(): void;
  toggle(): void;
  send(message: string): Promise<MessageRef>;
  setDraft(text: string): void;
  identify(identity: Identity): Promise<void> | void;
  logout(): Promise<void>;
  addTool(tool: Tool): Promise<void>;
  /** Other texts from when they come. */
  _translate(texts: Promise<Texts>): void;
  _destroy(): Promise<void>;
}

/** What is offered while the relay cannot be reached. */
export interface Ladder {
  /** What is known of the site without the relay: from the browser, or from the page's own copy. Null: nothing that may be shown. */
  _find(): Promise<PublicSite | null>;
}

/** The visitor's language: its tag, for dates and for the relay, and the texts; no catalogue means English. */
export interface Texts {
  tag: string;
  catalogue?: Catalogue | undefined;
}
