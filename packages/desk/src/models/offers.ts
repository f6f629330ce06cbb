import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Agent, AgentState, ConversationState } from '@sveiki/sdk/agent';
import type { Surroundings } from '../surroundings/surroundings.ts';
import { texts } from '../texts.ts';
import type { AlertsModel } from './alerts.ts';
import type { ComposerModel } from './composer.ts';
import { handoffMark } from './handoff.ts';
import { cleaned } from './names.ts';
import { givenName, languageTag, ownerName, visitorName } from './people.ts';
import { lastWords } from './plain-words.ts';
import { sentenceOf } from './problems.ts';
import type { RouteModel } from './route.ts';
import type { ScreenModel } from './screen.ts';

const tickMs = 1_000;
/** From here on the time left is shown as a warning. */
const hurryMs = 10_000;

/** A conversation that is this agent's if he wants it, until its time is over. */
export interface OfferRow {
  id: string;
  visitor: string;
  name: string;
  isNamed: boolean;
  /** The visitor's words, or that there are none yet. */
  words: string;
  team: string | null;
  language: string | null;
  reason: string | null;
  /** Who asked for a person, when a bot had it before. */
  handoff: string | null;
  /** Whole seconds left, never below zero. */
  seconds: number;
  isHurry: boolean;
}

/** What is offered to this agent: seen, heard once, accepted or declined, and its end said in words. */
export function createOffers(parts: {
  agent: Agent;
  state: ReadonlySignal<AgentState>;
  around: Surroundings;
  alerts: AlertsModel;
  composer: ComposerModel;
  routing: RouteModel;
  screen: ScreenModel;
}) {
  const { agent, state, around, alerts, composer, routing, screen } = parts;
  const { clock } = around;
  const now = signal(clock.now());
  const busy = signal<string | null>(null);
  /** The one whose reason is being asked for. */
  const declining = signal<string | null>(null);
  /** What this agent answered himself: its end is no news to him. */
  const answered = new Set<string>();
  const over = new AbortController();

  const hasOffers = computed(() => state.value.offers.length > 0);
  const stopTicking = effect(() => {
    if (!hasOffers.value) return;
    let stop = () => {};
    const tick = () => {
      now.value = clock.now();
      stop = clock.after(tickMs, tick);
    };
    tick();
    return () => stop();
  });

  const rows = computed<OfferRow[]>(() =>
    state.value.offers.map(({ conversation: one, until }) => {
      const left = Math.max(0, until - now.value);
      return {
        id: one.id,
        visitor: one.visitor.id,
        name: visitorName(one.visitor),
        isNamed: givenName(one.visitor) !== null,
        words: lastWords(one) || texts.lists.nothingSaid,
        team: one.team?.name ?? null,
        language: languageTag(one.locale),
        reason: cleaned(one.routing?.reason ?? '') || null,
        handoff: handoffMark(one),
        seconds: Math.ceil(left / 1_000),
        isHurry: left <= hurryMs,
      };
    }),
  );

  agent.on(
    'offered',
    ({ conversation: one, until }) => {
      answered.delete(one.id);
      const name = visitorName(one.visitor);
      const seconds = Math.max(0, Math.ceil((until - clock.now()) / 1_000));
      alerts.say(texts.offers.said(name, seconds));
      alerts.call(one, texts.offers.title(name), lastWords(one));
    },
    { signal: over.signal },
  );
  agent.on(
    'offer-ended',
    (one) => {
      if (declining.peek() === one.id) declining.value = null;
      if (!answered.delete(one.id)) alerts.toast(endOf(one));
    },
    { signal: over.signal },
  );

  /** Why it is not offered any more, for somebody who did nothing about it. */
  function endOf(one: ConversationState): string {
    const name = visitorName(one.visitor);
    const me = state.peek().me?.id;
    if (one.owner !== null && one.owner.id !== me) return texts.offers.taken(name, ownerName(one.owner));
    if (one.owner !== null) return texts.alerts.assigned(name);
    if (one.status === 'resolved') return texts.offers.resolved(name);
    return me !== undefined && one.passedBy?.includes(me) ? texts.offers.expired(name) : texts.offers.withdrawn(name);
  }

  async function answer(id: string, run: () => Promise<unknown>): Promise<boolean> {
    if (busy.value !== null) return false;
    busy.value = id;
    answered.add(id);
    try {
      await run();
      return true;
    } catch (error) {
      // Somebody was faster, or time was: the relay says which.
      alerts.toast(sentenceOf(error));
      if (!state.peek().offers.some((offer) => offer.conversation.id === id)) answered.delete(id);
      return false;
    } finally {
      busy.value = null;
    }
  }

  return {
    rows,
    busy,
    declining,
    first: computed(() => rows.value[0]?.id ?? null),
    async accept(id: string) {
      if (!(await answer(id, () => agent.acceptOffer(id)))) return;
      routing.go({ conversation: id });
      composer.setMode('reply');
      screen.focusOn('composer');
    },
    askWhy(id: string | null) {
      declining.value = id;
    },
    async decline(id: string, reason: string) {
      const words = reason.trim();
      if (!(await answer(id, () => agent.declineOffer(id, words === '' ? {} : { reason: words })))) return;
      declining.value = null;
      screen.focusOn('list');
    },
    dispose() {
      over.abort();
      stopTicking();
    },
  };
}
export type OffersModel = ReturnType<typeof createOffers>;
