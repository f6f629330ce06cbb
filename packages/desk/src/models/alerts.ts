import { effect, type ReadonlySignal, signal } from '@preact/signals';
import { type Agent, type AgentState, type ConversationState, plainText } from '@sveiki/sdk/agent';
import type { Surroundings } from '../surroundings/surroundings.ts';
import { texts } from '../texts.ts';
import type { ConversationModel } from './conversation.ts';
import { ownerName, visitorName } from './people.ts';
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
  const toasts = signal<readonly { id: number; text: string }[]>([]);
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

  function toast(text: string) {
    const id = ++lastId;
    toasts.value = [...toasts.value.slice(-2), { id, text }];
    around.clock.after(toastMs, () => dismiss(id));
  }

  function call(one: Pick<ConversationState, 'id'>, title: string, text: string) {
    if (settings.settings.value.sound) around.playTone();
    if (!settings.settings.value.notifications || around.page.isVisible()) return;
    around.notifications.show({ title, text, tag: one.id, open: () => routing.go({ conversation: one.id }) });
  }

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
      const text = texts.alerts.assigned(visitorName(one.visitor));
      toast(text);
      call(one, text, lastWords(one));
    },
    { signal: ended },
  );
  agent.on(
    'queued',
    (one) => {
      const text = texts.alerts.queued(visitorName(one.visitor));
      call(one, text, lastWords(one));
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
    },
  };
}
export type AlertsModel = ReturnType<typeof createAlerts>;
