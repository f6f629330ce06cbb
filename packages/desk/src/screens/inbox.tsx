import { useCallback, useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { formatRoute, type View, views } from '../models/route.ts';
import { useDesk } from '../parts/desk-context.ts';
import { useFocusWish } from '../parts/focus-wish.ts';
import { Icon } from '../parts/icon.tsx';
import { ListRow } from '../parts/list-row.tsx';
import { Offers } from '../parts/offers.tsx';
import { PresenceSwitch } from '../parts/presence-switch.tsx';
import { SettingsMenu } from '../parts/settings-menu.tsx';
import { TeamMenu } from '../parts/team-menu.tsx';
import { texts } from '../texts.ts';

const words = texts.lists;

/** The first pane: who is signed in, the lists with their counts, and the rows of the one that is open. */
export function Inbox() {
  const { screen, routing } = useDesk();
  return (
    <section class="pane lists" aria-label={words.label}>
      <div class="lists-head">
        <PresenceSwitch />
        <div class="head-buttons">
          <button
            type="button"
            class="button icon-only quiet"
            aria-label={texts.palette.button}
            title={texts.palette.button}
            onClick={() => screen.open('palette')}
          >
            <Icon name="command" />
          </button>
          <TeamMenu />
          <SettingsMenu />
        </div>
      </div>
      <ListTabs />
      {!(screen.isNarrow.value && routing.route.value.conversation !== null) && <Offers />}
      <Rows />
    </section>
  );
}

function ListTabs() {
  const { inbox, routing } = useDesk();
  const counts = inbox.counts.value;
  return (
    <nav class="list-tabs" aria-label={words.nav}>
      {views.map((view) => (
        <a
          key={view}
          class={`list-tab ${view === 'queue' && counts.queue > 0 ? 'calls' : ''}`}
          title={view === 'resolved' ? words.lastDay : undefined}
          href={formatRoute({ view, conversation: null })}
          aria-current={inbox.view.value === view ? 'page' : undefined}
          onClick={(event) => {
            if (isElsewhere(event)) return;
            event.preventDefault();
            routing.go({ view });
          }}
        >
          <span class="list-tab-name">{words[view]}</span>{' '}
          <span class="list-tab-count">
            {counts[view] > 999 ? '999+' : counts[view]}
            <span class="unseen"> {words.countOf(counts[view], view === 'resolved')}</span>
          </span>
        </a>
      ))}
    </nav>
  );
}

function Rows() {
  const desk = useDesk();
  const { inbox, routing, screen, conversation } = desk;
  const view = inbox.view.value;
  const rows = inbox.rows.value;
  const next = inbox.next.value;
  const status = inbox.status.value;
  const region = useRef<HTMLDivElement>(null);

  useFocusWish('list', () => {
    const row = region.current?.querySelector<HTMLElement>('[data-active]') ?? region.current;
    row?.focus();
    row?.scrollIntoView({ block: 'nearest' });
  });

  // A row that had the keyboard is gone: taken, resolved, moved. The next one has it.
  const held = useRef<HTMLElement | null>(null);
  useLayoutEffect(() => {
    if (held.current === null || held.current.isConnected) return;
    held.current = null;
    // Where one pane is there and a conversation is open, the list is away, and going to it would leave the conversation.
    if (screen.isNarrow.peek() && conversation.id.peek() !== null) return;
    if (document.activeElement === document.body) screen.focusOn('list');
  });

  // A list that was still on its way when the keyboard came: it goes on to the first row.
  const isEmpty = rows.length + next.length === 0;
  useEffect(() => {
    if (!isEmpty && document.activeElement === region.current) screen.focusOn('list');
  }, [isEmpty, screen]);

  const open = useCallback(
    (event: MouseEvent, id: string) => {
      if (isElsewhere(event)) return;
      event.preventDefault();
      inbox.point(id);
      const isAgain = conversation.id.value === id;
      routing.go({ conversation: id });
      if (!isAgain || event.detail === 0) screen.focusOn('conversation');
    },
    [inbox, routing, screen, conversation],
  );

  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    inbox.move(event.key === 'ArrowDown' ? 1 : -1);
    screen.focusOn('list');
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys walk along the links inside.
    <div
      ref={region}
      id="list"
      class="rows-frame"
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onFocusCapture={(event) => {
        held.current = event.target instanceof HTMLElement ? event.target : null;
      }}
      onBlurCapture={(event) => {
        // Without a place it goes to, it may be the row itself that goes.
        if (event.relatedTarget !== null) held.current = null;
      }}
    >
      <h2 class="unseen">{words[view]}</h2>
      {status === 'loading' && <LoadingRows />}
      {status === 'failed' && (
        <div class="empty">
          <p>{words.failed(inbox.problem.value ?? '')}</p>
          <button type="button" class="button" onClick={() => void inbox.retry()}>
            {words.retry}
          </button>
        </div>
      )}
      {status === 'ready' && rows.length === 0 && <EmptyList view={view} isBrief={next.length > 0} />}
      {rows.length > 0 && (
        <ul class="rows">
          {rows.map((row) => (
            <ListRow
              key={row.id}
              row={row}
              view={view}
              isSelected={inbox.selected.value === row.id}
              isActive={inbox.active.value === row.id}
              showsOwner={view === 'open' || view === 'resolved'}
              onOpen={open}
            />
          ))}
        </ul>
      )}
      {status === 'ready' && inbox.problem.value !== null && (
        <p class="list-problem" role="alert">
          {words.failed(inbox.problem.value)}{' '}
          <button type="button" class="link" onClick={() => void inbox.retry()}>
            {words.retry}
          </button>
        </p>
      )}
      {inbox.hasMore.value && status === 'ready' && (
        <p class="more">
          <button
            type="button"
            class="button quiet"
            aria-disabled={inbox.isBusy.value}
            onClick={() => void inbox.loadMore()}
          >
            {inbox.isBusy.value ? words.loading : words.more}
          </button>
        </p>
      )}
      {next.length > 0 && (
        <>
          <h3 class="rows-heading">{words.next}</h3>
          <ul class="rows">
            {next.map((row) => (
              <ListRow
                key={row.id}
                row={row}
                view={view}
                isSelected={inbox.selected.value === row.id}
                isActive={inbox.active.value === row.id}
                showsOwner={false}
                onOpen={open}
              />
            ))}
          </ul>
          {inbox.counts.value.queue > next.length && (
            <p class="more">
              <button type="button" class="button quiet" onClick={() => routing.go({ view: 'queue' })}>
                {words.wholeQueue}
              </button>
            </p>
          )}
        </>
      )}
    </div>
  );
}

/** Links keep what browsers offer: another tab, another window. */
const isElsewhere = (event: MouseEvent) => event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;

function EmptyList({ view, isBrief }: { view: View; isBrief: boolean }) {
  const { title, text } = words.empty[view];
  if (isBrief) return <p class="empty-brief hint">{title}</p>;
  return (
    <div class="empty">
      <Icon name={view === 'resolved' ? 'resolve' : view === 'queue' ? 'queue' : 'chat'} />
      <p class="empty-title">{title}</p>
      <p class="hint">{text}</p>
    </div>
  );
}

function LoadingRows() {
  return (
    <div class="late" role="status">
      <span class="unseen">{words.loading}</span>
      {[1, 2, 3, 4, 5].map((line) => (
        <div key={line} class="ghost-row" aria-hidden="true">
          <span class="ghost round" />
          <span class="ghost-lines">
            <span class="ghost" />
            <span class="ghost short" />
          </span>
        </div>
      ))}
    </div>
  );
}
