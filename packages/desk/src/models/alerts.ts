import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import { type Agent, type AgentState, type ConversationState, plainText } from '@sveiki/sdk/agent';
import type { Surroundings } from '../surroundings/surroundings.ts';
import { texts } from '../texts.ts';
import type { ConversationModel } from './conversation.ts';
import { createGrouping } from './grouping.ts';
import { isSpam, ownerName, visitorName } from './people.ts';
import { lastWords, plainWords } from './plain-words.ts';
import type { RouteModel } from './route.ts';
import type { SettingsModel } from './settings.ts';
import type { UnreadModel } from './unread.ts';

/** Screen readers drop what is said while focus moves, and lose what is replaced too soon. */
const sayAfterMs = 250;
const saidForMs = 1_000;
const toastMs = 8_000;

/** How the agent hears of things: title, tone, notification, a short line on screen, and words for screen readers. */
export function createAlerts(parts: {
  agent: Agent;
  state: ReadonlySignal<AgentState>;
  around: Surroundings;
  settings: SettingsModel;
  conversation: ConversationModel;
  unread: UnreadModel;
  routing: RouteModel;
}) {
  const { agent, state, around, settings, conversation, unread, routing } = parts;
  /** `about`: a conversation, whose notices go when it turns out to be spam. */
  const toasts = signal<readonly { id: number; text: string; about?: string }[]>([]);
  const notified = new Set<string>();
  /** What screen readers say, politely; emptied after a second so that nothing is said twice. */
  const said = signal<readonly { id: number; text: string }[]>([]);
  const over = new AbortController();
  const { signal: ended } = over;
  let lastId = 0;

  const stopTitle = effect(() => {
    around.page.setTitle(texts.title(state.value.me === null ? 0 : unread.total.value));
  });

  function say(text: string) {
    const id = ++lastId;
    around.clock.after(sayAfterMs, () => {
      said.value = [...said.value, { id, text }];
      around.clock.after(saidForMs, () => {
        said.value = said.value.filter((one) => one.id !== id);
      });
    });
  }

  function dismiss(id: number) {
    toasts.value = toasts.value.filter((toast) => toast.id !== id);
  }

  function toast(text: string, about?: string) {
    const id = ++lastId;
    toasts.value = [...toasts.value.slice(-2), { id, text, ...(about === undefined ? {} : { about }) }];
    around.clock.after(toastMs, () => dismiss(id));
  }

  function call(one: Pick<ConversationState, 'id'>, title: string, text: string) {
    notified.add(one.id);
    notify(title, text, one.id, () => routing.go({ conversation: one.id }));
  }

  function notify(title: string, text: string, tag: string, open: () => void) {
    if (settings.settings.value.sound) around.playTone();
    if (!settings.settings.value.notifications || around.page.isVisible()) return;
    around.notifications.show({ title, text, tag, open });
  }

  // In a flood nobody is called for each: what comes too fast is told together, once a minute.
  const arrivals = createGrouping(around.clock, (count) => {
    const text = texts.alerts.manyQueued(count);
    toast(text);
    notify(text, '', 'queue', () => routing.go({ view: 'queue', conversation: null }));
  });
  const givings = createGrouping(around.clock, (count) => {
    const text = texts.alerts.manyAssigned(count);
    toast(text);
    notify(text, '', 'mine', () => routing.go({ view: 'mine', conversation: null }));
  });

  const me = computed(() => state.value.me?.id ?? null);
  // What was told to one agent is no business of the next.
  const stopOwner = effect(() => {
    void me.value;
    untracked(() => {
      arrivals.forget();
      givings.forget();
      toasts.value = [];
      for (const id of notified) around.notifications.close(id);
      notified.clear();
    });
  });

  const stopSpam = effect(() => {
    const { conversations, watched } = state.value;
    const isGone = (id: string) => {
      const one = watched.get(id)?.state ?? conversations.get(id);
      return one !== undefined && isSpam(one);
    };
    for (const id of notified) {
      if (!isGone(id)) continue;
      notified.delete(id);
      around.notifications.close(id);
    }
    const kept = toasts.peek().filter(({ about }) => about === undefined || !isGone(about));
    if (kept.length < toasts.peek().length) toasts.value = kept;
  });

  agent.on(
    'message',
    ({ conversation: id, event }) => {
      if (event.body.kind !== 'message' || event.actor.kind === 'system') return;
      const one = state.value.watched.get(id);
      if (one === undefined) return;
      const words = plainWords(plainText(event.body.blocks));
      const isHere = conversation.id.value === id;
      const name =
        event.actor.kind === 'visitor'
          ? visitorName(one.visitor ?? one.state.visitor)
          : ownerName({ name: event.actor.name, ...(event.actor.kind === 'bot' ? { bot: true } : {}) });
      if (isHere) say(texts.conversation.says(name, words));
      const isMine = one.state.owner?.id === state.value.me?.id;
      if (event.actor.kind === 'visitor' && isMine && !(isHere && around.page.isVisible()))
        call(one.state, name, words);
    },
    { signal: ended },
  );
  agent.on(
    'assigned',
    (one) => {
      givings.tell(() => {
        const text = texts.alerts.assigned(visitorName(one.visitor));
        toast(text, one.id);
        call(one, text, lastWords(one));
      });
    },
    { signal: ended },
  );
  agent.on(
    'queued',
    (one) => {
      arrivals.tell(() => call(one, texts.alerts.queued(visitorName(one.visitor)), lastWords(one)));
    },
    { signal: ended },
  );
  agent.on(
    'lost',
    (one) => toast(texts.alerts.lost(visitorName(one.visitor), one.owner === null ? null : ownerName(one.owner))),
    {
      signal: ended,
    },
  );

  return {
    toasts,
    said,
    say,
    toast,
    /** By tone, and by a notification when the page is not seen. */
    call,
    dismiss,
    dispose() {
      over.abort();
      stopTitle();
      stopOwner();
      stopSpam();
      arrivals.forget();
      givings.forget();
    },
  };
}
export type AlertsModel = ReturnType<typeof createAlerts>;
