import { signal } from '@preact/signals';
import type { ListView } from '@sveiki/sdk/agent';
import type { Surroundings } from '../surroundings/surroundings.ts';

export const views = ['mine', 'queue', 'open', 'resolved'] as const satisfies readonly ListView[];
export type View = (typeof views)[number];

/** What is on screen: a list, and perhaps a conversation of it. It is the whole of the address, so links, reload and the back button work. */
export interface Route {
  view: View;
  conversation: string | null;
}

const isView = (word: string | undefined): word is View => views.some((view) => view === word);

/** Reads `#/queue/<conversation>`; anything else is the agent's own list. */
export function parseRoute(fragment: string): Route {
  const [empty, view, conversation] = fragment.replace(/^#/, '').split('/');
  if (empty !== '' || !isView(view)) return { view: 'mine', conversation: null };
  return { view, conversation: conversation ? decode(conversation) : null };
}

export function formatRoute({ view, conversation }: Route): string {
  return conversation === null ? `#/${view}` : `#/${view}/${encodeURIComponent(conversation)}`;
}

/** The code of a one-time sign-in link, `#code=…`. */
export function signInCode(fragment: string): string | null {
  return new URLSearchParams(fragment.replace(/^#/, '')).get('code') || null;
}

/** A fragment somebody typed may hold a broken escape; it is then taken as it stands. */
function decode(text: string): string {
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
    go(next: Partial<Route>, how: 'push' | 'replace' = 'push') {
      const to = { ...route.value, ...next };
      if (formatRoute(to) === formatRoute(route.value) && how === 'push') return;
      address.write(formatRoute(to), how);
      route.value = to;
    },
    dispose: stop,
  };
}
export type RouteModel = ReturnType<typeof createRoute>;
