import { signal } from '@preact/signals';
import type { ListView } from '@sveiki/sdk/agent';
import type { Surroundings } from '../surroundings/surroundings.ts';

export const views = ['mine', 'queue', 'open', 'resolved'] as const satisfies readonly ListView[];
export type View = (typeof views)[number];

/** `inbox` is the lists and their conversations; the others fill the window. */
export const pages = ['inbox', 'replies', 'surveys', 'team', 'blocked', 'people', 'audit'] as const;
export type Page = (typeof pages)[number];

/** What is on screen. It is the whole of the address, so links, reload and the back button work. */
export interface Route {
  page: Page;
  view: View;
  /** A conversation of the list; null on every other page. */
  conversation: string | null;
  /** What a page shows of its own, as it stands in the address: `order-late`, `csat?score=5`. Empty: its beginning. */
  detail: string;
}

const isView = (word: string | undefined): word is View => views.some((view) => view === word);
const isPage = (word: string | undefined): word is Page => word !== 'inbox' && pages.some((page) => page === word);

/** Reads `#/queue/<conversation>` and `#/surveys/<detail>`; anything else is the agent's own list. */
export function parseRoute(fragment: string): Route {
  const text = fragment.replace(/^#/, '');
  const [empty, first, second] = text.split('/');
  const mine: Route = { page: 'inbox', view: 'mine', conversation: null, detail: '' };
  if (empty !== '') return mine;
  if (isPage(first)) return { ...mine, page: first, detail: text.slice(first.length + 2) };
  if (!isView(first)) return mine;
  return { ...mine, view: first, conversation: second ? decode(second) : null };
}

export function formatRoute(
  route: { view: View; conversation: string | null } | { page: Page; detail: string },
): string {
  if ('page' in route && route.page !== 'inbox')
    return route.detail === '' ? `#/${route.page}` : `#/${route.page}/${route.detail}`;
  if (!('view' in route)) return '#/mine';
  return route.conversation === null ? `#/${route.view}` : `#/${route.view}/${encodeURIComponent(route.conversation)}`;
}

/** The code of a one-time sign-in link, `#code=…`. */
export function signInCode(fragment: string): string | null {
  return new URLSearchParams(fragment.replace(/^#/, '')).get('code') || null;
}

/** A fragment somebody typed may hold a broken escape; it is then taken as it stands. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function createRoute(address: Surroundings['address']) {
  const route = signal(parseRoute(address.read()));
  const stop = address.onChange(() => {
    route.value = parseRoute(address.read());
  });
  return {
    route,
    /** A list or a conversation leads to the inbox; a page has no conversation, and begins anew unless a detail of it is named. */
    go(next: Partial<Route>, how: 'push' | 'replace' = 'push') {
      const page = next.page ?? (next.detail === undefined ? 'inbox' : route.value.page);
      const to: Route =
        page === 'inbox'
          ? { ...route.value, ...next, page, detail: '' }
          : { ...route.value, page, conversation: null, detail: next.detail ?? '' };
      if (formatRoute(to) === formatRoute(route.value) && how === 'push') return;
      address.write(formatRoute(to), how);
      route.value = to;
    },
    dispose: stop,
  };
}
export type RouteModel = ReturnType<typeof createRoute>;
