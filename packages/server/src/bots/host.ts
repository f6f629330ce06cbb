import { type Answers, ERRORS, type Owner } from '@sveiki/protocol';
import type { Bot, BotReply, HookEvent } from '@sveiki/sdk/config';
import { ownerOf } from '../commands/directory.ts';
import { draftMessage } from '../commands/draft-message.ts';
import { takeConversationFromBot } from '../commands/hand-off.ts';
import type { BotConfig } from '../config-types.ts';
import type { Roster } from '../engine/roster.ts';
import type { LogHook } from '../hooks/outbox.ts';
import type { Pipeline } from '../hooks/pipeline.ts';
import type { Log } from '../log.ts';
import type { BusMessage, ConversationRow, Ids, Store } from '../ports.ts';
import { type Pending, pendingFor, turnId } from './history.ts';
import { createTurn, readReply, type TurnFacts, type TurnParts, TurnRefused } from './turn.ts';

const DEFAULT_DEADLINE_MS = 20_000;
const DRAFT_DEADLINE_MS = 20_000;
/** The host ends every turn by itself; this is for what comes around it. */
const SLACK_MS = 30_000;
/** Conversations that have a turn at the same time. */
const PARALLEL = 256;
/** Events a turn looks back at: the fifty messages it may see, with what stands between them. */
const LOOK_BACK = 150;
/** Conversations of which is known how far their bot is; the log knows it too, but for turns in which nothing was said. */
const MAX_KNOWN = 20_000;
const SECOND = 1_000;
/** A conversation that could not be given to people (a full disk) is tried again like this, until it could. */
const RETRY_MS = [SECOND, 5 * SECOND, 30 * SECOND, ...Array.from({ length: 60 }, () => 60 * SECOND)];

/**
 * Runs the bots whose code stands in the configuration. It follows the log like any other hook: a visitor's message in a conversation that a bot owns
 * is a turn of that bot, one at a time in a conversation; what is written meanwhile makes the next one. Whoever takes over aborts it.
 */
export interface BotHost {
  /** Its followers of the log. */
  readonly hooks: LogHook[];
  /** Bots are there as long as the relay runs. */
  start(): void;
  /** Its bots are there no longer, unless the next configuration has them too. */
  stop(): void;
  hear(message: Extract<BusMessage, { kind: 'events' }>): void;
}

export function createBotHost(
  parts: Omit<TurnParts, 'directory'> & {
    bots: readonly BotConfig[];
    roster: Roster;
    store: Store;
    ids: Ids;
    pipeline: Pipeline;
    log: Log;
  },
): BotHost {
  const { engine, roster, store, ids, pipeline, log } = parts;
  const codes = new Map(parts.bots.flatMap(({ id, code }): [string, Bot][] => (code === null ? [] : [[id, code]])));
  const drafters = [...codes.values()].filter(({ draft }) => draft !== undefined);
  const turns: TurnParts = { ...parts, directory: roster };
  const running = new Map<string, { ownership: number; takenOver: AbortController }>();
  /** By conversation: the public number up to which its bot is done, and how many turns in a row did not help. */
  const known = new Map<string, { handled: number; failures: number }>();

  function remember(conversation: string, handled: number, failures: number): void {
    known.delete(conversation);
    known.set(conversation, { handled, failures });
    for (const oldest of known.keys()) {
      if (known.size <= MAX_KNOWN) break;
      known.delete(oldest);
    }
  }

  async function factsOf({ site, state }: ConversationRow, pending: Pending): Promise<TurnFacts> {
    const [visitor, answered] = await Promise.all([
      store.visitor(state.visitor.id),
      store.eventsOfKinds(state.id, ['answered']),
    ]);
    const collected: Answers = {};
    for (const { body } of answered) if (body.kind === 'answered' && body.final) Object.assign(collected, body.answers);
    return {
      conversation: {
        id: state.id,
        site,
        team: state.team?.id ?? null,
        language: state.locale ?? visitor?.locale ?? null,
        visitor: { id: state.visitor.id, name: state.visitor.name, verified: visitor?.externalId != null },
        page: visitor?.visit ?? null,
      },
      text: pending.text,
      history: pending.history,
      collected,
      failures: known.get(state.id)?.failures ?? 0,
    };
  }

  async function newestEvents(conversation: string) {
    const before = Number.MAX_SAFE_INTEGER;
    return (await store.events({ conversation, count: 'public', before, limit: LOOK_BACK })).events;
  }

  async function answer({ conversation: { id } }: HookEvent, stopping: AbortSignal): Promise<void> {
    const events = await newestEvents(id);
    // Read after the log: a number that is newer than the words only has the turn refused, and its own event follows.
    const row = await engine.row(id);
    const owner = row?.state.owner ?? null;
    const code = owner === null ? undefined : codes.get(owner.id);
    if (row === null || owner === null || code === undefined || row.state.status === 'resolved') return;
    const pending = pendingFor(owner.id, events, known.get(id)?.handled ?? 0);
    if (pending === null) return;
    const facts = await factsOf(row, pending);
    const { ownership } = row.state;
    const takenOver = new AbortController();
    running.set(id, { ownership, takenOver });
    // It may have been taken while that was read.
    if (engine.registry.get(id)?.state.ownership !== ownership) takenOver.abort();
    let failures = (): number => 0;
    const run = async (_: null, { signal }: { signal: AbortSignal }): Promise<void> => {
      const made = createTurn(turns, { bot: owner, ownership, covers: pending.covers, facts, signal });
      failures = made.failures;
      try {
        if (pending.isFirst) await code.greet?.(made.turn);
        await code.onMessage(made.turn);
      } catch (error) {
        // It gave the conversation away, or lost it, and did not notice: that is no fault of a bot.
        if (!(error instanceof TurnRefused && error.code === 'not-owner' && !isStillOwner(id, ownership))) throw error;
      }
    };
    const deadlineMs = code.deadlineMs ?? DEFAULT_DEADLINE_MS;
    const { outcome } = await pipeline.decide({ name: code.id, stage: 'bot', run, deadlineMs }, null, {
      otherwise: undefined,
      conversation: id,
      signal: AbortSignal.any([takenOver.signal, stopping]),
    });
    running.delete(id);
    // What it failed at is not answered: should the conversation come back, it may try again.
    if (outcome === 'done') remember(id, pending.covers, failures());
    if (outcome === 'done' || outcome === 'called-off' || !isStillOwner(id, ownership)) return;
    await giveToPeople(
      id,
      owner,
      outcome === 'late' ? `${owner.name} did not answer in time.` : `${owner.name} failed.`,
    );
  }

  function isStillOwner(conversation: string, ownership: number): boolean {
    const state = engine.registry.get(conversation)?.state;
    return state?.ownership === ownership && state.status !== 'resolved';
  }

  /** @throws Error when it could not be stored: the outbox tries again */
  async function giveToPeople(conversation: string, bot: Owner, reason: string): Promise<void> {
    const outcome = await engine.submit(takeConversationFromBot(ids.next(), conversation, reason, roster));
    if (!outcome.done && ERRORS[outcome.refused].retry === 'later')
      throw new Error(`A conversation could not be taken from ${bot.name}: ${outcome.refused}.`);
  }

  async function draft({ event, conversation: { id } }: HookEvent, signal: AbortSignal): Promise<void> {
    const row = engine.registry.get(id);
    const owner = row?.state.owner ?? null;
    // Only what is still the last word: a person who has answered needs no draft.
    const isLast = row?.state.last?.by === 'visitor' && row.state.last.publicSeq === event.publicSeq;
    if (row === undefined || owner === null || owner.bot === true || row.state.status === 'resolved' || !isLast) return;
    const events = await newestEvents(id);
    for (const code of drafters) {
      const pending = pendingFor(code.id, events, 0);
      if (pending === null || code.draft === undefined) continue;
      const self = roster.agent(code.id);
      if (self === null) continue;
      const facts = await factsOf(row, pending);
      const propose = code.draft.bind(code);
      const run = (_: null, context: { signal: AbortSignal }): Promise<BotReply | null> | BotReply | null => {
        const { turn } = createTurn(turns, {
          bot: ownerOf(self),
          ownership: 0,
          covers: 0,
          facts,
          signal: context.signal,
        });
        const { text, history, collected, failures, conversation, cannedReplies } = turn;
        const seen: Parameters<NonNullable<Bot['draft']>>[0] = {
          conversation,
          text,
          history,
          collected,
          failures,
          cannedReplies,
          signal: context.signal,
          // Nobody sees a bot think about a draft.
          typing: () => {},
        };
        return propose(seen);
      };
      const deadlineMs = code.deadlineMs ?? DRAFT_DEADLINE_MS;
      const { value } = await pipeline.decide<null, BotReply | null>(
        { name: code.id, stage: 'draft', run, deadlineMs },
        null,
        { otherwise: null, check: isDraft, conversation: id, signal },
      );
      if (value === null) continue;
      const frame = {
        type: 'draft',
        id: turnId(id, pending.covers, 0),
        conversation: id,
        blocks: readReply(value),
        replyTo: pending.covers,
      } as const;
      const outcome = await engine.submit(draftMessage(code.id, frame, roster));
      if (!outcome.done) log.warn({ refused: outcome.refused, hook: code.id }, 'A draft of a bot was refused');
    }
  }

  const longest = Math.max(0, ...[...codes.values()].map(({ deadlineMs = DEFAULT_DEADLINE_MS }) => deadlineMs));
  const follower: Omit<LogHook, 'name' | 'on' | 'run'> = {
    stage: 'bots',
    deadlineMs: longest * Math.max(1, drafters.length) + SLACK_MS,
    retryMs: RETRY_MS,
    parallel: PARALLEL,
  };
  const isVisitors = ({ event }: HookEvent): boolean => event.actor.kind === 'visitor';
  return {
    hooks: [
      ...(codes.size === 0
        ? []
        : [
            {
              ...follower,
              name: 'turns',
              on: ['message', 'assigned'] as const,
              run: (told: HookEvent, { signal }: { signal: AbortSignal }) =>
                isVisitors(told) || told.event.body.kind === 'assigned' ? answer(told, signal) : undefined,
            },
          ]),
      ...(drafters.length === 0
        ? []
        : [
            {
              ...follower,
              name: 'drafts',
              on: ['message'] as const,
              retryMs: [],
              run: (told: HookEvent, { signal }: { signal: AbortSignal }) =>
                isVisitors(told) ? draft(told, signal) : undefined,
            },
          ]),
    ],
    start() {
      for (const id of codes.keys()) roster.connected(id);
    },
    stop() {
      for (const id of codes.keys()) roster.disconnected(id);
    },
    hear({ conversation, state }) {
      const turn = running.get(conversation);
      if (turn !== undefined && (state.ownership !== turn.ownership || state.status === 'resolved'))
        turn.takenOver.abort();
    },
  };
}

function isDraft(value: unknown): boolean {
  return value === null || readReply(value as BotReply).length > 0;
}
