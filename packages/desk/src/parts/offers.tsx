import { useEffect, useRef } from 'preact/hooks';
import type { OfferRow } from '../models/offers.ts';
import { texts } from '../texts.ts';
import { Avatar } from './avatar.tsx';
import { useDesk } from './desk-context.ts';
import { Icon } from './icon.tsx';
import { KeyHint } from './kbd.tsx';

const words = texts.offers;

/** Conversations that are this agent's if he wants them. Above the list, or above everything where the list is away. */
export function Offers({ isBar = false }: { isBar?: boolean }) {
  const { offers } = useDesk();
  const rows = offers.rows.value;
  if (rows.length === 0) return null;
  // A bar leaves room for what is below it.
  const shown = isBar ? rows.slice(0, 1) : rows;
  return (
    <section class={`offers ${isBar ? 'bar' : ''}`} aria-label={words.heading}>
      <ul>
        {shown.map((row, index) => (
          <OfferCard key={row.id} row={row} isFirst={index === 0} />
        ))}
      </ul>
      {rows.length > shown.length && <p class="hint offers-more">{words.more(rows.length - shown.length)}</p>}
    </section>
  );
}

function OfferCard({ row, isFirst }: { row: OfferRow; isFirst: boolean }) {
  const { offers } = useDesk();
  const isDeclining = offers.declining.value === row.id;
  const isBusy = offers.busy.value === row.id;
  return (
    <li class="offer">
      <div class="offer-top">
        <Avatar id={row.visitor} name={row.isNamed ? row.name : null} size="small" />
        <p class="offer-name">
          <b>
            <bdi>{row.name}</bdi>
          </b>
          <span class="hint">
            {row.team !== null && <bdi>{row.team}</bdi>} {row.language !== null && `· ${row.language}`}
          </span>
        </p>
        {/* Said once when it came, by the announcer: a clock that speaks every second helps nobody. */}
        <p class={`offer-time ${row.isHurry ? 'hurry' : ''}`} role="timer" aria-live="off">
          <Icon name="clock" size={14} />
          {words.left(row.seconds)}
        </p>
      </div>
      <p class="offer-words" dir="auto">
        {row.words}
      </p>
      {(row.handoff ?? row.reason) !== null && (
        <p class="hint offer-why">
          <Icon name={row.handoff === null ? 'routed' : 'handoff'} size={14} />
          <bdi>{row.handoff ?? row.reason}</bdi>
        </p>
      )}
      {isDeclining ? (
        <DeclineForm id={row.id} name={row.name} />
      ) : (
        <p class="offer-ways">
          <button
            type="button"
            class="button primary"
            aria-disabled={isBusy}
            onClick={() => void offers.accept(row.id)}
          >
            <span>
              {words.accept} <span class="unseen">{row.name}</span>
            </span>
            {isFirst && <KeyHint letter="Y" />}
          </button>
          <button type="button" class="button" aria-disabled={isBusy} onClick={() => offers.askWhy(row.id)}>
            <span>
              {words.decline} <span class="unseen">{row.name}</span>
            </span>
            {isFirst && <KeyHint letter="D" />}
          </button>
        </p>
      )}
    </li>
  );
}

function DeclineForm({ id, name }: { id: string; name: string }) {
  const { offers } = useDesk();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <form
      class="offer-decline"
      onSubmit={(event) => {
        event.preventDefault();
        // The field itself is asked: keys can be quicker than screens.
        void offers.decline(id, field.current?.value ?? '');
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        offers.askWhy(null);
      }}
    >
      <label class="field">
        <span class="field-label">{words.reason}</span>
        <input ref={field} type="text" maxLength={200} dir="auto" />
      </label>
      <p class="offer-ways">
        <button type="submit" class="button primary">
          {words.decline} <span class="unseen">{name}</span>
        </button>
        <button type="button" class="button" onClick={() => offers.askWhy(null)}>
          {texts.cancel}
        </button>
      </p>
    </form>
  );
}
