import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { formatRoute, type Page } from '../models/route.ts';
import { useDesk } from './desk-context.ts';
import { Icon } from './icon.tsx';

/** Links keep what browsers offer: another tab, another window. */
export const isElsewhere = (event: MouseEvent) =>
  event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;

/** A page that fills the window: heading, what can be done, content. The keyboard begins at the heading. */
export function PageFrame(props: {
  heading: string;
  back?: { label: string; page: Page; detail: string };
  actions?: ComponentChildren;
  children: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  // Anew for every heading: what is on the page is another thing then.
  useLayoutEffect(() => heading.current?.focus(), [props.heading]);
  const page = useRef<HTMLDivElement>(null);
  useKeptKeyboard(page, heading);
  const { back } = props;
  return (
    <div ref={page} class="page">
      <div class="page-inner">
        {back !== undefined && (
          <p class="page-back">
            <PageLink page={back.page} detail={back.detail}>
              <Icon name="back" size={16} />
              {back.label}
            </PageLink>
          </p>
        )}
        <div class="page-head">
          <h2 ref={heading} tabIndex={-1}>
            {props.heading}
          </h2>
          {props.actions !== undefined && <div class="page-actions">{props.actions}</div>}
        </div>
        {props.children}
      </div>
    </div>
  );
}

/** What had the keyboard is gone, as a row is that was dealt with: the heading above it has the keyboard, not the top of the window. */
function useKeptKeyboard(page: Held, heading: Held): void {
  useLayoutEffect(() => {
    const element = page.current;
    if (element === null) return;
    let held: Element | null = null;
    let part: Element | null = null;
    const hold = ({ target }: FocusEvent) => {
      // A dialog gives it back to what opened it.
      if (!(target instanceof Element) || target.closest('dialog') !== null) return;
      held = target;
      part = target.closest('section');
    };
    const observer = new MutationObserver(() => {
      if (held === null || held.isConnected || document.activeElement !== document.body) return;
      held = null;
      const above = (part?.isConnected && part.querySelector<HTMLElement>('h3')) || heading.current;
      if (above === null) return;
      above.tabIndex = -1;
      // Whoever pressed it with a mouse looks where he looked.
      above.focus({ preventScroll: true });
    });
    element.addEventListener('focusin', hold);
    observer.observe(element, { childList: true, subtree: true });
    return () => {
      element.removeEventListener('focusin', hold);
      observer.disconnect();
    };
  }, []);
}
type Held = { readonly current: HTMLElement | null };

/** A way to a page, or to something on it. */
export function PageLink(props: {
  page: Page;
  detail: string;
  class?: string;
  label?: string;
  children: ComponentChildren;
}) {
  const { routing } = useDesk();
  const { page, detail } = props;
  return (
    <a
      class={props.class}
      href={formatRoute({ page, detail })}
      aria-label={props.label}
      onClick={(event) => {
        if (isElsewhere(event)) return;
        event.preventDefault();
        routing.go({ page, detail });
      }}
    >
      {props.children}
    </a>
  );
}

/** A way to a conversation, in the list of all that are open unless it is done. */
export function ConversationLink(props: { id: string; label?: string; class?: string; children: ComponentChildren }) {
  const { routing, screen, state } = useDesk();
  const view = state.value.conversations.get(props.id)?.status === 'resolved' ? 'resolved' : 'open';
  return (
    <a
      class={props.class}
      href={formatRoute({ view, conversation: props.id })}
      aria-label={props.label}
      onClick={(event) => {
        if (isElsewhere(event)) return;
        event.preventDefault();
        routing.go({ view, conversation: props.id });
        screen.focusOn('conversation');
      }}
    >
      {props.children}
    </a>
  );
}

/** What a page cannot show, and the way on. */
export function PageProblem({ text, onRetry, label }: { text: string; onRetry: () => void; label: string }) {
  return (
    <p class="problem" role="alert">
      <Icon name="warning" size={16} />
      <span class="problem-words">{text}</span>
      <button type="button" class="link" onClick={onRetry}>
        {label}
      </button>
    </p>
  );
}
