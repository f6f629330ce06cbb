import { computed, effect, signal } from '@preact/signals-core';
import type { Chat, FormDefinition, ToolRequest } from '@sveiki/sdk';
import type { Gate } from '../consent/gate.tsx';
import type { Files } from '../files/files.tsx';
import type { Helper } from '../helper/helper.tsx';
import type { OwnDataMenu } from '../own-data/own-data.tsx';
import type { Model, Talk } from '../panel/model.ts';
import type { Host } from '../panel/types.ts';
import type { Questions } from '../questions/questions.tsx';
import { createAnnouncer } from './announcer.ts';
import { createFormats, type Formats, plainFormats } from './formats.ts';
import { createLater } from './later.ts';
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
  readonly _host: Host;
  /** What the site asks before the first message; null when it asks nothing, or there was one. */
  readonly _form: { readonly value: FormDefinition | null };
  /** Bots that want to use a tool of the page. */
  readonly _requests: { value: readonly ToolRequest[] };
  /** Forms and surveys, when they are there; asking fetches them. */
  readonly _questions: () => Questions | undefined;
  /** Files, when that code is there. */
  readonly _files: () => Files | undefined;
  /** What bots bring with them: choices, cards, the way to a person. */
  readonly _helper: () => Helper | undefined;
  /** What the visitor agrees to first, where the site asks for it. */
  _consent: Gate | undefined;
  /** What the visitor can do with what is kept about him. */
  readonly _ownData: () => OwnDataMenu | undefined;
  readonly _isOwnDataOpen: { value: boolean };
  /** Puts a style sheet on for as long as the chat lasts. */
  _wear(css: string): void;
  /** Says something to a screen reader. */
  _say(text: string): void;
  /** Puts the keyboard where one writes. */
  _toField(): void;
  /** Keeps an effect for as long as the chat lasts. */
  _follow(run: () => void): void;
}

const tickMs = 30_000;
const forwarded = [
  'message',
  'unread',
  'connection',
  'conversation',
  'question',
  'handoff',
  'tool-call',
  'error',
] as const;

/** Joins a chat to the panel: shows it, says it, counts it, and marks as read what has been on screen. */
export function startTalk(host: Host, model: Model, chat: Chat, startGate?: (scene: Scene) => Gate): Talk {
  const { _root: root, _button: button } = host;
  const badge = document.createElement('span');
  const { _state: state, _words: words, _isOpen: isOpen } = model;
  const abort = new AbortController();
  const formats = signal(plainFormats);
  const now = signal(Date.now());
  const isVisible = signal(!document.hidden);
  const showUnread = createTitle();
  const announcer = createAnnouncer(() => root.querySelector('[aria-live=polite]'));
  const requests = signal<readonly ToolRequest[]>([]);
  const sheets = new Set<CSSStyleSheet>();
  const endings: (() => void)[] = [];
  const scene: Scene = {
    _model: model,
    _chat: chat,
    _formats: formats,
    _now: now,
    _host: host,
    _form: computed(() => {
      const { site, conversation, entries, problem } = state.value;
      if (!site || model._isPaused.value || conversation || entries.length > 0 || problem) return null;
      return (site.availability === 'online' ? site.preChat : site.offline) ?? null;
    }),
    _requests: requests,
    _questions: () => questions._get(),
    _files: () => files._get(),
    _helper: () => helper._get(),
    _ownData: () => ownData._get(),
    _isOwnDataOpen: signal(false),
    _consent: undefined,
    _wear(text) {
      if (abort.signal.aborted) return;
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      sheets.add(sheet);
      root.adoptedStyleSheets.push(sheet);
    },
    _say: announcer._say,
    _toField: () => root.querySelector<HTMLElement>('.composer textarea')?.focus(),
    _follow: (run) => void (abort.signal.aborted || endings.push(effect(run))),
  };
  const questions = createLater(scene, () => import('../questions/questions.tsx'));
  const ownData = createLater(scene, () => import('../own-data/own-data.tsx'));
  const helper = createLater(scene, () => import('../helper/helper.tsx'));
  const files = createLater(scene, () => import('../files/files.tsx'));

  scene._wear(css);
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

  chat.on(
    'tool-call',
    (request) => {
      requests.value = [...requests.peek(), request];
      request.signal.addEventListener('abort', () => {
        requests.value = requests.peek().filter((other) => other !== request);
      });
    },
    abort,
  );

  const update = () => {
    const { draft } = chat.state;
    if (draft !== state.value.draft && draft !== model._draft.value) model._draft.value = draft;
    state.value = chat.state;
    const { site } = chat.state;
    if (site) model._isPaused.value = site.paused === true;
  };
  update();
  scene._consent = startGate?.(scene);
  const isAsked = computed(() => !!scene._form.value);
  endings.push(
    chat.subscribe(update),
    questions._stop,
    helper._stop,
    ownData._stop,
    files._stop,
    effect(() => {
      if (isOpen.value && state.value.site?.files) model._files.value = files._get() ?? null;
    }),
    // Until the form is there, what is to be sent stays in the composer.
    effect(() => {
      model._gate = isAsked.value ? () => {} : null;
    }),
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
  );

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
      root.adoptedStyleSheets = root.adoptedStyleSheets.filter((other) => !sheets.has(other));
      await chat.destroy();
    },
  };
}
