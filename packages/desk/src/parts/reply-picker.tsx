import type { ReplyHit } from '@sveiki/sdk/agent';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { languageTag } from '../models/people.ts';
import { type Filling, marked, type Picker } from '../models/reply-picker.ts';
import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';
import { Icon } from './icon.tsx';

const words = texts.composer;
export const replyListId = 'canned-replies';
export const replyOptionId = (index: number) => `canned-reply-${index}`;

/** Who finds a reply, in a word or two. */
export function scopeName(scope: ReplyHit['scope'], teams: readonly { id: string; name: string }[]): string {
  if (scope.kind === 'team') return teams.find(({ id }) => id === scope.team)?.name ?? scope.team;
  return words.cannedScope[scope.kind];
}

/** The canned replies for what is typed behind the slash. The keyboard stays in the text; the list only points. */
export function ReplyPicker({ picker }: { picker: Picker }) {
  const { alerts, composer } = useDesk();
  const list = useRef<HTMLDivElement>(null);
  const { hits, active, status } = picker;
  const count = hits.length;
  const isKnown = status === 'ready';
  useEffect(() => {
    if (isKnown) alerts.say(words.cannedCount(count));
  }, [isKnown, count, alerts]);
  useLayoutEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  });
  const chosen = hits[active];
  return (
    <div class={`canned ${chosen === undefined ? 'bare' : ''}`} onPointerDown={(event) => event.preventDefault()}>
      {count > 0 && (
        <div ref={list} id={replyListId} class="canned-list" role="listbox" aria-label={words.canned}>
          {hits.map((hit, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the text box has the keyboard and points here.
            // biome-ignore lint/a11y/useFocusableInteractive: the text box has the keyboard and points here.
            <div
              key={hit.id}
              id={replyOptionId(index)}
              class="canned-item"
              role="option"
              aria-selected={index === active}
              onClick={() => composer.replies.choose(index)}
            >
              <Option hit={hit} />
            </div>
          ))}
        </div>
      )}
      {chosen !== undefined && <Preview hit={chosen} />}
      {count === 0 && (
        <p
          class={`canned-state ${status === 'searching' ? 'late' : ''}`}
          role={status === 'ready' ? undefined : 'status'}
        >
          {status === 'searching' && words.cannedSearching}
          {status === 'ready' && words.cannedNone}
          {status === 'offline' && words.cannedOffline}
          {status === 'failed' && words.cannedFailed(picker.problem ?? '')}
        </p>
      )}
    </div>
  );
}

function Marked({ hit, field, text }: { hit: ReplyHit; field: 'shortcut' | 'title' | 'preview'; text: string }) {
  return (
    <>
      {marked(text, field, hit.marks).map((piece, index) =>
        piece.isMarked ? <mark key={index}>{piece.text}</mark> : <span key={index}>{piece.text}</span>,
      )}
    </>
  );
}

function Option({ hit }: { hit: ReplyHit }) {
  const { state } = useDesk();
  return (
    <>
      <span class="canned-title">
        {hit.why === 'dynamic' && <Icon name="draft" size={14} />}
        <bdi>
          <Marked hit={hit} field="title" text={hit.title} />
        </bdi>
      </span>{' '}
      <span class="canned-shortcut">
        /<Marked hit={hit} field="shortcut" text={hit.shortcut} />
      </span>{' '}
      <span class="canned-text">
        {hit.why === 'dynamic' ? words.cannedDynamic : scopeName(hit.scope, state.value.teams)}
        {hit.tags.length > 0 && ` · ${hit.tags.join(', ')}`}
      </span>
    </>
  );
}

function Preview({ hit }: { hit: ReplyHit }) {
  return (
    <div class="canned-preview">
      <p class="canned-note">
        {words.cannedPreview}
        {languageTag(hit.locale) !== null && <span class="mark language">{languageTag(hit.locale)}</span>}
      </p>
      <p class="canned-preview-text" dir="auto">
        <Marked hit={hit} field="preview" text={hit.preview} />
      </p>
      {hit.text === null && (
        <p class="canned-note">
          <Icon name="pencil" size={14} />
          {words.cannedAsks(hit.missing.map(({ ask }) => ask).join(', '))}
        </p>
      )}
    </div>
  );
}

/** What a reply needs, typed before it is put into the text. */
export function FillReply({ filling }: { filling: Filling }) {
  const { composer } = useDesk();
  const form = useRef<HTMLFormElement>(null);
  const { hit, fields, missing, problems } = filling;
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const firstMissing = missing[0];
  useEffect(() => {
    if (firstMissing !== undefined) form.current?.querySelector<HTMLInputElement>('[aria-invalid=true]')?.focus();
  }, [firstMissing]);
  function leave() {
    composer.replies.leaveFilling();
    document.getElementById('composer-text')?.focus();
  }
  return (
    <form
      ref={form}
      class="fill-reply"
      aria-label={words.cannedFill(hit.title)}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const values: Record<string, string> = {};
        for (const [name, value] of new FormData(event.currentTarget))
          if (typeof value === 'string') values[name] = value;
        void composer.replies.fill(values);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.isComposing) return;
        event.preventDefault();
        leave();
      }}
    >
      <p class="fill-head">
        <b>{words.cannedFill(hit.title)}</b> <span class="hint">{words.cannedFillHint}</span>
      </p>
      <div class="fill-fields">
        {fields.map(({ name, ask, required, default: standard }) => {
          const isMissing = missing.includes(name);
          return (
            <label key={name} class="field">
              <span class="field-label">
                <bdi>{ask}</bdi> {!required && <span class="hint">{words.cannedOptional}</span>}
              </span>
              <input
                type="text"
                name={name}
                dir="auto"
                autoComplete="off"
                defaultValue={standard}
                required={required}
                aria-invalid={isMissing}
                aria-describedby={isMissing ? `missing-${name}` : undefined}
              />
              {isMissing && (
                <span id={`missing-${name}`} class="field-problem">
                  {words.cannedMissing}
                </span>
              )}
            </label>
          );
        })}
      </div>
      {problems.length > 0 && (
        <p class="caution" role="alert">
          <Icon name="warning" size={16} />
          {problems.join(' ')}
        </p>
      )}
      <p class="fill-ways">
        <button type="button" class="button" onClick={leave}>
          {texts.cancel}
        </button>
        <button type="submit" class="button primary" aria-disabled={filling.isBusy}>
          {words.cannedInsert}
        </button>
      </p>
    </form>
  );
}
