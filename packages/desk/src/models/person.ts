import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type { Agent, AgentState } from '@sveiki/sdk/agent';
import { texts } from '../texts.ts';
import type { ConversationModel } from './conversation.ts';
import { cleaned, shortTitle } from './names.ts';
import { onlineIn } from './online.ts';
import { givenName, languageName, visitorName } from './people.ts';
import { lastWords } from './plain-words.ts';
import { sentenceOf } from './problems.ts';
import { fullTime, localTime, pastAge } from './times.ts';

const pageSize = 10;

export interface Earlier {
  id: string;
  text: string;
  date: string;
  wrapUp: string | null;
  status: 'open' | 'waiting' | 'resolved';
}

/** Who the visitor is, what he does on the site now, and what he asked before. */
export function createPerson(parts: {
  agent: Agent;
  state: ReadonlySignal<AgentState>;
  now: ReadonlySignal<number>;
  timeZone: string;
  conversation: ConversationModel;
}) {
  const { agent, state, now, timeZone, conversation } = parts;
  const visitor = computed(() => conversation.current.value?.visitor.id ?? null);
  const cursor = signal<number | null>(null);
  const problem = signal<string | null>(null);
  const isBusy = signal(false);
  /** The relay has told all of them; before that nobody can say that there are none. */
  const isComplete = signal(false);

  async function load(of: string, before: number | null) {
    isBusy.value = true;
    problem.value = null;
    try {
      const page = await agent.list({
        view: 'visitor',
        visitor: of,
        limit: pageSize,
        ...(before === null ? {} : { before }),
      });
      if (visitor.peek() !== of) return;
      cursor.value = page.cursor;
      isComplete.value = page.cursor === null;
    } catch (error) {
      if (visitor.peek() === of) problem.value = texts.person.earlierFailed(sentenceOf(error));
    } finally {
      isBusy.value = false;
    }
  }

  const isOnline = onlineIn(state);
  const stop = effect(() => {
    const of = visitor.value;
    if (of === null || !isOnline.value) return;
    untracked(() => {
      cursor.value = null;
      isComplete.value = false;
      void load(of, null);
    });
  });

  return {
    problem,
    isBusy,
    isComplete,
    hasMore: computed(() => cursor.value !== null),
    /** The next page, or the one that failed. */
    loadMore: () => (visitor.value === null ? Promise.resolve() : load(visitor.value, cursor.value)),
    details: computed(() => {
      const known = conversation.watched.value?.visitor ?? null;
      const basics = conversation.current.value;
      if (basics === undefined) return null;
      const locale = known?.locale ?? basics.locale;
      return {
        id: basics.visitor.id,
        name: visitorName(known ?? basics.visitor),
        /** All of the name, where there is room for it. */
        wholeName: cleaned((known ?? basics.visitor).name ?? '') || visitorName(basics.visitor),
        isNamed: givenName(known ?? basics.visitor) !== null,
        email: cleaned(known?.email ?? '') || null,
        verified: known?.verified ?? false,
        online: known?.online ?? false,
        isKnown: known !== null,
        customer: cleaned(known?.externalId ?? '') || null,
        language: languageName(locale),
        locale,
        localTime: known?.timeZone == null ? null : localTime(now.value, known.timeZone, timeZone),
        page: known?.visit == null ? null : pageOf(known.visit),
        firstSeen: known === null ? null : pastAge(known.firstSeenAt, now.value, timeZone),
      };
    }),
    visit: computed(() => {
      const one = conversation.current.value;
      if (one === undefined) return null;
      return {
        started: pastAge(one.startedAt, now.value, timeZone),
        startedAt: fullTime(one.startedAt, timeZone),
        team: one.team?.name ?? null,
        reopened: one.reopenedCount,
        wrapUp: state.value.wrapUpCodes.find(({ id }) => id === one.wrapUp)?.name ?? one.wrapUp,
      };
    }),
    viewers: computed(() => conversation.watched.value?.viewers ?? []),
    earlier: computed<Earlier[]>(() => {
      const here = conversation.id.value;
      const codes = state.value.wrapUpCodes;
      return [...state.value.conversations.values()]
        .filter(({ id, visitor: { id: of } }) => of === visitor.value && id !== here)
        .sort((a, b) => b.startedAt - a.startedAt)
        .map((one) => ({
          id: one.id,
          text: lastWords(one) || texts.lists.nothingSaid,
          date: pastAge(one.resolvedAt ?? one.last?.at ?? one.startedAt, now.value, timeZone).text,
          wrapUp: codes.find(({ id }) => id === one.wrapUp)?.name ?? one.wrapUp,
          status: one.status,
        }));
    }),
    dispose: stop,
  };
}

/** A page as it is shown. Title and address come from the visitor's browser: nothing in them is taken for granted. */
function pageOf({ title, url }: { title: string; url: string }) {
  const address = cleaned(url.replace(/^https?:\/\//i, ''));
  return { url, name: shortTitle(title) || shortTitle(address), whole: cleaned(title) || address, address };
}
