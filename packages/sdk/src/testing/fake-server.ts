import {
  type AgentProfile,
  type Answers,
  type Ask,
  CLOSE_CODES,
  type CommandFrame,
  type ConversationEvent,
  type ConversationState,
  type Counts,
  decodeFromClient,
  ERRORS,
  type ErrorCode,
  type FormDefinition,
  type FromClientAfterHello,
  type FromServer,
  type Hello,
  inQueueOrder,
  LIMITS,
  negotiateVersion,
  type Presence,
  queuePlaceOf,
  type SiteInfo,
  type TeamRef,
  type ToolCall,
  type Visit,
  type VisitorProfile,
} from '@sveiki/protocol';
import type { Clock } from '../clock.ts';
import { type CastAgent, cast } from './cast.ts';
import { agentActs, isRefusal, maySendFrame, type Staff, visitorActs, visitorSays } from './fake-commands.ts';
import {
  append,
  type Conversation,
  type Draft,
  type ReaderKind,
  receiptsOf,
  STAFF,
  snapshotOf,
  viewEvents,
  viewState,
} from './fake-log.ts';
import type { Accept, ServerEnd, ServerHandlers } from './network.ts';

export interface FakeServerOptions {
  clock: Clock;
  /** The publishable key of its one site. @default 'pk_shop_test' */
  site?: string;
  /** What visitors are told before anybody answers. */
  siteInfo?: Partial<SiteInfo>;
  /** @default Ada, Ben and Cleo */
  agents?: readonly CastAgent[];
  /** The first one gets new conversations. @default Sales and Billing */
  teams?: readonly TeamRef[];
  wrapUpCodes?: { id: string; name: string }[];
  cannedReplies?: { id: string; shortcut: string; title: string; text: string }[];
  /** Who a signed identity token stands for; null refuses it. @default every token is refused */
  identity?: (token: string) => { sub: string; name: string | null; email: string | null } | null;
  /** Visitors without an identity are refused. @default false */
  identityRequired?: boolean;
  /** How long a resolved conversation is opened again by a message. @default a day */
  reopenWindowMs?: number;
  /** Events in the newest page. @default `LIMITS.defaultPageEvents` */
  pageEvents?: number;
  /** Bots beside the agents; their tokens are `token-of-` and the id. One that drafts sees every conversation. @default none */
  bots?: readonly { id: string; name: string; drafts?: boolean }[];
  /** The version of the text that visitors agree to before they write. @default nothing is asked */
  consent?: string;
  /** The bot that answers first. @default nobody: new conversations wait in the queue */
  firstBot?: string;
  /** Teams that ask all their agents who are there whether they take what was moved to them. @default none */
  offersIn?: readonly string[];
  /** What agents and bots may ask by its id. */
  forms?: readonly FormDefinition[];
  /** Surveys that may be asked by their id, and how long their answers count. */
  surveys?: readonly { id: string; kind: NonNullable<Ask['survey']>['kind']; form: FormDefinition }[];
  /** Agents who begin as offline are those named here; the others are online. */
  offline?: readonly string[];
}

/** An agent who acts without a line of his own: the other side of a visitor's test. */
export interface FakeAgent {
  take(conversation: string): void;
  say(conversation: string, text: string): void;
  note(conversation: string, text: string): void;
  /** Moves it to an agent, a team or a bot. */
  transfer(conversation: string, to: { agent: string } | { team: string } | { bot: string }): void;
  resolve(conversation: string, wrapUp?: string): void;
  /** `note`: types a note, which only staff sees. */
  typing(conversation: string, on?: boolean, options?: { note?: boolean }): void;
  /** Has everything on screen and, unless told otherwise, has read it. */
  mark(conversation: string, cursor?: { delivered?: number; read?: number }): void;
  setPresence(presence: Presence): void;
  /** Takes, or does not take, what is offered to him. */
  accept(conversation: string): void;
  decline(conversation: string, reason?: string): void;
  /** Asks the visitor to fill in a form; returns the question's id. */
  ask(conversation: string, form: FormDefinition | string): string;
  /** As a bot: gives it to people. */
  handoff(conversation: string, reason: string): void;
  /** As a bot: proposes words for the visitor's newest message. */
  draft(conversation: string, text: string): void;
  /** As a bot: shows a reply that is not said yet; an empty text takes it back. */
  stream(conversation: string, message: string, text: string): void;
  /** As a bot: calls a tool of the visitor's page. */
  callTool(
    conversation: string,
    tool: string,
    input?: Record<string, unknown>,
  ): Promise<Pick<ToolCall, 'outcome' | 'output'>>;
}

/** A visitor who acts without a line of his own: the other side of an agent's test. */
export interface FakeVisitor {
  readonly id: string;
  /** Says something; begins a conversation if needed. Returns its id. */
  say(text: string): string;
  typing(on?: boolean): void;
  /** Has read everything. */
  read(): void;
  /** Answers a question of his conversation. */
  answer(ask: string, answers: Answers, options?: { partial?: boolean }): void;
  requestHuman(): void;
  cancelHandoff(): void;
  /** How the tools of his page answer, by their name; others are not there. */
  tools: Map<string, (input: Record<string, unknown>) => Pick<ToolCall, 'outcome' | 'output'>>;
  visit(visit: Visit): void;
}

interface Visitor extends VisitorProfile {
  site: string;
  tools: FakeVisitor['tools'];
}

interface Line {
  end: ServerEnd;
  kind: ReaderKind;
  /** Id of the visitor or agent. */
  id: string;
  lists: boolean;
  session: string;
  /** Conversations on an agent's screen. */
  watched: Set<string>;
  /** Conversations an agent gets live. */
  live: Set<string>;
  heard: boolean;
  cancel: () => void;
}

const listEveryMs = 200;
const queueEveryMs = 500;
const badFramesAllowed = 10;

export type FakeServer = ReturnType<typeof fakeServer>;

/**
 * The relay in memory: speaks protocol v1 to visitors and agents, keeps its log for as long as the test runs, and lives through cuts and restarts as
 * the real one does. Held against the same recorded sessions. What it leaves out: routing, rate limits, opening hours, grace times of lost agents.
 */
export function fakeServer(options: FakeServerOptions) {
  const { clock } = options;
  const site = options.site ?? 'pk_shop_test';
  const people = options.agents ?? Object.values(cast.agents);
  const bots = (options.bots ?? []).map(
    ({ id, name }): CastAgent => ({ id, name, role: 'bot', teams: [], capacity: 1_000, email: '', password: '' }),
  );
  const agents = [...people, ...bots];
  const teams = options.teams ?? Object.values(cast.teams);
  const wrapUpCodes = options.wrapUpCodes ?? [
    { id: 'answered', name: 'Answered' },
    { id: 'sold', name: 'Sold' },
    { id: 'spam', name: 'Spam' },
  ];
  const cannedReplies = options.cannedReplies ?? [
    { id: 'hello', shortcut: 'hi', title: 'Greeting', text: 'Hello! How can I help?' },
    { id: 'bye', shortcut: 'bye', title: 'Farewell', text: 'Thank you, and have a good day.' },
  ];
  let siteInfo: SiteInfo = {
    name: 'Shop',
    availability: 'online',
    opensAt: null,
    closesAt: null,
    usualReplyMs: 120_000,
    faces: people.slice(0, 3).map(({ id, name }) => ({ id, name })),
    topics: ['Where is my parcel?', 'I want to return something'],
    ...options.siteInfo,
  };

  const conversations = new Map<string, Conversation>();
  const visitors = new Map<string, Visitor>();
  /** Session token → visitor. A token is kept from the first message on. */
  const sessions = new Map<string, string>();
  /** Sessions of visitors who were forgotten. */
  const forgotten = new Set<string>();
  const presence = new Map<string, Presence>(
    agents.map(({ id }) => [id, options.offline?.includes(id) ? 'offline' : 'online']),
  );
  const tickets = new Map<string, { agent: string; session: string }>();
  const done = new Map<string, { conversation: string; seq: number; publicSeq: number | null; at: number }>();
  /** Who types where, and whether it is a note. */
  const typingIn = new Map<string, Map<string, { note: boolean }>>();
  const lines = new Set<Line>();
  const hellos: Hello[] = [];
  let refusals: { code: ErrorCode; times: number; retryAfterMs: number | undefined }[] = [];
  let made = 0;
  let changed = new Set<string>();
  let listsAreDue = false;
  let queueIsDue = false;
  let queued = new Set<string>();

  const newId = (what: string) => `${what}-${String(++made).padStart(6, '0')}`;
  const agentOf = (id: string): CastAgent => {
    const agent = agents.find((known) => known.id === id);
    if (!agent)
      throw new Error(`There is no agent "${id}" here. Known: ${agents.map((known) => known.id).join(', ')}.`);
    return agent;
  };
  const staff = (id: string): Staff | null => agents.find((agent) => agent.id === id) ?? null;
  const isOpen = ({ state }: Conversation) => state.status !== 'resolved';
  const newestFirst = (a: Conversation, b: Conversation) =>
    b.state.startedAt - a.state.startedAt || (a.state.id < b.state.id ? 1 : -1);
  const ofVisitor = (visitor: string) =>
    [...conversations.values()].filter(({ state }) => state.visitor.id === visitor).sort(newestFirst);
  const currentOf = (visitor: string) => ofVisitor(visitor).find(isOpen) ?? null;
  const load = (agent: string) =>
    [...conversations.values()].filter((kept) => isOpen(kept) && kept.state.owner?.id === agent).length;
  /** [A1] */
  const isDrafter = (id: string) => options.bots?.some((bot) => bot.id === id && bot.drafts === true) === true;
  const maySee = (line: Line, { state }: Conversation) => {
    if (line.kind === 'visitor') return state.visitor.id === line.id;
    const isOthers = state.owner?.id !== line.id && state.lastBot?.id !== line.id;
    return agentOf(line.id).role !== 'bot' || !isOthers || isDrafter(line.id);
  };

  const profiles = (): AgentProfile[] =>
    people.map(({ id, name, role, teams, capacity }) => ({
      id,
      name,
      role,
      teams: [...teams],
      presence: presence.get(id) ?? 'offline',
      load: load(id),
      capacity,
    }));

  function countsFor(agent: string): Counts {
    const all = [...conversations.values()];
    return {
      mine: load(agent),
      queue: all.filter((kept) => isOpen(kept) && !kept.state.owner).length,
      open: all.filter(isOpen).length,
      resolved: all.filter((kept) => !isOpen(kept)).length,
    };
  }

  function profileOf(id: string): VisitorProfile {
    const { site: _site, tools: _tools, ...profile } = visitors.get(id) as Visitor;
    return { ...profile, online: [...lines].some((line) => line.kind === 'visitor' && line.id === id) };
  }

  const send = (line: Line, frame: FromServer) => line.end.send(JSON.stringify(frame));
  const nack = (line: Line, id: string, code: ErrorCode, retryAfterMs?: number) =>
    send(line, {
      type: 'nack',
      id,
      code,
      message: ERRORS[code].sentence,
      retry: ERRORS[code].retry,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });

  /** Tells a changed conversation to all who see it, each in his own count. */
  function publish(conversation: Conversation, events: readonly ConversationEvent[]): void {
    const { state } = conversation;
    for (const line of lines) {
      if (line.kind === 'visitor') {
        if (line.id !== state.visitor.id) continue;
      } else {
        const isOwn = state.owner?.id === line.id && isOpen(conversation);
        if (isOwn && !line.live.has(state.id)) {
          line.live.add(state.id);
          send(line, {
            type: 'snapshot',
            ...snapshotOf(conversation, 'agent', 0, options.pageEvents),
            visitor: profileOf(state.visitor.id),
          });
          continue;
        }
        if (!line.live.has(state.id)) continue;
        if (!isOwn && !line.watched.has(state.id)) line.live.delete(state.id);
      }
      for (const event of viewEvents(events, line.kind)) send(line, { type: 'event', event });
    }
    changed.add(state.id);
    const tellLists = !listsAreDue;
    listsAreDue = true;
    if (tellLists)
      clock.after(listEveryMs, () => {
        listsAreDue = false;
        const states = [...changed].map((id) => (conversations.get(id) as Conversation).state);
        changed = new Set();
        for (const line of lines)
          if (line.lists) send(line, { type: 'update', conversations: states, counts: countsFor(line.id) });
      });
    tellQueue();
  }

  function tellQueue(): void {
    if (queueIsDue) return;
    queueIsDue = true;
    clock.after(queueEveryMs, () => {
      queueIsDue = false;
      const waiting = [...conversations.values()]
        .filter((kept) => isOpen(kept) && !kept.state.owner)
        .sort((a, b) => (a.state.queuedAt ?? 0) - (b.state.queuedAt ?? 0));
      const places = new Map<string, number>();
      for (const { state } of waiting) {
        const ahead = waiting
          .slice(
            0,
            waiting.findIndex((kept) => kept.state === state),
          )
          .filter((kept) => kept.state.team?.id === state.team?.id);
        places.set(state.id, ahead.length + 1);
      }
      const before = queued;
      queued = new Set(places.keys());
      for (const id of new Set([...before, ...queued])) {
        const visitor = conversations.get(id)?.state.visitor.id;
        const position = places.get(id) ?? null;
        for (const line of lines) {
          if (line.kind === 'visitor' && line.id === visitor)
            send(line, { type: 'queue', conversation: id, position, waitMs: null });
        }
      }
    });
  }

  const tellAgents = () => {
    for (const line of lines) if (line.kind === 'agent') send(line, { type: 'agents', agents: profiles() });
  };

  function tellViewers(conversation: string): void {
    const watching = [...lines].filter((line) => line.watched.has(conversation));
    const viewers = [...new Set(watching.map(({ id }) => id))].map((id) => {
      const typing = typingIn.get(conversation)?.get(id);
      return {
        id,
        name: agentOf(id).name,
        typing: typing !== undefined,
        ...(typing?.note ? { note: true as const } : {}),
      };
    });
    for (const line of watching) send(line, { type: 'viewers', conversation, viewers });
  }

  function setPresence(agent: string, value: Presence): void {
    presence.set(agent, value);
    tellAgents();
    // [O4]
    if (value !== 'offline') return;
    for (const kept of [...conversations.values()])
      if (kept.state.owner?.id === agent && isOpen(kept)) requeue(kept.state.id, 'agent-left');
  }

  function requeue(conversation: string, why: 'agent-lost' | 'agent-left' = 'agent-lost'): void {
    const kept = conversations.get(conversation);
    if (!kept) return;
    const queued: Draft = { actor: { kind: 'system' }, body: { kind: 'queued', team: kept.state.team, why } };
    commit('s:server', newId('requeue'), { conversation: kept, id: conversation }, [queued]);
  }

  function tellVisitor(visitor: string): void {
    for (const { state } of ofVisitor(visitor)) {
      for (const line of lines) {
        if (line.kind === 'agent' && line.live.has(state.id))
          send(line, { type: 'visitor', conversation: state.id, visitor: profileOf(visitor) });
      }
    }
  }

  type Outcome =
    | { ok: true; conversation: string; seq: number; publicSeq: number | null; at: number }
    | { ok: false; code: ErrorCode };

  function commit(
    author: string,
    id: string,
    target: { conversation: Conversation | null; id: string },
    drafts: readonly Draft[],
  ): Outcome {
    const at = clock.now();
    if (drafts.length === 0) {
      const head = target.conversation?.state;
      return { ok: true, conversation: target.id, seq: head?.head ?? 0, publicSeq: head?.publicHead ?? 0, at };
    }
    const { conversation, events, primary } = append(target.conversation, drafts, {
      conversation: target.id,
      site,
      id,
      at,
    });
    conversations.set(target.id, conversation);
    const outcome = { conversation: target.id, seq: primary.seq, publicSeq: primary.publicSeq, at };
    done.set(`${author} ${id}`, outcome);
    // The ack goes out before the event, as most of the time at the relay; nobody may rely on it.
    queueMicrotask(() => publish(conversation, events));
    return { ok: true, ...outcome };
  }

  function repeated(author: string, id: string): Outcome | null {
    const before = done.get(`${author} ${id}`);
    return before ? { ok: true, ...before } : null;
  }

  function say(visitor: Visitor, frame: Extract<CommandFrame, { type: 'send' }>): Outcome {
    const author = `v:${visitor.id}`;
    const first = repeated(author, frame.id);
    if (first) return first;
    const aimed = conversations.get(frame.conversation) ?? null;
    if (aimed && aimed.state.visitor.id !== visitor.id) return { ok: false, code: 'not-found' };
    const owner = aimed?.state.owner ?? null;
    const back =
      owner && presence.get(owner.id) === 'online' && load(owner.id) < agentOf(owner.id).capacity ? owner : null;
    const mayReopen = clock.now() - (aimed?.state.resolvedAt ?? 0) <= (options.reopenWindowMs ?? 86_400_000);
    const before = frame.before === undefined ? null : filledInBefore(frame.before);
    if (isRefusal(before)) return { ok: false, code: before };
    const { id: bot, name } = bots.find((known) => known.id === options.firstBot) ?? {};
    const said = visitorSays(
      visitor,
      { aimed, current: currentOf(visitor.id), back },
      {
        blocks: frame.blocks,
        team: teams[0] ?? null,
        mayReopen,
        before,
        bot: bot && name ? { id: bot, name, bot: true } : null,
        consent: { version: options.consent ?? null, given: frame.consent ?? null },
      },
    );
    if (isRefusal(said)) return { ok: false, code: said };
    const id = said.to?.state.id ?? (aimed ? newId('conversation') : frame.conversation);
    return commit(author, frame.id, { conversation: said.to, id }, said.drafts);
  }

  function filledInBefore({ form, answers }: { form: string; answers: Answers }) {
    for (const [purpose, asked] of [['pre-chat', siteInfo.preChat] as const, ['offline', siteInfo.offline] as const])
      if (asked?.id === form) return { purpose, form: asked, answers };
    return 'no-such-form' as const;
  }

  function question(id: string): Ask | null {
    const form = options.forms?.find((known) => known.id === id);
    if (form) return { form, until: null };
    const survey = options.surveys?.find((known) => known.id === id);
    return survey ? { form: survey.form, survey: { id, kind: survey.kind }, until: null } : null;
  }

  /** [D1] */
  function offer(kept: Conversation, to: readonly CastAgent[], forMs = 30_000): Outcome {
    const agents = to.map(({ id, name }) => ({ id, name }));
    const body = { kind: 'offered' as const, agents, until: clock.now() + forMs, reason: 'A test offers it.' };
    return commit('s:server', newId('offer-of'), { conversation: kept, id: kept.state.id }, [
      { actor: { kind: 'system' }, audience: 'staff', body },
    ]);
  }

  function act(agent: Staff, frame: Exclude<CommandFrame, { type: 'set-presence' }>): Outcome {
    const author = `a:${agent.id}`;
    const before = repeated(author, frame.id);
    if (before) return before;
    const conversation = conversations.get(frame.conversation);
    if (!conversation) return { ok: false, code: 'not-found' };
    const drafts = agentActs(agent, conversation, frame, {
      agent: staff,
      team: (id) => teams.find((team) => team.id === id) ?? null,
      isWrapUp: (id) => wrapUpCodes.some((code) => code.id === id),
      question,
      isDrafter,
    });
    if (isRefusal(drafts)) return { ok: false, code: drafts };
    const outcome = commit(author, frame.id, { conversation, id: frame.conversation }, drafts);
    const { team, owner } = conversation.state;
    if (drafts.length > 0 && !owner && options.offersIn?.includes(team?.id ?? '') && !conversation.state.offer)
      offer(
        conversation,
        people.filter(({ id, teams }) => presence.get(id) === 'online' && teams.includes(team?.id ?? '')),
      );
    queueMicrotask(tellAgents);
    return outcome;
  }

  function actAsVisitor(
    visitor: string,
    frame: Extract<CommandFrame, { type: 'answer' | 'request-human' | 'cancel-handoff' | 'withdraw-consent' }>,
  ): Outcome {
    const author = `v:${visitor}`;
    const before = repeated(author, frame.id);
    if (before) return before;
    const conversation = conversations.get(frame.conversation);
    if (conversation?.state.visitor.id !== visitor) return { ok: false, code: 'not-found' };
    const drafts = visitorActs(visitor, conversation, frame);
    if (isRefusal(drafts)) return { ok: false, code: drafts };
    return commit(author, frame.id, { conversation, id: frame.conversation }, drafts);
  }

  function mark(conversation: string, reader: string, cursor: { delivered?: number; read?: number }): void {
    const kept = conversations.get(conversation);
    if (!kept) return;
    const old = kept.cursors.get(reader) ?? { delivered: 0, read: 0 };
    const upTo = (value = 0) => Math.min(value, kept.state.publicHead);
    const read = Math.max(old.read, upTo(cursor.read));
    const delivered = Math.max(old.delivered, upTo(cursor.delivered), read);
    if (read === old.read && delivered === old.delivered) return;
    kept.cursors.set(reader, { delivered, read });
    for (const line of lines) {
      const [receipt] = receiptsOf({ cursors: new Map([[reader, { delivered, read }]]) }, line.kind);
      if (!receipt) continue;
      const isSelf = reader === (line.kind === 'visitor' ? 'visitor' : line.id);
      const sees = line.kind === 'visitor' ? kept.state.visitor.id === line.id : line.live.has(conversation);
      if (sees && !isSelf) send(line, { type: 'receipt', conversation, ...receipt });
    }
    if (kept.state.owner?.id === reader) mark(conversation, STAFF, { delivered, read });
  }

  function type(conversation: string, who: { visitor: true } | { agent: string }, on: boolean, note = false): void {
    const kept = conversations.get(conversation);
    if (!kept) return;
    if ('visitor' in who) {
      for (const line of lines) {
        if (line.kind === 'agent' && line.live.has(conversation))
          send(line, { type: 'typing', conversation, who: { kind: 'visitor' }, on });
      }
      return;
    }
    const { id, name } = agentOf(who.agent);
    const typing = typingIn.get(conversation) ?? new Map<string, { note: boolean }>();
    const before = typing.get(id);
    if (on) typing.set(id, { note });
    else typing.delete(id);
    typingIn.set(conversation, typing);
    const isShown = on && !note;
    const wasShown = before?.note === false;
    for (const line of lines) {
      // [P2]
      const isVisitor = line.kind === 'visitor' && line.id === kept.state.visitor.id && kept.state.owner?.id === id;
      if (isVisitor && (isShown || wasShown))
        send(line, { type: 'typing', conversation, who: { kind: 'agent', id, name }, on: isShown });
    }
    tellViewers(conversation);
  }

  /** [A5] */
  function showStream(
    bot: string,
    { conversation, message, text }: { conversation: string; message: string; text: string },
  ) {
    const kept = conversations.get(conversation);
    if (kept?.state.owner?.id !== bot || !isOpen(kept)) return;
    const frame = { type: 'stream', conversation, message, who: kept.state.owner, text } as const;
    for (const line of lines) {
      const sees = line.kind === 'visitor' ? line.id === kept.state.visitor.id : line.live.has(conversation);
      if (sees && line.id !== bot) send(line, frame);
    }
  }

  type ToolResult = Pick<ToolCall, 'outcome' | 'output'>;
  const toolCalls = new Map<string, { visitor: string; pages: number; finish(result: ToolResult): void }>();

  /** [A6] */
  function callTool(
    bot: string,
    frame: { id: string; conversation: string; ownership: number; tool: string; input: Record<string, unknown> },
  ): Promise<ToolResult> | ErrorCode {
    const { id: call, conversation, tool, input } = frame;
    const kept = conversations.get(conversation);
    const who = kept?.state.owner;
    if (!kept || who?.id !== bot || kept.state.ownership !== frame.ownership || !isOpen(kept)) return 'not-owner';
    return new Promise((resolve) => {
      const visitor = visitors.get(kept.state.visitor.id) as Visitor;
      const pages = [...lines].filter((line) => line.kind === 'visitor' && line.id === visitor.id);
      const cancel = clock.after(LIMITS.toolTimeoutMs, () => finish({ outcome: 'timed-out' }));
      const finish = (result: ToolResult) => {
        cancel();
        toolCalls.delete(call);
        const body = { kind: 'tool-called' as const, tool, input, ...result };
        commit(`a:${bot}`, call, { conversation: kept, id: conversation }, [
          { actor: { kind: 'bot', id: bot, name: who.name }, audience: 'staff', body },
        ]);
        resolve(result);
      };
      toolCalls.set(call, { visitor: visitor.id, pages: pages.length, finish });
      const double = visitor.tools.get(tool);
      if (double) finish(double(input));
      else if (pages.length === 0) finish({ outcome: 'no-such-tool' });
      else for (const line of pages) send(line, { type: 'tool-call', call, conversation, who, tool, input });
    });
  }

  function toolDone(visitor: string, { call, ...result }: { call: string } & ToolResult): void {
    const waiting = toolCalls.get(call);
    if (waiting?.visitor !== visitor) return;
    waiting.pages -= 1;
    if (result.outcome !== 'no-such-tool' || waiting.pages <= 0) waiting.finish(result);
  }

  function answer(line: Line, frame: CommandFrame, outcome: Outcome): void {
    if (!outcome.ok) return nack(line, frame.id, outcome.code);
    const { conversation, at } = outcome;
    send(line, {
      type: 'ack',
      id: frame.id,
      conversation,
      seq: (line.kind === 'agent' ? outcome.seq : outcome.publicSeq) ?? 0,
      at,
    });
  }

  function receive(line: Line, frame: FromClientAfterHello): void {
    const isRefusable = 'blocks' in frame || frame.type === 'take' || frame.type === 'answer';
    const refusal = isRefusable ? refusals[0] : undefined;
    if (refusal && 'id' in frame) {
      if (--refusal.times === 0) refusals.shift();
      return nack(line, frame.id, refusal.code, refusal.retryAfterMs);
    }
    switch (frame.type) {
      case 'pong':
        return;
      case 'get-events': {
        const kept = conversations.get(frame.conversation);
        if (!kept || !maySee(line, kept)) return nack(line, frame.id, 'not-found');
        const events = viewEvents(kept.events, line.kind);
        const limit = frame.limit ?? LIMITS.defaultPageEvents;
        const found =
          'after' in frame
            ? events.filter(({ seq }) => seq > frame.after)
            : events.filter(({ seq }) => seq < frame.before);
        const page = 'after' in frame ? found.slice(0, limit) : found.slice(-limit);
        const { head } = viewState(kept.state, line.kind);
        return send(line, {
          type: 'events',
          id: frame.id,
          conversation: frame.conversation,
          events: page,
          more: page.length < found.length,
          head,
        });
      }
      case 'mark': {
        const kept = conversations.get(frame.conversation);
        if (kept && maySee(line, kept))
          mark(
            frame.conversation,
            line.kind === 'visitor' ? 'visitor' : line.id,
            frame as { delivered?: number; read?: number },
          );
        return;
      }
      case 'typing': {
        const kept = conversations.get(frame.conversation);
        if (line.kind === 'visitor' && frame.note) return refuse(line, 'forbidden');
        if (kept && maySee(line, kept))
          type(
            frame.conversation,
            line.kind === 'visitor' ? { visitor: true } : { agent: line.id },
            frame.on,
            frame.note,
          );
        return;
      }
    }
    if (line.kind === 'visitor') {
      const visitor = visitors.get(line.id) as Visitor;
      if (frame.type === 'visit') {
        visitor.visit = frame.visit;
        return tellVisitor(line.id);
      }
      if (frame.type === 'send') {
        sessions.set(line.session, line.id);
        return answer(line, frame, say(visitor, frame));
      }
      if (
        frame.type === 'answer' ||
        frame.type === 'request-human' ||
        frame.type === 'cancel-handoff' ||
        frame.type === 'withdraw-consent'
      )
        return answer(line, frame, actAsVisitor(line.id, frame));
      if (frame.type === 'tool-done') {
        const { call, outcome, output } = frame;
        return toolDone(line.id, { call, outcome, ...(output === undefined ? {} : { output }) });
      }
      if ('id' in frame) return nack(line, frame.id, 'forbidden');
      return refuse(line, 'forbidden');
    }
    if (!maySendFrame(agentOf(line.id), frame.type)) {
      if ('id' in frame) return nack(line, frame.id, 'forbidden');
      return refuse(line, 'forbidden');
    }
    switch (frame.type) {
      case 'visit':
        return refuse(line, 'forbidden');
      case 'set-presence':
        setPresence(line.id, frame.presence);
        return send(line, { type: 'ack', id: frame.id, at: clock.now() });
      case 'watch': {
        const kept = conversations.get(frame.conversation);
        if (!kept || !maySee(line, kept)) return nack(line, frame.id, 'not-found');
        line.watched.add(frame.conversation);
        line.live.add(frame.conversation);
        send(line, {
          type: 'snapshot',
          id: frame.id,
          ...snapshotOf(kept, 'agent', frame.have, options.pageEvents),
          visitor: profileOf(kept.state.visitor.id),
        });
        return tellViewers(frame.conversation);
      }
      case 'unwatch': {
        const kept = conversations.get(frame.conversation);
        if (!line.watched.delete(frame.conversation) || !kept) return;
        typingIn.get(frame.conversation)?.delete(line.id);
        if (kept.state.owner?.id !== line.id || !isOpen(kept)) line.live.delete(frame.conversation);
        return tellViewers(frame.conversation);
      }
      case 'get-list': {
        const { view, visitor, before = Number.MAX_SAFE_INTEGER, limit = LIMITS.defaultPageEvents } = frame;
        const at = ({ state }: Conversation) =>
          view === 'resolved' ? (state.resolvedAt ?? 0) : (state.last?.at ?? state.startedAt);
        const belongs: Record<typeof view, (kept: Conversation) => boolean> = {
          mine: (kept) => isOpen(kept) && kept.state.owner?.id === line.id,
          queue: (kept) => isOpen(kept) && !kept.state.owner,
          open: isOpen,
          resolved: (kept) => !isOpen(kept),
          visitor: (kept) => kept.state.visitor.id === visitor,
        };
        const found = [...conversations.values()].filter(belongs[view]).sort((a, b) => at(b) - at(a));
        const from = view === 'queue' ? (frame.before ?? 0) : 0;
        const rest =
          view === 'queue'
            ? inQueueOrder(
                found.map((kept) => ({ ...queuePlaceOf(kept.state), ...kept })),
                teams,
                clock.now(),
              ).slice(from)
            : found.filter((kept) => at(kept) < before);
        const page = rest.slice(0, limit);
        const last = page.at(-1);
        const next = view === 'queue' ? from + limit : last && at(last);
        return send(line, {
          type: 'list',
          id: frame.id,
          view,
          conversations: page.map(({ state }) => state),
          cursor: page.length < rest.length ? (next ?? null) : null,
          counts: countsFor(line.id),
        });
      }
      case 'stream': {
        const isCurrent = conversations.get(frame.conversation)?.state.ownership === frame.ownership;
        return isCurrent ? showStream(line.id, frame) : undefined;
      }
      case 'tool-done':
        return refuse(line, 'forbidden');
      case 'call-tool': {
        const { id } = frame;
        const result = callTool(line.id, frame);
        if (typeof result === 'string') return nack(line, id, result);
        void result.then((came) => send(line, { type: 'tool-result', id, ...came }));
        return;
      }
      default:
        return answer(line, frame, act(agentOf(line.id), frame));
    }
  }

  const refuse = (line: Line, code: ErrorCode, detail?: string) => tellError(line.end, code, detail);
  const tellError = (end: ServerEnd, code: ErrorCode, detail?: string) =>
    end.send(
      JSON.stringify({
        type: 'error',
        code,
        message: ERRORS[code].sentence,
        retry: ERRORS[code].retry,
        ...(detail === undefined ? {} : { detail }),
      }),
    );

  function makeVisitor(id: string, profile: Partial<VisitorProfile>): Visitor {
    const visitor: Visitor = {
      id,
      site,
      name: null,
      email: null,
      externalId: null,
      verified: false,
      locale: null,
      timeZone: null,
      visit: null,
      online: false,
      firstSeenAt: clock.now(),
      tools: new Map(),
      ...profile,
    };
    visitors.set(id, visitor);
    return visitor;
  }

  /** Who says hello: his line, or why not and with which close code. */
  function greet(hello: Hello, end: ServerEnd, door: 'site' | 'desk'): Line | [ErrorCode, number] {
    const base = { end, watched: new Set<string>(), live: new Set<string>(), heard: true, cancel: () => {} };
    if (hello.role === 'agent') {
      if (door !== 'desk') return ['bad-origin', CLOSE_CODES.forbidden];
      const ticket = tickets.get(hello.ticket);
      tickets.delete(hello.ticket);
      // Recorded sessions bring tickets that need no sign-in.
      const agent = ticket?.agent ?? (/^ticket-(\w+)$/.exec(hello.ticket)?.[1] || '');
      if (!staff(agent)) return ['bad-ticket', CLOSE_CODES.unauthorized];
      return { ...base, kind: 'agent', id: agent, lists: hello.lists === true, session: ticket?.session ?? '' };
    }
    if (door !== 'site' || hello.site !== site) return ['bad-site', CLOSE_CODES.forbidden];
    const claims = hello.identity === undefined ? null : (options.identity?.(hello.identity) ?? null);
    if (hello.identity !== undefined && !claims) return ['bad-identity', CLOSE_CODES.unauthorized];
    if (!claims && options.identityRequired) return ['identity-required', CLOSE_CODES.unauthorized];
    let session = hello.session ?? '';
    if (forgotten.has(session)) return ['erased', CLOSE_CODES.unauthorized];
    let visitor = visitors.get(sessions.get(session) ?? '') ?? null;
    const person = claims ? ([...visitors.values()].find(({ externalId }) => externalId === claims.sub) ?? null) : null;
    if (claims && visitor && (visitor.externalId ? visitor.externalId !== claims.sub : person)) visitor = null;
    if (!visitor) {
      session = newId('session');
      visitor = person ?? makeVisitor(newId('visitor'), {});
      if (claims) sessions.set(session, visitor.id);
    }
    if (claims)
      Object.assign(visitor, { externalId: claims.sub, name: claims.name, email: claims.email, verified: true });
    const { locale, timeZone, visit } = hello;
    Object.assign(visitor, { ...(locale && { locale }), ...(timeZone && { timeZone }), ...(visit && { visit }) });
    return { ...base, kind: 'visitor', id: visitor.id, lists: false, session };
  }

  function welcome(line: Line, hello: Hello, version: number): void {
    const common = { type: 'welcome', version, now: clock.now(), heartbeatMs: LIMITS.heartbeatMs } as const;
    lines.add(line);
    if (line.kind === 'visitor') {
      const newest = ofVisitor(line.id)[0] ?? null;
      const { id, name } = visitors.get(line.id) as Visitor;
      const conversation = newest && snapshotOf(newest, 'visitor', hello.have?.[newest.state.id], options.pageEvents);
      send(line, {
        ...common,
        role: 'visitor',
        session: line.session,
        visitor: { id, name },
        site: siteInfo,
        conversation,
      });
      tellVisitor(line.id);
      tellQueue();
    } else {
      const { id, name, role } = agentOf(line.id);
      send(line, {
        ...common,
        role: 'agent',
        agent: { id, name, role, presence: presence.get(id) ?? 'offline' },
        agents: profiles(),
        teams: teams.map(({ id, name }) => ({ id, name })),
        wrapUpCodes,
        cannedReplies,
        counts: countsFor(id),
        site: siteInfo,
      });
      for (const kept of conversations.values()) {
        if (!isOpen(kept) || kept.state.owner?.id !== id) continue;
        line.live.add(kept.state.id);
        const have = hello.have?.[kept.state.id];
        send(line, {
          type: 'snapshot',
          ...snapshotOf(kept, 'agent', have, options.pageEvents),
          visitor: profileOf(kept.state.visitor.id),
        });
      }
    }
    beat(line);
  }

  /** [L1] [L2] */
  function beat(line: Line): void {
    line.cancel = clock.after(LIMITS.heartbeatMs, () => {
      line.heard = false;
      const mine =
        line.kind === 'visitor'
          ? ofVisitor(line.id).slice(0, 1)
          : [...conversations.values()].filter(({ state }) => line.live.has(state.id));
      const heads = Object.fromEntries(mine.map(({ state }) => [state.id, viewState(state, line.kind).head]));
      send(line, { type: 'ping', at: clock.now(), heads });
      const stopBeat = clock.after(LIMITS.heartbeatGraceMs, () => {
        if (!line.heard) drop(line, CLOSE_CODES.heartbeatLost, 'no answer to the heartbeat');
      });
      beat(line);
      const stopNext = line.cancel;
      line.cancel = () => {
        stopBeat();
        stopNext();
      };
    });
  }

  function forget(line: Line): void {
    if (!lines.delete(line)) return;
    line.cancel();
    for (const conversation of line.watched) tellViewers(conversation);
    if (line.kind === 'visitor') tellVisitor(line.id);
  }

  function drop(line: Line, code: number, reason: string): void {
    forget(line);
    line.end.close(code, reason);
  }

  /** Takes a line, whatever carries it. */
  const accept: Accept = (end): ServerHandlers => {
    const door = /\/desk\//.test(end.url) ? 'desk' : 'site';
    let line: Line | null = null;
    let isOver = false;
    let bad = 0;
    const close = (code: number, reason: string) => {
      isOver = true;
      cancelHello();
      if (line) drop(line, code, reason);
      else end.close(code, reason);
    };
    const cancelHello = clock.after(LIMITS.helloTimeoutMs, () => close(CLOSE_CODES.helloTimeout, 'no hello in time'));

    function take(value: unknown): void {
      if (isOver || (line && !lines.has(line))) return;
      const decoded = decodeFromClient(value);
      if (!decoded.ok) {
        if (decoded.id !== undefined && line) nack(line, decoded.id, 'bad-frame');
        else tellError(end, 'bad-frame', decoded.at);
        if (++bad >= badFramesAllowed || !line) close(CLOSE_CODES.badFrame, 'frames that cannot be read');
        return;
      }
      const { frame } = decoded;
      if (frame.type === 'hello') {
        if (line) return tellError(end, 'bad-frame', 'type');
        hellos.push(frame);
        const version = negotiateVersion(frame.versions);
        if (version === null) {
          tellError(end, 'version');
          return close(CLOSE_CODES.version, 'no common version');
        }
        const greeted = greet(frame, end, door);
        if (Array.isArray(greeted)) {
          tellError(end, greeted[0]);
          return close(greeted[1], greeted[0]);
        }
        cancelHello();
        line = greeted;
        return welcome(line, frame, version);
      }
      if (!line) {
        tellError(end, 'hello-first');
        return close(CLOSE_CODES.badFrame, 'the first frame must be a hello');
      }
      receive(line, frame);
    }

    return {
      message(text) {
        if (line) line.heard = true;
        const bytes = new TextEncoder().encode(text).length;
        if (bytes > LIMITS.maxFrameBytes) return close(CLOSE_CODES.tooBig, 'the frame is too large');
        if (!line && bytes > LIMITS.maxHelloBytes) return close(CLOSE_CODES.badFrame, 'the first frame is too large');
        let value: unknown;
        try {
          value = JSON.parse(text);
        } catch {
          value = null;
        }
        for (const frame of Array.isArray(value) ? value : [value]) take(frame);
      },
      closed() {
        isOver = true;
        cancelHello();
        if (line) forget(line);
      },
    };
  };

  function mustBeDone(outcome: Outcome): void {
    if (!outcome.ok) throw new Error(`The fake server refused: ${outcome.code}. ${ERRORS[outcome.code].sentence}`);
  }
  const text = (words: string) => [{ kind: 'text' as const, text: words }];
  const ownershipOf = (conversation: string) => conversations.get(conversation)?.state.ownership ?? 0;

  return {
    /** The key of its site, for `createChat`. */
    site,
    /** Its address, for `createChat` and `createAgent`. */
    url: 'https://chat.example.com',
    accept,
    conversations: conversations as ReadonlyMap<string, Conversation>,
    /** Every hello that was understood, oldest first. */
    hellos: hellos as readonly Hello[],
    /** Lines that were welcomed and are open. */
    get lines() {
      return lines.size;
    },
    /** What was said in public, in order. */
    transcript(conversation: string): { by: string; text: string }[] {
      return (conversations.get(conversation)?.events ?? []).flatMap(({ actor, body }) =>
        body.kind === 'message'
          ? [
              {
                by: actor.kind === 'visitor' ? 'visitor' : 'id' in actor ? actor.id : 'system',
                text: body.blocks.map((block) => block.text).join('\n'),
              },
            ]
          : [],
      );
    },
    /** A reader's whole log, to compare a screen with. */
    log(conversation: string, reader: ReaderKind): { state: ConversationState | null; events: ConversationEvent[] } {
      const kept = conversations.get(conversation);
      return kept
        ? { state: viewState(kept.state, reader), events: viewEvents(kept.events, reader) }
        : { state: null, events: [] };
    },
    agent(id: string): FakeAgent {
      const agent = agentOf(id);
      return {
        take: (conversation) =>
          mustBeDone(
            act(agent, { type: 'take', id: newId('take'), conversation, ownership: ownershipOf(conversation) }),
          ),
        say: (conversation, words) =>
          mustBeDone(
            act(agent, {
              type: 'send',
              id: newId('message'),
              conversation,
              blocks: text(words),
              ownership: ownershipOf(conversation),
            }),
          ),
        note: (conversation, words) =>
          mustBeDone(act(agent, { type: 'note', id: newId('note-of'), conversation, blocks: text(words) })),
        transfer: (conversation, to) =>
          mustBeDone(
            act(agent, {
              type: 'transfer',
              id: newId('transfer'),
              conversation,
              ownership: ownershipOf(conversation),
              to:
                'agent' in to
                  ? { kind: 'agent', id: to.agent }
                  : 'team' in to
                    ? { kind: 'team', id: to.team }
                    : { kind: 'bot', id: to.bot },
            }),
          ),
        resolve: (conversation, wrapUp = wrapUpCodes[0]?.id ?? '') =>
          mustBeDone(
            act(agent, {
              type: 'resolve',
              id: newId('resolve'),
              conversation,
              ownership: ownershipOf(conversation),
              wrapUp,
            }),
          ),
        typing: (conversation, on = true, { note = false } = {}) => type(conversation, { agent: id }, on, note),
        mark(conversation, cursor) {
          const { publicHead = 0 } = conversations.get(conversation)?.state ?? {};
          mark(conversation, id, cursor ?? { delivered: publicHead, read: publicHead });
        },
        setPresence(value) {
          setPresence(id, value);
        },
        accept: (conversation) => mustBeDone(act(agent, { type: 'accept', id: newId('accept'), conversation })),
        decline: (conversation, reason) =>
          mustBeDone(
            act(agent, {
              type: 'decline',
              id: newId('decline'),
              conversation,
              ...(reason === undefined ? {} : { reason }),
            }),
          ),
        ask(conversation, form) {
          const ask = newId('question');
          const what =
            typeof form === 'string' ? { kind: 'configured' as const, id: form } : { kind: 'form' as const, form };
          mustBeDone(act(agent, { type: 'ask', id: ask, conversation, ownership: ownershipOf(conversation), what }));
          return ask;
        },
        handoff: (conversation, reason) =>
          mustBeDone(
            act(agent, {
              type: 'handoff',
              id: newId('handoff'),
              conversation,
              ownership: ownershipOf(conversation),
              details: { reason },
            }),
          ),
        draft: (conversation, words) =>
          mustBeDone(
            act(agent, {
              type: 'draft',
              id: newId('draft-of'),
              conversation,
              blocks: text(words),
              replyTo: conversations.get(conversation)?.state.last?.publicSeq ?? 0,
            }),
          ),
        stream: (conversation, message, words) => showStream(id, { conversation, message, text: words }),
        async callTool(conversation, tool, input = {}) {
          const ownership = ownershipOf(conversation);
          const result = callTool(id, { id: newId('tool-call'), conversation, ownership, tool, input });
          if (typeof result === 'string') throw new Error(`The fake server refused: ${result}.`);
          return result;
        },
      };
    },
    visitor(name: string): FakeVisitor {
      const id = `visitor-${name.toLowerCase()}`;
      const visitor = visitors.get(id) ?? makeVisitor(id, { name });
      const current = () => currentOf(id)?.state.id ?? '';
      return {
        id,
        say(words) {
          const target = ofVisitor(id)[0]?.state.id ?? newId('conversation');
          const outcome = say(visitor, {
            type: 'send',
            id: newId('message'),
            conversation: target,
            blocks: text(words),
          });
          mustBeDone(outcome);
          return outcome.ok ? outcome.conversation : '';
        },
        typing: (on = true) => type(current(), { visitor: true }, on),
        read() {
          const head = conversations.get(current())?.state.publicHead ?? 0;
          mark(current(), 'visitor', { delivered: head, read: head });
        },
        answer(ask, answers, { partial = false } = {}) {
          const conversation = ofVisitor(id)[0]?.state.id ?? '';
          const frame = { type: 'answer', id: newId('answer-of'), conversation, ask, answers } as const;
          mustBeDone(actAsVisitor(id, partial ? { ...frame, partial } : frame));
        },
        requestHuman: () =>
          mustBeDone(actAsVisitor(id, { type: 'request-human', id: newId('request'), conversation: current() })),
        cancelHandoff: () =>
          mustBeDone(actAsVisitor(id, { type: 'cancel-handoff', id: newId('cancel'), conversation: current() })),
        tools: visitor.tools,
        visit(visit) {
          visitor.visit = visit;
          tellVisitor(id);
        },
      };
    },
    /** Takes a conversation from an agent who is gone and queues it again. */
    requeue,
    /** Asks agents whether they take a conversation of the queue. */
    offer(conversation: string, to: readonly string[], { forMs }: { forMs?: number } = {}): void {
      const kept = conversations.get(conversation);
      if (!kept) throw new Error(`There is no conversation "${conversation}" here.`);
      mustBeDone(offer(kept, to.map(agentOf), forMs));
    },
    /** Ends an offer as the relay does: nobody answered in time, or it decided otherwise. */
    endOffer(conversation: string, how: 'expired' | 'withdrawn' = 'expired'): void {
      const kept = conversations.get(conversation) ?? null;
      const body = { kind: 'offer-ended' as const, agents: kept?.state.offer?.agents ?? [], how };
      const actor = { kind: 'system' as const };
      mustBeDone(
        commit('s:server', newId('offer-end'), { conversation: kept, id: conversation }, [
          { actor, audience: 'staff', body },
        ]),
      );
    },
    /** Refuses the next messages, notes, takes and answers with this code. */
    refuse(code: ErrorCode, { times = 1, retryAfterMs }: { times?: number; retryAfterMs?: number } = {}): void {
      refusals = [...refusals, { code, times, retryAfterMs }];
    },
    isBot: (id: string): boolean => bots.some((bot) => bot.id === id),
    /** A one-time ticket for an agent. */
    ticket(agent: string, session = ''): string {
      const ticket = newId('ticket-of');
      tickets.set(ticket, { agent: agentOf(agent).id, session });
      return ticket;
    },
    /** Forgets whose session this is: he is sent away, and whoever shows it is told to drop what he keeps. */
    forget(session: string): void {
      forgotten.add(session);
      for (const line of lines)
        if (line.kind === 'visitor' && line.session === session) drop(line, CLOSE_CODES.replaced, 'forgotten');
    },
    /** Opening, closing, other faces. */
    changeSite(change: Partial<SiteInfo>): void {
      siteInfo = { ...siteInfo, ...change };
      for (const line of lines) if (line.kind === 'visitor') send(line, { type: 'site', site: siteInfo });
    },
    /** Sends a frame to every line of a reader, whatever it is: what a newer relay, or a broken one, would do. */
    inject(reader: ReaderKind, frame: unknown): void {
      for (const line of lines) if (line.kind === reader) line.end.send(JSON.stringify(frame));
    },
    /** Says goodbye to all and closes, as before a planned stop. What is stored stays. */
    restart({ afterMs = 1_000 }: { afterMs?: number } = {}): void {
      for (const line of [...lines]) {
        send(line, { type: 'bye', code: CLOSE_CODES.restart, afterMs });
        drop(line, CLOSE_CODES.restart, 'restart');
      }
    },
    /** Ends the lines of an agent as after a sign-out elsewhere. */
    signOut(agent: string): void {
      for (const line of [...lines])
        if (line.kind === 'agent' && line.id === agent) drop(line, CLOSE_CODES.unauthorized, 'signed out');
    },
  };
}
