import { effect, signal } from '@preact/signals-core';
import type { Chat, ChatState, FormAnswers, Identity, MessageRef, PublicSite, Tool } from '@sveiki/sdk';
import type { FunctionComponent } from 'preact';
import type { Files } from '../files/files.tsx';
import type { Catalogue } from '../locales/catalogue.ts';
import { catalogue as english } from '../locales/en.ts';
import type { Ladder, Texts } from './types.ts';

/** What is shown until the chat has come; the composer can be typed into by then. */
export const nothing: ChatState = {
  connection: { status: 'idle' },
  site: null,
  visitor: null,
  conversation: null,
  entries: [],
  hasOlder: false,
  loadingOlder: false,
  typing: [],
  streaming: null,
  isBot: false,
  question: null,
  handoff: null,
  queue: null,
  unread: 0,
  draft: '',
  problem: null,
  checking: false,
};

const loadAgainMs = 3_000;

/** What was filled in before the first message. */
export type Before = { before: { form: string; answers: FormAnswers } };

/** The second half of the panel: a chat, and what shows it. It is fetched when the first half stands. */
export interface Talk {
  readonly _chat: Chat;
  /** Who answers, for the head of the panel. */
  readonly _Who: FunctionComponent;
  /** Everything between head and composer. */
  readonly _Body: FunctionComponent;
  _end(): Promise<void>;
}

export type Model = ReturnType<typeof createModel>;

/** What the panel shows and does, without its elements. */
export function createModel(texts: Texts, loadTalk: (model: Model) => Promise<Talk>) {
  const words = signal<Catalogue>(english);
  const tag = signal('en');
  const talk = signal<Talk | null>(null);
  const state = signal(nothing);
  const draft = signal('');
  const isOpen = signal(false);
  /** The end of the conversation is on screen. */
  const isAtEnd = signal(true);
  /** "2 unread messages", for the launcher's name. */
  const unreadLabel = signal('');
  /** What sends files, once it is there and the site takes them. */
  const files = signal<Files | null>(null);
  /** The last text was too long to be sent. */
  const isTooLarge = signal(false);
  /** Somebody asked for a line. */
  const isWanted = signal(false);
  const endings: (() => void)[] = [];

  let loading: Promise<Chat> | undefined;
  let isDestroyed = false;
  let wantsToSend = false;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;

  function translate({ tag: newTag, catalogue }: Texts) {
    tag.value = newTag;
    words.value = catalogue ?? english;
  }

  function load(): Promise<Chat> {
    loading ??= loadTalk(model).then(
      (loaded) => {
        if (isDestroyed) void loaded._end();
        else {
          talk.value = loaded;
          if (draft.value) loaded._chat.setDraft(draft.value);
          if (wantsToSend) submit();
        }
        return loaded._chat;
      },
      (error) => {
        // An option that makes no sense will make none later either.
        if (error.code) throw error;
        // Nothing is lost: what was typed is still in the composer.
        loading = undefined;
        state.value = { ...nothing, connection: { status: 'reconnecting', attempt: 1, retryAt: 0 } };
        retryTimer = setTimeout(connect, loadAgainMs);
        throw error;
      },
    );
    return loading;
  }

  function connect() {
    if (isDestroyed) return;
    isWanted.value = true;
    load().then(
      (chat) => chat.connect(),
      // The network is tried again; a mistake in the options is for the one who made it.
      (error) => error.code && console.error(error),
    );
  }

  function type(text: string) {
    draft.value = text;
    isTooLarge.value = false;
    const chat = talk.value?._chat;
    chat?.setDraft(text);
    if (!text) return;
    chat?.typing();
    connect();
  }

  async function send(text: string, before?: Before): Promise<MessageRef> {
    isAtEnd.value = true;
    return (await load()).send(text, before);
  }

  /** Sends a text from the composer, which has it back when it is too long. */
  function say(text: string, before?: Before) {
    const sendFiles = files.peek()?._take();
    if (!text.trim() && !sendFiles) return;
    type('');
    (sendFiles ?? send)(text, before).catch(({ code }) => {
      if (code !== 'too-large') return;
      isTooLarge.value = true;
      draft.value ||= text;
    });
  }

  /** Sends what is in the composer; when the chat is still on its way, as soon as it is there. */
  function submit() {
    const text = draft.value;
    wantsToSend = !talk.value && text.trim() !== '';
    if (talk.value) (model._hold ?? model._gate ?? say)(text);
  }

  translate(texts);

  const model = {
    _words: words,
    _tag: tag,
    _talk: talk,
    _state: state,
    _draft: draft,
    _isOpen: isOpen,
    _isAtEnd: isAtEnd,
    _unreadLabel: unreadLabel,
    _isTooLarge: isTooLarge,
    _files: files,
    _isWanted: isWanted,
    /** The door of the site did not answer when it was last asked. */
    _isSilent: signal(false),
    /** The signed part of its last answer. */
    _heard: undefined as unknown,
    /** What was looked up of the site without a line. */
    _known: signal<PublicSite | null>(null),
    /** Nobody can write here now: as the line says, or before there is one the door. */
    _isPaused: signal(false),
    /** What stands above the conversation while the relay cannot be reached. */
    _Ladder: signal<FunctionComponent | null>(null),
    /** Its code, once it was asked for. */
    _ladder: undefined as Promise<Ladder | undefined> | undefined,
    /** Keeps an effect for as long as there is a panel. */
    _follow: (run: () => undefined | (() => void)) => void (isDestroyed || endings.push(effect(run))),
    _translate: translate,
    _connect: connect,
    _type: type,
    _submit: submit,
    _say: say,
    /** What is sent goes through here while consent comes before everything. */
    _hold: null as ((text: string) => void) | null,
    /** What is sent goes through here while a form comes first. */
    _gate: null as ((text: string) => void) | null,
    _send: send,
    _identify: (identity: Identity) => load().then((chat) => chat.identify(identity)),
    _addTool: (tool: Tool) => load().then((chat) => void chat.tools.register(tool)),
    _logout: () => load().then((chat) => chat.logout()),
    async _destroy() {
      isDestroyed = true;
      clearTimeout(retryTimer);
      for (const end of endings) end();
      await talk.value?._end();
    },
  };
  return model;
}
