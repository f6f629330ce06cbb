import { computed, signal } from '@preact/signals';
import type { Surroundings } from '../surroundings/surroundings.ts';
import type { RouteModel } from './route.ts';
import type { SettingsModel } from './settings.ts';

export type Overlay = 'palette' | 'keys' | 'transfer' | 'resolve' | 'return' | 'spam';
export type FocusTarget = 'list' | 'conversation' | 'composer' | 'details';

/** What lies over the panes, which panes are there, and where the keyboard should go next. */
export function createScreen(parts: { page: Surroundings['page']; settings: SettingsModel; routing: RouteModel }) {
  const { page, settings, routing } = parts;
  const { route } = routing;
  const overlay = signal<Overlay | null>(null);
  const isWide = signal(page.isWide());
  const isNarrow = signal(page.isNarrow());
  const isDrawerOpen = signal(false);
  /** A new object for every wish, so that the same wish twice is heard twice. */
  const focus = signal<{ target: FocusTarget } | null>(null);
  const stop = page.onChange(() => {
    isWide.value = page.isWide();
    isNarrow.value = page.isNarrow();
  });
  /** Beside the conversation on wide screens, over it on narrow ones. */
  const isDetailsShown = computed(
    () => route.value.conversation !== null && (isWide.value ? settings.settings.value.details : isDrawerOpen.value),
  );

  return {
    overlay,
    isWide,
    /** One pane at a time. */
    isNarrow,
    focus,
    isDetailsShown,
    open(next: Overlay) {
      overlay.value = next;
    },
    close() {
      overlay.value = null;
    },
    /** Where one pane at a time is there, the way to the list leaves the conversation. */
    focusOn(target: FocusTarget) {
      if (target === 'list' && page.isNarrow()) {
        isDrawerOpen.value = false;
        if (route.peek().conversation !== null) routing.go({ conversation: null });
      }
      focus.value = { target };
    },
    /** True for the newest wish, once; an older one was overtaken and moves nothing. */
    heed(wish: { target: FocusTarget }): boolean {
      if (focus.peek() !== wish) return false;
      focus.value = null;
      return true;
    },
    toggleDetails() {
      if (isWide.value) settings.change({ details: !settings.settings.value.details });
      else isDrawerOpen.value = !isDrawerOpen.value;
      focus.value = { target: isDetailsShown.value && !isWide.value ? 'details' : 'conversation' };
    },
    closeDrawer() {
      isDrawerOpen.value = false;
    },
    dispose: stop,
  };
}
export type ScreenModel = ReturnType<typeof createScreen>;
