import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type { Agent, AgentState } from '@sveiki/sdk/agent';
import type { Surroundings } from '../surroundings/surroundings.ts';
import { texts } from '../texts.ts';
import { arrivalOf } from './arrival.ts';
import { handoffOf } from './handoff.ts';
import { givenName, isQueued, isSpam, visitorName } from './people.ts';
import { sentenceOf } from './problems.ts';
import { leads } from './roles.ts';
import type { RouteModel } from './route.ts';
import { threadOf } from './thread.ts';
import type { UnreadModel } from './unread.ts';

export type Target = { agent: string } | { team: string } | { bot: string };
type Deed = 'take' | 'transfer' | 'resolve' | 'status' | 'return' | 'ask' | 'spam' | 'unspam';

/** The conversation on screen. */
export function createConversation(parts: {
  agent: Agent;
  state: ReadonlySignal<AgentState>;
  now: ReadonlySignal<number>;
  around: Surroundings;
  routing: RouteModel;
  unread: UnreadModel;
}) {
  const { agent, state, now, around, routing, unread } = parts;
  const id = computed(() => routing.route.value.conversation);
  const me = computed(() => state.value.me?.id ?? null);
  const watched = computed(() => (id.value === null ? undefined : state.value.watched.get(id.value)));
  /** The newest known state: from its own log, else from a list while the log is on its way. */
  const current = computed(
    () => watched.value?.state ?? (id.value === null ? undefined : state.value.conversations.get(id.value)),
  );
  const visitor = computed(() => watched.value?.visitor ?? current.value?.visitor);
  const problem = signal<string | null>(null);
  const refused = signal<string | null>(null);
  const busy = signal<Deed | null>(null);
  const isOlderBusy = signal(false);
  /** The newest line is on screen: what comes is read at once, and the log follows. */
  const isAtEnd = signal(true);
  /** Where the "New" line stands, for as long as this conversation is open. */
  const newAfter = signal<number | null>(null);
  const seenUpTo = signal(0);
  const isVisible = signal(around.page.isVisible());
  const attempt = signal(0);

  const stopPage = around.page.onChange(() => {
    isVisible.value = around.page.isVisible();
  });

  const stopWatching = effect(() => {
    const conversation = id.value;
    void attempt.value;
    if (conversation === null || me.value === null) return;
    let hasEnded = false;
    let leave: (() => void) | null = null;
    untracked(() => {
      problem.value = null;
      refused.value = null;
      isAtEnd.value = true;
      newAfter.value = null;
      seenUpTo.value = 0;
      agent.watch(conversation).then(
        (stop) => {
          if (hasEnded) stop();
          else leave = stop;
        },
        (error: unknown) => {
          if (!hasEnded) problem.value = sentenceOf(error);
        },
      );
    });
    return () => {
      hasEnded = true;
      leave?.();
    };
  });

  const isOwn = computed(() => current.value !== undefined && current.value.owner?.id === me.value);
  const isReady = computed(() => watched.value !== undefined);

  // The "New" line is drawn once, where reading had stopped when the conversation came on screen.
  const stopLine = effect(() => {
    if (!isReady.value || id.value === null) return;
    const conversation = id.value;
    untracked(() => {
      const read = unread.readUpTo(conversation);
      newAfter.value = read > 0 && isOwn.value ? read : null;
      seenUpTo.value = watched.value?.state.publicHead ?? 0;
    });
  });

  // Only the one who answers marks as read: "Seen" at the visitor means somebody is on it.
  const stopReading = effect(() => {
    const conversation = id.value;
    const head = watched.value?.state.publicHead ?? 0;
    if (conversation === null || !isVisible.value || !isAtEnd.value || head === 0) return;
    seenUpTo.value = head;
    if (isOwn.value && untracked(() => unread.markRead(conversation))) agent.markRead(conversation);
  });

  // Apart, so that the log is not made anew whenever anything anywhere changes.
  const wrapUpCodes = computed(() => state.value.wrapUpCodes);
  const entries = computed(() => {
    const one = watched.value;
    if (one === undefined) return [];
    return threadOf(one, {
      me: me.value ?? '',
      now: now.value,
      timeZone: around.timeZone,
      newAfter: newAfter.value,
      wrapUpCodes: wrapUpCodes.value,
    });
  });

  async function act(deed: Deed, run: (conversation: string) => Promise<unknown>): Promise<boolean> {
    const conversation = id.value;
    if (conversation === null || busy.value !== null) return false;
    busy.value = deed;
    refused.value = null;
    try {
      await run(conversation);
      return true;
    } catch (error) {
      if (id.value === conversation) refused.value = texts.actions.refused[deed](sentenceOf(error));
      return false;
    } finally {
      busy.value = null;
    }
  }

  // What the relay allows is its own question. These only keep buttons away that it would refuse every time.
  const isLead = computed(() => leads(state.value.me));
  const isOpen = computed(() => current.value !== undefined && current.value.status !== 'resolved');
  const isWaitingForAnybody = computed(() => current.value !== undefined && isQueued(current.value));
  const mayTake = computed(() => isOpen.value && !isOwn.value && (isWaitingForAnybody.value || isLead.value));
  const mayTransfer = computed(() => isOpen.value && (isOwn.value || isWaitingForAnybody.value || isLead.value));
  const bots = computed(() => botsOf(state.value.agents, current.value?.lastBot));
  const mayResolve = computed(() => isOpen.value && (isOwn.value || isLead.value));

  return {
    id,
    current,
    watched,
    entries,
    isOwn,
    isReady,
    problem,
    refused,
    busy,
    isOlderBusy,
    isAtEnd,
    status: computed<'none' | 'loading' | 'ready' | 'failed'>(() => {
      if (id.value === null) return 'none';
      if (watched.value !== undefined) return 'ready';
      return problem.value === null ? 'loading' : 'failed';
    }),
    name: computed(() => (visitor.value === undefined ? '' : visitorName(visitor.value))),
    /** What the visitor is called by the site; null for the nameless. */
    givenName: computed(() => (visitor.value === undefined ? null : givenName(visitor.value))),
    footer: computed<'reply' | 'take' | 'resolved'>(() =>
      !isOpen.value ? 'resolved' : isOwn.value ? 'reply' : 'take',
    ),
    mayTake,
    mayTransfer,
    mayResolve,
    maySpam: computed(() => isOpen.value && (isOwn.value || isWaitingForAnybody.value || isLead.value)),
    isSpam: computed(() => current.value !== undefined && isSpam(current.value)),
    isQueued: isWaitingForAnybody,
    /** Why it is where it is, for the details. */
    arrival: computed(() =>
      watched.value === undefined ? null : arrivalOf(watched.value, { me: me.value ?? '', agents: state.value.agents }),
    ),
    /** What was handed over, while it helps whoever answers: until it is resolved, or a bot has it again. */
    handoff: computed(() => {
      const one = watched.value;
      return one === undefined || !isOpen.value || one.state.owner?.bot === true ? null : handoffOf(one);
    }),
    bots,
    // Where no bot was before there is nothing to return to; a transfer reaches bots all the same.
    mayReturn: computed(() => isOpen.value && isOwn.value && bots.value.some(({ wasHere }) => wasHere)),
    /** Messages by others that came below what is on screen. */
    newCount: computed(() => {
      const one = watched.value;
      if (one === undefined || isAtEnd.value) return 0;
      return one.events.filter(
        ({ body, actor, publicSeq }) =>
          body.kind === 'message' &&
          (publicSeq ?? 0) > seenUpTo.value &&
          !(actor.kind === 'agent' && actor.id === me.value),
      ).length;
    }),

    take: () => act('take', (conversation) => agent.take(conversation)),
    transfer: (to: Target, note: string) =>
      act('transfer', (conversation) => agent.transfer(conversation, to, note.trim() === '' ? {} : { note })),
    resolve: (wrapUp: string) => act('resolve', (conversation) => agent.resolve(conversation, { wrapUp })),
    /** Null: nobody is blocked with it. */
    markSpam: (block: { forMs: number; address: boolean } | null) =>
      act('spam', async (conversation) => {
        const ownership = current.peek()?.ownership ?? 0;
        const blocked = await agent.spam.mark(conversation, { ownership, ...(block === null ? {} : { block }) });
        if (block?.address === true && !blocked.address) refused.value = texts.spam.addressUnknown;
      }),
    unmarkSpam: () => act('unspam', (conversation) => agent.spam.undo(conversation)),
    returnToBot: (bot: string, note: string) =>
      act('return', (conversation) =>
        agent.returnToBot(conversation, { bot, ...(note.trim() === '' ? {} : { note }) }),
      ),
    /** Asks the visitor to fill in a form or to answer a survey of the configuration. */
    ask: (what: { id: string; survey: boolean }) =>
      act('ask', (conversation) =>
        what.survey ? agent.surveys.ask(conversation, what.id) : agent.askForm(conversation, what.id),
      ),
    setStatus: (status: 'open' | 'waiting') => act('status', (conversation) => agent.setStatus(conversation, status)),
    async loadOlder() {
      const conversation = id.value;
      if (conversation === null || isOlderBusy.value || watched.value?.hasOlder !== true) return;
      isOlderBusy.value = true;
      try {
        await agent.loadOlder(conversation);
      } catch (error) {
        refused.value = sentenceOf(error);
      } finally {
        isOlderBusy.value = false;
      }
    },
    retryOpening() {
      attempt.value += 1;
    },
    retry: (message: string) => id.value !== null && agent.retry(id.value, message),
    discard: (message: string) => id.value !== null && agent.discard(id.value, message),
    dispose() {
      stopPage();
      stopWatching();
      stopLine();
      stopReading();
    },
  };
}
/** Programs that can answer, the one that had the conversation last before the others. */
function botsOf(
  agents: AgentState['agents'],
  last: { id: string; name: string } | undefined,
): readonly { id: string; name: string; wasHere: boolean }[] {
  const known = agents.filter(({ role }) => role === 'bot').map(({ id, name }) => ({ id, name }));
  const all = last === undefined || known.some(({ id }) => id === last.id) ? known : [last, ...known];
  return all
    .map(({ id, name }) => ({ id, name, wasHere: id === last?.id }))
    .sort((a, b) => Number(b.wasHere) - Number(a.wasHere) || a.name.localeCompare(b.name));
}
export type ConversationModel = ReturnType<typeof createConversation>;
