import { effect } from '@preact/signals-core';
import { render } from 'preact';
import { live } from './live.ts';
import { createModel, type Model, type Talk } from './model.ts';
import css from './panel.css';
import { Composer } from './parts/composer.tsx';
import { Icon } from './parts/icon.tsx';
import type { Host, Panel, Texts } from './types.ts';

/** The panel comes to rest first: its motion and the first letters typed have the machine and the line for themselves. */
const restMs = 200;
/** Smaller than this, and the panel is a sheet over the whole screen. */
const smallScreen = '(max-width: 479px), (max-height: 479px)';

let sheet: CSSStyleSheet | undefined;

/** The page sees the element as the target of keys typed in here, and would take them for its own shortcuts. */
const keepKey = (event: Event) => event.stopPropagation();

/** Draws the panel into the shadow root of `host`. `loadTalk` is called when the panel stands, or when something needs the chat. */
export function createPanel(host: Host, texts: Texts, loadTalk: (model: Model) => Promise<Talk>): Panel {
  const { _root: root, _button: button } = host;
  const isInline = host.getAttribute('mode') === 'inline';
  const hasHistory = host._hasHistory();
  const small = matchMedia(smallScreen);
  const view = window.visualViewport;
  const abort = new AbortController();
  const place = document.createElement('div');
  place.className = 'place';
  const model = createModel(texts, loadTalk);
  let connectTimer: ReturnType<typeof setTimeout> | undefined;

  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  const ownSheet = sheet;
  root.adoptedStyleSheets.push(ownSheet);
  root.append(place);

  const box = () => place.firstElementChild as HTMLDialogElement;
  const field = () => place.querySelector<HTMLElement>('.composer textarea');
  const focus = () => field()?.focus();

  const View = live(() => {
    const words = model._words.value;
    const tag = model._tag.value;
    const talk = model._talk.value;
    const isOpen = model._isOpen.value;
    const Ladder = model._Ladder.value;
    const Box = isInline ? 'section' : 'dialog';
    // The one polite voice. A modal dialog makes everything outside of it silent, so it goes in with the visitor.
    const voice = <div class="hidden" aria-live="polite" />;
    return (
      <>
        <Box
          class={isInline ? 'panel inline' : 'panel'}
          part="panel"
          tabIndex={-1}
          lang={tag}
          dir={tag.startsWith('ar') ? 'rtl' : 'ltr'}
          aria-label={words.chat}
          onClose={() => box().open || close()}
          onKeyDown={onKey}
          onKeyPress={keepKey}
          onKeyUp={keepKey}
          onFocusIn={isInline ? model._connect : undefined}
        >
          {isOpen && (
            <>
              <div class="head" part="header">
                {talk ? <talk._Who /> : <h2 class="who">{words.chat}</h2>}
                {!isInline && (
                  <button type="button" class="icon" aria-label={words.close} onClick={close}>
                    <Icon name="close" />
                  </button>
                )}
              </div>
              {Ladder && <Ladder />}
              {talk ? (
                <talk._Body />
              ) : (
                <div class="log empty">
                  {!hasHistory && <p class="greeting">{words.greeting}</p>}
                  {model._state.value.connection.status === 'reconnecting' && <p>{words.reconnecting}</p>}
                </div>
              )}
              {!model._state.value.problem && !model._isPaused.value && <Composer model={model} />}
              {voice}
            </>
          )}
        </Box>
        {!isOpen && voice}
      </>
    );
  });

  const draw = () => render(<View />, place);

  function onKey(event: KeyboardEvent) {
    keepKey(event);
    if (event.key === 'Escape' && !event.isComposing && !isInline) {
      event.preventDefault();
      close();
    }
  }

  function show() {
    const composer = field();
    // Else the dialog would focus its first button before, and everything be styled and laid out once more.
    composer?.toggleAttribute('autofocus', true);
    if (small.matches) box().showModal();
    else box().show();
    composer?.removeAttribute('autofocus');
  }

  function open(options?: { draft?: string }) {
    if (!model._isOpen.value) {
      // Before anything more changes: reading the size of the screen lays out what has.
      fit();
      model._isAtEnd.value = model._isOpen.value = true;
      button.dataset['open'] = '';
      draw();
      show();
      host._emit('open', undefined);
    }
    if (options?.draft && !model._draft.value) model._type(options.draft);
    focus();
    connectTimer = setTimeout(model._connect, restMs);
  }

  function close() {
    if (!model._isOpen.value || isInline) return;
    // Gives the focus back to where it was before, if it is in the panel.
    box().close();
    if (!document.activeElement || document.activeElement === document.body) button.focus();
    model._isOpen.value = false;
    delete button.dataset['open'];
    host._emit('close', undefined);
  }

  /** The sheet is as high as what the keyboard leaves. Zoomed in with two fingers it stays as it is. */
  function fit() {
    if (!view || !small.matches || view.scale > 1.01) return;
    const { height, offsetTop } = view;
    box().style.setProperty('--h', `${height}px`);
    box().style.setProperty('--t', `${offsetTop}px`);
  }

  const on = (target: EventTarget | null, name: string, run: (event: never) => void) =>
    target?.addEventListener(name, run as EventListener, abort);
  for (const name of ['resize', 'scroll'])
    on(view, name, () => requestAnimationFrame(() => model._isOpen.value && fit()));
  on(small, 'change', () => {
    if (!box().open) return;
    box().close();
    fit();
    show();
  });
  // What has the focus in the page may lie below the panel; Escape brings it to light.
  on(document, 'keydown', (event: KeyboardEvent) => {
    const focused = document.activeElement;
    if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing || !focused || focused === document.body)
      return;
    const a = focused.getBoundingClientRect();
    const b = box().getBoundingClientRect();
    if (focused === host || (a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top)) close();
  });

  const endLabel = effect(() => {
    const { closeChat, open: openChat } = model._words.value;
    const unread = model._unreadLabel.value;
    button.ariaLabel = model._isOpen.value ? closeChat : unread ? `${openChat}, ${unread}` : openChat;
  });

  if (isInline) model._isOpen.value = true;
  draw();
  if (hasHistory) model._connect();

  return {
    open,
    close,
    toggle: () => (model._isOpen.value ? close() : open()),
    send: model._send,
    setDraft: model._type,
    identify: model._identify,
    logout: model._logout,
    addTool: model._addTool,
    _translate: (texts) => void texts.then(model._translate, () => {}),
    async _destroy() {
      abort.abort();
      endLabel();
      clearTimeout(connectTimer);
      delete button.dataset['open'];
      await model._destroy();
      render(null, place);
      place.remove();
      root.adoptedStyleSheets = root.adoptedStyleSheets.filter((other) => other !== ownSheet);
    },
  };
}
