import { useLayoutEffect, useRef } from 'preact/hooks';
import { takeAndWrite } from '../models/commands.ts';
import type { Mode } from '../models/drafts.ts';
import { ownerName } from '../models/people.ts';
import { texts } from '../texts.ts';
import { AskMenu } from './ask-menu.tsx';
import { AttachButton, Attachments, useDroppedFiles } from './attachments.tsx';
import { useDesk } from './desk-context.ts';
import { useFocusWish } from './focus-wish.ts';
import { Icon } from './icon.tsx';
import { FillReply, ReplyPicker, replyListId, replyOptionId } from './reply-picker.tsx';

const modes: readonly Mode[] = ['reply', 'note'];
const words = texts.composer;

/** Where replies and notes are written. A note looks, is called and is sent differently, so that nobody mixes them up. */
export function Composer() {
  const { composer, conversation } = useDesk();
  const mode = composer.mode.value;
  const footer = conversation.footer.value;

  function onTabKey(event: KeyboardEvent) {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    const next = mode === 'reply' ? 'note' : 'reply';
    composer.setMode(next);
    document.getElementById(`tab-${next}`)?.focus();
  }

  return (
    <section id="composer" class={`composer ${mode}`} aria-label={words.label} tabIndex={-1}>
      <div class="measure">
        <div class="composer-card">
          <div class="tabs" role="tablist" aria-label={words.modes}>
            {modes.map((one) => (
              <button
                key={one}
                id={`tab-${one}`}
                type="button"
                role="tab"
                class="tab"
                aria-selected={mode === one}
                aria-controls="composer-panel"
                tabIndex={mode === one ? 0 : -1}
                onClick={() => composer.setMode(one)}
                onKeyDown={onTabKey}
              >
                <Icon name={one === 'reply' ? 'reply' : 'lock'} size={16} />
                {words[one]}
              </button>
            ))}
          </div>
          <div id="composer-panel" role="tabpanel" aria-labelledby={`tab-${mode}`}>
            {mode === 'note' || footer === 'reply' ? <Writing key={mode} mode={mode} /> : <TakeIt />}
          </div>
        </div>
      </div>
    </section>
  );
}

/** Instead of the reply, while somebody else or nobody answers. */
function TakeIt() {
  const desk = useDesk();
  const { conversation } = desk;
  const { owner, team } = conversation.current.value ?? {};
  if (conversation.footer.value === 'resolved') return <p class="take-it resolved">{texts.takeIt.resolved}</p>;
  const name = conversation.name.value;
  return (
    <div class="take-it">
      <div>
        <p class="take-who">
          {owner == null ? texts.takeIt.queued(name, team?.name ?? null) : texts.takeIt.owned(name, ownerName(owner))}
        </p>
        <p class="hint">{conversation.mayTake.value ? texts.takeIt.hint : texts.takeIt.noteOnly}</p>
      </div>
      {conversation.mayTake.value && (
        <button
          id="take"
          type="button"
          class="button primary"
          aria-disabled={conversation.busy.value !== null}
          onClick={() => void takeAndWrite(desk)}
        >
          {texts.actions.take}
        </button>
      )}
    </div>
  );
}

function Writing({ mode }: { mode: Mode }) {
  const { composer, conversation, screen, settings, around } = useDesk();
  const box = useRef<HTMLTextAreaElement>(null);
  const isNote = mode === 'note';
  const { replies } = composer;
  const form = useRef<HTMLFormElement>(null);
  const isOver = useDroppedFiles(form);
  const picker = replies.picker.value;
  const hasHits = picker !== null && picker.hits.length > 0;
  const filling = replies.filling.value;
  const caution = composer.caution.value;
  const problem = composer.problem.value;
  const name = conversation.name.value;
  const { enterSends } = settings.settings.value;

  useFocusWish('composer', () => {
    const end = box.current?.value.length ?? 0;
    box.current?.focus();
    box.current?.setSelectionRange(end, end);
  });

  // A text put in by the desk: once the box shows it, the caret has its place behind it.
  const wish = composer.caretWish.value;
  useLayoutEffect(() => {
    if (wish === null || composer.caretWish.peek() !== wish) return;
    composer.caretWish.value = null;
    box.current?.focus();
    box.current?.setSelectionRange(wish.at, wish.at);
  }, [wish, composer]);

  function onKeyDown(event: KeyboardEvent) {
    // An input method uses these keys while a word is being made. Models are asked, not what was drawn: keys can be quicker than screens.
    if (event.isComposing) return;
    const isMod = event.ctrlKey || event.metaKey;
    if (replies.picker.peek() !== null && !isMod && pickerKey(event)) return event.preventDefault();
    if (event.key === 'Enter' && (isMod || (enterSends && !event.shiftKey && !event.altKey))) {
      event.preventDefault();
      void composer.submit();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      // At once: the next key may be a shortcut, quicker than the list can be drawn.
      box.current?.blur();
      screen.focusOn('list');
    }
  }

  function pickerKey(event: KeyboardEvent): boolean {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') replies.move(event.key === 'ArrowDown' ? 1 : -1);
    else if ((event.key === 'Enter' && !event.shiftKey) || (event.key === 'Tab' && !event.shiftKey))
      return replies.chooseActive();
    else if (event.key === 'Escape') replies.dismiss();
    else return false;
    return true;
  }

  const mod = around.isMac ? '⌘' : 'Ctrl';
  return (
    <>
      {filling !== null && <FillReply key={filling.hit.id} filling={filling} />}
      <form
        ref={form}
        class={isOver ? 'writing over' : 'writing'}
        onSubmit={(event) => {
          event.preventDefault();
          void composer.submit();
          box.current?.focus();
        }}
      >
        {isOver && <p class="drop-here">{texts.files.drop}</p>}
        {picker !== null && <ReplyPicker picker={picker} />}
        <textarea
          ref={box}
          id="composer-text"
          class="composer-text"
          rows={2}
          dir="auto"
          aria-label={isNote ? words.note : words.reply}
          aria-describedby="composer-hint"
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={hasHits ? replyListId : undefined}
          aria-activedescendant={hasHits ? replyOptionId(picker.active) : undefined}
          placeholder={isNote ? words.notePlaceholder : words.replyPlaceholder(name)}
          value={composer.text.value}
          onInput={(event) => composer.input(event.currentTarget.value, event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          onSelect={(event) => composer.caretAt(event.currentTarget.selectionStart)}
          onBlur={() => replies.close()}
        />
        <Attachments />
        {caution !== null && (
          <div class="caution" role="alert">
            <p>
              <Icon name="warning" size={16} />
              {caution.text}
            </p>
            <p class="failed-ways">
              {caution.kind === 'note-inside' && (
                <button type="button" class="link" onClick={() => composer.makeNote()}>
                  {words.makeNote}
                </button>
              )}
              <button type="button" class="link" onClick={() => void composer.submit({ despite: true })}>
                {words.sendAnyway}
              </button>
            </p>
          </div>
        )}
        {problem !== null && (
          <p class="caution" role="alert">
            <Icon name="warning" size={16} />
            {problem}
          </p>
        )}
        <div class="composer-foot">
          <p id="composer-hint" class="hint">
            <span class="audience">
              <Icon name={isNote ? 'lock' : 'eye'} size={16} />
              {isNote ? words.noteSeen(name) : words.replySeen(name)}
            </span>
            <span class="send-keys">
              {words.keys(enterSends ? 'Enter' : `${mod} Enter`, isNote ? words.toAdd : words.toSend)}
            </span>
          </p>
          {!isNote && <AskMenu />}
          <AttachButton />
          <button
            type="button"
            class="button icon-only quiet"
            aria-label={words.cannedOpen}
            title={words.cannedOpen}
            onClick={() => composer.openReplies()}
          >
            <Icon name="slash" />
          </button>
          <button type="submit" class={`button ${isNote ? 'note-button' : 'primary'}`}>
            {isNote ? words.addNote : words.send}
          </button>
        </div>
      </form>
    </>
  );
}
