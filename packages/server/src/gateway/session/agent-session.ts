import {
  type AgentHello,
  ageingOf,
  type CallTool,
  CLOSE_CODES,
  type CommandFrame,
  type ConversationState,
  type ErrorCode,
  type FromClientAfterHello,
  type FromServer,
  LIMITS,
  type Owner,
  type VisitorProfile,
} from '@sveiki/protocol';
import type { AuditEntry } from '../../audit/audit.ts';
import { addNote } from '../../commands/add-note.ts';
import { acceptConversation, declineConversation } from '../../commands/answer-offer.ts';
import { askVisitor } from '../../commands/ask-visitor.ts';
import type { Command } from '../../commands/command.ts';
import { draftMessage } from '../../commands/draft-message.ts';
import { handOffConversation } from '../../commands/hand-off.ts';
import { noteToolCall } from '../../commands/note-tool-call.ts';
import { resolveConversation } from '../../commands/resolve-conversation.ts';
import { sendAsAgent } from '../../commands/send-message.ts';
import { setConversationStatus } from '../../commands/set-status.ts';
import { takeConversation } from '../../commands/take-conversation.ts';
import { transferConversation } from '../../commands/transfer-conversation.ts';
import { mayRead, maySendFrame } from '../../domain/access.ts';
import type { ConversationRow, ListQuery, Store, StoredEvent, VisitorRow } from '../../ports.ts';
import type { SessionContext } from './context.ts';
import { Feed, framesOf, type Published, publishedFrames, STAFF, snapshotFor, visible } from './feed.ts';
import type { Beating } from './heartbeat.ts';
import type { AgentEnd } from './hub.ts';
import type { Line } from './line.ts';
import { countsFor, queuePage } from './lists.ts';
import { pageFor } from './page.ts';
import { SendOrder } from './send-order.ts';

/** How often is looked whether there is room for more. */
const LOOK_AGAIN_MS = 50;

interface Watched {
  feed: Feed;
  /** On his screen (he asked), or only his own. */
  onScreen: boolean;
  typing: Typing;
}

/** What an agent types: to the visitor, among staff, or nothing. */
type Typing = 'reply' | 'note' | null;

/** One open line of an agent: his own conversations and those on his screen, live, and his lists when he wants them. */
export class AgentSession implements AgentEnd, Beating {
  readonly agent: string;
  readonly session: string;
  readonly wantsLists: boolean;
  readonly #context: SessionContext;
  readonly #line: Line;
  readonly #watched = new Map<string, Watched>();
  readonly #order = new SendOrder();
  heardSincePing = true;
  #joined = false;

  constructor(context: SessionContext, line: Line, agent: string, session: string, wantsLists: boolean) {
    this.#context = context;
    this.#line = line;
    this.agent = agent;
    this.session = session;
    this.wantsLists = wantsLists;
  }

  /** `revoked` is what was revoked since his ticket was looked at. */
  async begin(hello: AgentHello, version: number, revoked: ReadonlySet<string>): Promise<void> {
    const { config, roster, clock, sites, engine, hub, replies } = this.#context;
    const counts = await countsFor(this.#context, this.agent);
    // Somebody added by another process a moment ago.
    if (roster.row(this.agent) === null) await roster.reload();
    const row = roster.row(this.agent);
    if (this.#line.ended) return;
    if (row === null || revoked.has(`agent ${this.agent}`) || revoked.has(`agent-session ${this.session}`)) {
      this.#line.error('bad-ticket');
      return this.#line.close(CLOSE_CODES.unauthorized, 'signed out');
    }
    this.#joined = true;
    roster.connected(this.agent);
    this.#line.send({
      type: 'welcome',
      role: 'agent',
      version,
      now: clock.now(),
      heartbeatMs: LIMITS.heartbeatMs,
      agent: { id: row.id, name: row.name, role: row.role, presence: row.presence },
      agents: roster.profiles(),
      teams: config.teams.map((team) => ({ id: team.id, name: team.name, ageingMs: ageingOf(team) })),
      wrapUpCodes: config.wrapUpCodes,
      // People search theirs over HTTP; a bot has no session there.
      cannedReplies: row.role === 'bot' ? replies.atHand(row) : [],
      counts,
      site: sites.of(config.sites[0]?.key ?? ''),
    });
    hub.addAgent(this);
    for (const state of engine.registry.ownedBy(this.agent)) {
      const own = engine.registry.get(state.id);
      await this.#room();
      if (own !== undefined) await this.#bringUp(own, { onScreen: false, have: hello.have?.[state.id] });
    }
  }

  /** Waits until nearly everything is on its way: whoever answers many conversations must not look slow because all of them come at once. */
  async #room(): Promise<void> {
    while (!this.#line.ended && this.#line.connection.bufferedBytes > LIMITS.ephemeralDropBytes)
      await new Promise<void>((resolve) => this.#context.clock.after(LOOK_AGAIN_MS, resolve));
  }

  async receive(frame: FromClientAfterHello): Promise<void> {
    const { roster, limiter, bus, engine, store } = this.#context;
    const role = roster.row(this.agent)?.role ?? 'agent';
    if (!maySendFrame(role, frame.type)) {
      if ('id' in frame) return this.#line.nack(frame.id, 'forbidden');
      return this.#line.error('forbidden');
    }
    switch (frame.type) {
      case 'pong':
        return;
      case 'send':
        return this.#run(frame, sendAsAgent(this.agent, frame, roster));
      case 'note':
        return this.#run(frame, addNote(this.agent, frame, roster));
      case 'take':
        return this.#run(frame, takeConversation(this.agent, frame, roster));
      case 'transfer':
        return this.#run(frame, transferConversation(this.agent, frame, roster));
      case 'resolve':
        return this.#run(frame, resolveConversation(this.agent, frame, roster));
      case 'set-status':
        return this.#run(frame, setConversationStatus(this.agent, frame, roster));
      case 'accept':
        return this.#run(frame, acceptConversation(this.agent, frame, roster));
      case 'decline':
        return this.#run(frame, declineConversation(this.agent, frame, roster));
      case 'ask':
        return this.#run(frame, askVisitor(this.agent, frame, roster));
      case 'handoff':
        return this.#run(frame, handOffConversation(this.agent, frame, roster));
      case 'draft':
        return this.#run(frame, draftMessage(this.agent, frame, roster));
      case 'stream': {
        const who = this.#owner(frame);
        if (who === null || limiter.take('stream', this.agent) > 0) return;
        const { conversation, message } = frame;
        const text = this.#context.masking.text(frame.text);
        return bus.publish({ kind: 'stream', conversation, message, who, text });
      }
      case 'call-tool':
        return this.#callTool(frame);
      case 'set-presence':
        await roster.setPresence(this.agent, frame.presence);
        bus.publish({ kind: 'agents' });
        return this.#line.send({ type: 'ack', id: frame.id, at: this.#context.clock.now() });
      case 'watch': {
        const row = await this.#readable(frame.conversation);
        if (row === null) return this.#line.nack(frame.id, 'not-found');
        await this.#bringUp(row, { onScreen: true, have: frame.have, id: frame.id });
        return this.#tellViewers(frame.conversation);
      }
      case 'unwatch': {
        const watched = this.#watched.get(frame.conversation);
        if (watched === undefined) return;
        watched.onScreen = false;
        watched.typing = null;
        this.#dropIfIdle(frame.conversation);
        return this.#tellViewers(frame.conversation);
      }
      case 'get-events': {
        const retryAfterMs = limiter.take('history', this.agent);
        if (retryAfterMs > 0) return this.#line.nack(frame.id, 'rate-limited', retryAfterMs);
        const row = await this.#readable(frame.conversation);
        if (row === null) return this.#line.nack(frame.id, 'not-found');
        await this.#noteRead({ action: 'conversation.opened', ...about(row) });
        const place = 'after' in frame ? { after: frame.after } : { before: frame.before };
        const page = await store.events({
          conversation: frame.conversation,
          count: 'staff',
          limit: frame.limit ?? LIMITS.defaultPageEvents,
          ...place,
        });
        const { head } = row.state;
        return this.#line.send({
          type: 'events',
          id: frame.id,
          conversation: row.state.id,
          ...pageFor(frame, visible(page.events, 'agent'), page.more),
          head,
        });
      }
      case 'get-list': {
        const { view, visitor, before, limit = LIMITS.defaultPageEvents } = frame;
        if (view === 'visitor' && visitor !== undefined)
          await this.#noteRead({ action: 'person.history-read', person: visitor });
        const page =
          view === 'queue'
            ? queuePage(this.#context, limit, before)
            : await listed(store, {
                ...{ view, agent: this.agent, limit },
                ...(visitor === undefined ? {} : { visitor }),
                ...(before === undefined ? {} : { before }),
              });
        return this.#line.send({
          type: 'list',
          id: frame.id,
          view,
          conversations: page.conversations,
          cursor: page.cursor,
          counts: await countsFor(this.#context, this.agent),
        });
      }
      case 'typing': {
        const row = engine.registry.get(frame.conversation);
        if (row === undefined || limiter.take('typing', this.agent) > 0) return;
        const watched = this.#watched.get(frame.conversation);
        const typing = frame.on ? (frame.note ? 'note' : 'reply') : null;
        // Nothing of a note is for the visitor; what he sees being typed ends with it.
        const isForVisitor = typing === 'reply' || watched?.typing === 'reply' || frame.note === undefined;
        if (watched !== undefined) watched.typing = typing;
        if (!isForVisitor) return this.#tellViewers(frame.conversation);
        const { id, name } = roster.agent(this.agent) ?? { id: this.agent, name: '' };
        bus.publish({
          kind: 'typing',
          conversation: frame.conversation,
          who: { kind: 'agent', id, name },
          on: typing === 'reply',
        });
        return this.#tellViewers(frame.conversation);
      }
      case 'mark': {
        const row = await this.#readable(frame.conversation);
        if (row === null) return;
        const delivered = Math.min(frame.delivered ?? 0, row.state.publicHead);
        const read = Math.min(frame.read ?? 0, row.state.publicHead);
        const readers = row.state.owner?.id === this.agent ? [this.agent, STAFF] : [this.agent];
        for (const reader of readers) {
          const cursor = engine.mark({ conversation: frame.conversation, reader, delivered, read });
          if (cursor !== null) bus.publish({ kind: 'cursor', cursor });
        }
        return;
      }
      case 'visit':
      case 'answer':
      case 'request-human':
      case 'cancel-handoff':
      case 'withdraw-consent':
      case 'tool-done':
        return this.#line.error('forbidden');
    }
  }

  /** Whether what he has on screen is still his to read: for a bot it ends when another one gets the conversation. */
  #mayStay(state: ConversationState | undefined): boolean {
    const { roster } = this.#context;
    const self = roster.row(this.agent);
    return state === undefined || (self !== null && mayRead(state, self, roster.isDrafter(self.id)));
  }

  /** A conversation that is for him to read: people read all, a bot what is its business. */
  async #readable(conversation: string): Promise<ConversationRow | null> {
    const { engine, roster } = this.#context;
    const row = await engine.row(conversation);
    const self = roster.row(this.agent);
    return row !== null && self !== null && mayRead(row.state, self, roster.isDrafter(self.id)) ? row : null;
  }

  /** Himself as the owner of a conversation, if he is, under the number that holds. */
  #owner({ conversation, ownership }: { conversation: string; ownership: number }): Owner | null {
    const state = this.#context.engine.registry.get(conversation)?.state;
    return state?.owner?.id === this.agent && state.ownership === ownership && state.status !== 'resolved'
      ? state.owner
      : null;
  }

  async #callTool(frame: CallTool): Promise<void> {
    const { limiter, tools, engine, log } = this.#context;
    const retryAfterMs = limiter.take('call-tool', this.agent);
    if (retryAfterMs > 0) return this.#line.nack(frame.id, 'rate-limited', retryAfterMs);
    const owner = this.#owner(frame);
    const visitor = engine.registry.get(frame.conversation)?.state.visitor.id;
    if (owner === null || visitor === undefined) return this.#line.nack(frame.id, 'not-owner');
    const result = await tools.call(visitor, owner, frame);
    const { tool, input } = frame;
    const noted = await engine.submit(noteToolCall(owner, frame, { tool, input, ...result }));
    if (!noted.done) log.warn({ refused: noted.refused }, 'A tool call could not be written down');
    this.#line.send({ type: 'tool-result', id: frame.id, ...result });
  }

  async #run(frame: CommandFrame, command: Command): Promise<void> {
    const { limiter, metrics, engine } = this.#context;
    const held = hasOrder(frame) ? this.#order.heldBack(frame.conversation, frame.id) : null;
    const wait = held === null ? limiter.take('agent-message', this.agent) : 0;
    if (held !== null || wait > 0) {
      const { refused, retryAfterMs = wait } = held ?? { refused: 'rate-limited' };
      metrics.commands(frame.type, refused);
      return this.refuse(frame, refused, retryAfterMs);
    }
    const startedAt = performance.now();
    const outcome = await engine.submit(hasOrder(frame) ? this.#order.inOrder(frame.conversation, command) : command);
    if (!outcome.done) {
      metrics.commands(frame.type, outcome.refused);
      return this.#line.nack(frame.id, outcome.refused, outcome.retryAfterMs);
    }
    metrics.commands(frame.type, outcome.repeated ? 'repeated' : 'done');
    metrics.ackMs(performance.now() - startedAt);
    this.#line.ack(frame.id, outcome.conversation, outcome.seq, outcome.at);
  }

  /** Answers a command that did not come as far as the engine. */
  refuse(frame: FromClientAfterHello & { id: string }, refused: ErrorCode, retryAfterMs: number): void {
    if (hasOrder(frame)) this.#order.refused(frame.conversation, frame.id, { refused, retryAfterMs });
    this.#line.nack(frame.id, refused, retryAfterMs);
  }

  /** Before he sees it. Bots are programs of the site, and had the conversation: its own log says so. */
  async #noteRead(what: Omit<AuditEntry, 'actor' | 'address'>): Promise<void> {
    const { audit, roster, log } = this.#context;
    if (roster.row(this.agent)?.role === 'bot') return;
    try {
      await audit.noteOnce({ ...what, actor: `agent:${this.agent}`, address: this.#line.connection.remote.address });
    } catch (error) {
      // A full disk must not keep people from those they talk with; the next reading is noted.
      log.error({ error, agent: this.agent }, 'A reading could not be written into the audit log.');
    }
  }

  /** Sends a conversation brought up to date, and everything that happens in it from then on. */
  async #bringUp(
    row: ConversationRow,
    options: { onScreen: boolean; have: number | undefined; id?: string },
  ): Promise<void> {
    // The line may have ended while the row was read; nobody would take it out of the hub again.
    if (this.#line.ended) return;
    const conversation = row.state.id;
    const watched = this.#watched.get(conversation) ?? { feed: new Feed(), onScreen: false, typing: null };
    watched.onScreen ||= options.onScreen;
    this.#watched.set(conversation, watched);
    this.#context.hub.watch(conversation, this);
    const { engine, store } = this.#context;
    const noted = this.#noteRead({ action: 'conversation.opened', ...about(row) });
    const readUpToDate = async () => {
      for (let current = engine.registry.get(conversation) ?? row; ; ) {
        watched.feed.hold();
        const found = await Promise.all([
          snapshotFor(this.#context, current, 'agent', options.have),
          store.visitor(current.state.visitor.id),
          noted,
        ]);
        // Another one was faster, and what happened after it has gone out: this one would bring the reader back to before it.
        if (current.state.head >= watched.feed.sent) return found;
        current = (await store.conversations([conversation])).get(conversation) ?? current;
      }
    };
    const [snapshot, visitor] = await readUpToDate().catch((error: unknown) => {
      // What is held back for him would never be released.
      this.#line.behind();
      throw error;
    });
    // It went to somebody else, and perhaps came back, while this was read: what he sees now has another beginning.
    const isNeeded = this.#watched.get(conversation) === watched;
    if (!isNeeded && options.id === undefined) return;
    this.#line.send({
      type: 'snapshot',
      ...(options.id === undefined ? {} : { id: options.id }),
      ...snapshot,
      ...(visitor === null ? {} : { visitor: profileOf(this.#context, visitor) }),
    });
    if (!isNeeded) return;
    watched.feed.release(snapshot.conversation.head, this.#sendEvent, () => this.#heal(conversation, watched.feed));
  }

  own(row: ConversationRow): void {
    this.#bringUp(row, { onScreen: false, have: undefined }).catch((error: unknown) => this.#failed(error));
  }

  deliver(published: Published): void {
    const { conversation, state, site, events } = published.message;
    const watched = this.#watched.get(conversation);
    if (watched === undefined) return;
    watched.feed.deliver(publishedFrames(published, 'agent'), this.#sendEvent, () =>
      this.#heal(conversation, watched.feed),
    );
    if (state.owner?.id !== this.agent || state.status === 'resolved') return this.#dropIfIdle(conversation);
    // His again within one commit: his screen let go of it in between.
    if (!watched.onScreen && events.some((event) => isTakenFrom(this.agent, event))) this.own({ site, state });
  }

  #heal(conversation: string, feed: Feed): void {
    this.#fill(conversation, feed).catch((error: unknown) => this.#failed(error));
  }

  async #fill(conversation: string, feed: Feed): Promise<void> {
    const page = await this.#context.store.events({
      conversation,
      count: 'staff',
      after: feed.sent,
      limit: LIMITS.maxPageEvents,
    });
    const frames = framesOf(page.events, 'agent');
    // A snapshot may have been faster with some of them.
    for (const frame of frames) if (frame.seq > feed.sent) this.#sendEvent(frame.text);
    feed.release(frames.at(-1)?.seq ?? feed.sent, this.#sendEvent, () => this.#heal(conversation, feed));
  }

  viewing(conversation: string): { typing: Typing } | null {
    const watched = this.#watched.get(conversation);
    return watched?.onScreen === true ? { typing: watched.typing } : null;
  }

  sendText(type: FromServer['type'], text: string, ephemeral = false): void {
    if (ephemeral) this.#line.sendEphemeral(type, text);
    else this.#line.sendText(type, text);
  }

  beat(now: number): void {
    this.heardSincePing = false;
    const heads: Record<string, number> = {};
    for (const conversation of this.#watched.keys()) {
      const row = this.#context.engine.registry.get(conversation);
      if (row !== undefined) heads[conversation] = row.state.head;
    }
    this.#line.send({ type: 'ping', at: now, heads });
  }

  heartbeatLost(): void {
    this.close(CLOSE_CODES.heartbeatLost, 'no answer to the heartbeat');
  }

  close(code: number, reason: string): void {
    this.#line.close(code, reason);
  }

  ended(): void {
    this.#line.end();
    if (!this.#joined) return;
    this.#context.hub.removeAgent(this);
    const watched = [...this.#watched.keys()];
    this.#watched.clear();
    for (const conversation of watched) {
      this.#context.hub.unwatch(conversation, this);
      this.#tellViewers(conversation);
    }
    this.#context.roster.disconnected(this.agent);
  }

  #failed(error: unknown): void {
    this.#context.log.error({ error }, 'An agent could not be brought up to date');
    this.#line.behind();
  }

  readonly #sendEvent = (text: string): void => this.#line.sendText('event', text);

  #dropIfIdle(conversation: string): void {
    const state = this.#context.engine.registry.get(conversation)?.state;
    const isOwn = state?.owner?.id === this.agent && state.status !== 'resolved';
    if (isOwn || (this.#watched.get(conversation)?.onScreen === true && this.#mayStay(state))) return;
    this.#watched.delete(conversation);
    this.#context.hub.unwatch(conversation, this);
  }

  /** Tells everybody who has the conversation on screen who else has. */
  #tellViewers(conversation: string): void {
    const ends = [...this.#context.hub.watchers(conversation)].filter((end) => end.viewing(conversation) !== null);
    const byAgent = new Map<string, Typing>();
    for (const end of ends) {
      const typing = end.viewing(conversation)?.typing ?? null;
      const before = byAgent.get(end.agent) ?? null;
      byAgent.set(end.agent, before === 'reply' ? before : (typing ?? before));
    }
    const viewers = [...byAgent].map(([id, typing]) => ({
      id,
      name: this.#context.roster.agent(id)?.name ?? id,
      typing: typing !== null,
      ...(typing === 'note' ? { note: true as const } : {}),
    }));
    const text = JSON.stringify({ type: 'viewers', conversation, viewers } satisfies FromServer);
    for (const end of ends) end.sendText('viewers', text, true);
  }
}

async function listed(
  store: Store,
  query: ListQuery,
): Promise<{ conversations: ConversationState[]; cursor: number | null }> {
  const { conversations, cursor } = await store.list(query);
  return { conversations: conversations.map(({ state }) => state), cursor };
}

/** What a reading of a conversation is about. */
function about({ state }: ConversationRow): Pick<AuditEntry, 'object' | 'person'> {
  return { object: `conversation:${state.id}`, person: state.visitor.id };
}

/** After this event the conversation is not his. */
function isTakenFrom(agent: string, { body }: StoredEvent): boolean {
  if (body.kind === 'assigned') return body.owner.id !== agent;
  return body.kind === 'resolved' || body.kind === 'queued' || body.kind === 'reopened';
}

/** What a visitor, or a colleague, reads in the order it was written in. */
function hasOrder(frame: FromClientAfterHello): frame is Extract<FromClientAfterHello, { type: 'send' | 'note' }> {
  return frame.type === 'send' || frame.type === 'note';
}

/** A visitor as staff sees him. */
export function profileOf({ hub }: SessionContext, row: VisitorRow): VisitorProfile {
  const { id, name, email, externalId, locale, timeZone, visit, firstSeenAt } = row;
  return {
    id,
    name,
    email,
    externalId,
    verified: externalId !== null,
    locale,
    timeZone,
    visit,
    online: hub.ofVisitor(id).size > 0,
    firstSeenAt,
  };
}
