import { effect, signal } from '@preact/signals-core';
import type { Chat } from '@sveiki/sdk';
import type { Model, Talk } from '../panel/model.ts';
import type { Host } from '../panel/types.ts';
import { createAnnouncer } from './announcer.ts';
import { createFormats, type Formats, plainFormats } from './formats.ts';
import { tellNews } from './news.ts';
import { Body } from './parts/body.tsx';
import { Who } from './parts/who.tsx';
import css from './talk.css';
import { createTitle } from './title.ts';

/** What the parts of the conversation need to draw themselves. */
export interface Scene {
  readonly _model: Model;
  readonly _chat: Chat;
  readonly _formats: { readonly value: Formats };
  /** The time, in steps. */
  readonly _now: { readonly value: number };
}

const tickMs = 30_000;
const forwarded = ['message', 'unread', 'connection', 'conversation', 'error'] as const;

let sheet: CSSStyleSheet | undefined;

/** Joins a chat to the panel: shows it, says it, counts it, and marks as read what has been on screen. */
export function startTalk(host: Host, model: Model, chat: Chat): Talk {
  const { _root: root, _button: button } = host;
  const badge = document.createElement('span');
  const { _state: state, _words: words, _isOpen: isOpen } = model;
  const abort = new AbortController();
  const formats = signal(plainFormats);
  const now = signal(Date.now());
  const isVisible = signal(!document.hidden);
  const showUnread = createTitle();
  const announcer = createAnnouncer(() => root.querySelector('[aria-live=polite]'));
  const scene: Scene = { _model: model, _chat: chat, _formats: formats, _now: now };

  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  const ownSheet = sheet;
  root.adoptedStyleSheets.push(ownSheet);
  badge.setAttribute('part', 'badge');
  button.append(badge);

  for (const name of forwarded) chat.on(name, (detail) => host._emit(name, detail as never), abort);
  const page = window as Window & { navigation?: EventTarget };
  const visit = () => chat.visit({ url: location.href, title: document.title });
  // Pages that change without a reload are noticed by the Navigation API where it is there.
  (page.navigation ?? page).addEventListener(page.navigation ? 'navigatesuccess' : 'popstate', visit, abort);
  document.addEventListener(
    'visibilitychange',
    () => {
      isVisible.value = !document.hidden;
    },
    abort,
  );

  const update = () => {
    const { draft } = chat.state;
    if (draft !== state.value.draft && draft !== model._draft.value) model._draft.value = draft;
    state.value = chat.state;
  };
  update();
  const endings = [
    chat.subscribe(update),
    tellNews(scene, announcer._say),
    effect(() => {
      const tag = model._tag.value;
      formats.value = plainFormats;
      (page.requestIdleCallback ?? setTimeout)(() => {
        // "en" does not say how the visitor reads a clock; the browser's "en-GB" does.
        if (tag === model._tag.peek())
          formats.value = createFormats(navigator.languages.find((own) => own.startsWith(`${tag}-`)) ?? tag);
      });
    }),
    // What is on screen to its end, in a page that somebody looks at, has been read.
    effect(() => {
      if (isOpen.value && model._isAtEnd.value && isVisible.value && state.value.unread > 0) {
        // Not while the chat is still telling everybody what is new.
        queueMicrotask(() => chat.markRead());
      }
    }),
    effect(() => {
      if (!isOpen.value || !isVisible.value) return;
      now.value = Date.now();
      const timer = setInterval(() => {
        now.value = Date.now();
      }, tickMs);
      return () => clearInterval(timer);
    }),
    effect(() => {
      const { unread } = state.value;
      badge.textContent = unread > 99 ? '99+' : unread > 0 ? `${unread}` : '';
      model._unreadLabel.value = unread > 0 ? formats.value.plural(unread, words.value.unread) : '';
      showUnread(isVisible.value ? 0 : unread);
    }),
  ];

  return {
    _chat: chat,
    _Who: () => <Who {...scene} />,
    _Body: () => <Body {...scene} />,
    async _end() {
      abort.abort();
      announcer._stop();
      for (const end of endings) end();
      showUnread(0);
      badge.remove();
      root.adoptedStyleSheets = root.adoptedStyleSheets.filter((other) => other !== ownSheet);
      await chat.destroy();
    },
  };
}
