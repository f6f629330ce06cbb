import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { AgentState } from '@sveiki/sdk/agent';
import { texts } from '../texts.ts';
import type { Command, CommandGroup, Shortcut } from './commands.ts';
import { visitorName } from './people.ts';
import { lastWords } from './plain-words.ts';
import type { RouteModel } from './route.ts';
import type { ScreenModel } from './screen.ts';

const peopleShown = 8;

export interface PaletteItem {
  id: string;
  title: string;
  hint: string;
  group: CommandGroup;
  keys: readonly Shortcut[];
  run(): void;
}

/** Every word of the query begins a word of the title, in any order: "res con" finds "Resolve this conversation". */
export function matches(title: string, query: string): boolean {
  const words = title.toLocaleLowerCase().split(/[\s:“”]+/u);
  return query
    .toLocaleLowerCase()
    .split(/\s+/u)
    .filter(Boolean)
    .every((wanted) => words.some((word) => word.startsWith(wanted)));
}

export function createPalette(parts: {
  state: ReadonlySignal<AgentState>;
  commands: readonly Command[];
  screen: ScreenModel;
  routing: RouteModel;
}) {
  const { state, commands, screen, routing } = parts;
  const query = signal('');
  const active = signal(0);

  const items = computed<PaletteItem[]>(() => {
    const actions = commands
      .filter((command) => command.id !== 'palette' && command.isPossible() && matches(command.title, query.value))
      .map(({ id, title, group, keys, run }) => ({ id, title, group, keys, hint: '', run }));
    if (query.value.trim() === '') return actions;
    const people = [...state.value.conversations.values()]
      .filter(({ visitor }) => matches(visitorName(visitor), query.value))
      .sort((a, b) => (b.last?.at ?? b.startedAt) - (a.last?.at ?? a.startedAt))
      .slice(0, peopleShown)
      .map(
        (one): PaletteItem => ({
          id: `go-${one.id}`,
          title: visitorName(one.visitor),
          hint: lastWords(one),
          group: 'go',
          keys: [],
          run() {
            routing.go({ conversation: one.id });
            screen.focusOn('conversation');
          },
        }),
      );
    return [...actions, ...people];
  });

  return {
    query,
    items,
    active: computed(() => Math.min(active.value, Math.max(0, items.value.length - 1))),
    reset() {
      query.value = '';
      active.value = 0;
    },
    search(next: string) {
      query.value = next;
      active.value = 0;
    },
    move(by: 1 | -1) {
      const count = items.value.length;
      if (count > 0) active.value = (Math.min(active.value, count - 1) + by + count) % count;
    },
    run(index: number) {
      const item = items.value[index];
      if (item === undefined) return;
      screen.close();
      item.run();
    },
    announcement: computed(() =>
      items.value.length === 0 ? texts.palette.nothing : texts.palette.results(items.value.length),
    ),
  };
}
