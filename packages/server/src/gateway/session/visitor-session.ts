import {
  type Answer,
  CLOSE_CODES,
  type CommandFrame,
  type ErrorCode,
  type FromClientAfterHello,
  type FromServer,
  LIMITS,
  type Send,
  type VisitorHello,
} from '@sveiki/protocol';
import { answerQuestion } from '../../commands/ask-visitor.ts';
import type { Command, Outcome } from '../../commands/command.ts';
import { cancelHandoff, requestHuman } from '../../commands/hand-off.ts';
import { sendAsVisitor } from '../../commands/send-message.ts';
import { withdrawConsent } from '../../commands/withdraw-consent.ts';
import { visitorMaySend } from '../../domain/access.ts';
import { type Question, questionOf } from '../../domain/asking.ts';
import { maySee, viewState } from '../../domain/audience.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { ConversationRow } from '../../ports.ts';
import type { SessionContext } from './context.ts';
import { Feed, framesOf, type Published, publishedFrames, snapshotFor, visible } from './feed.ts';
import type { Beating } from './heartbeat.ts';
import type { VisitorEnd } from './hub.ts';
import type { Line } from './line.ts';
import { pageFor } from './page.ts';
import { SendOrder } from './send-order.ts';
import { type GreetedVisitor, plainVisit } from './visitors.ts';

/** One open line of a visitor: his newest conversation, live. */
export class VisitorSession implements VisitorEnd, Beating {
  readonly #context: SessionContext;
  readonly #line: Line;
  readonly #greeted: GreetedVisitor;
  /** Lines of his conversations; nearly always one or none. */
  #feeds: Map<string, Feed> | null = null;
  #eventSender: ((text: string) => void) | null = null;
  /** Made with his first message. */
  #order: SendOrder | null = null;
  /** His first message is on its way, or was counted and could not be stored: those right after it begin nothing. */
  #begins = false;
  heardSincePing = true;

  constructor(context: SessionContext, line: Line, greeted: GreetedVisitor) {
    this.#context = context;
    this.#line = line;
    this.#greeted = greeted;
  }

  get visitor(): string {
    return this.#greeted.row.id;
  }
  get site(): string {
    return this.#greeted.row.site;
  }
  get tokenHash(): string {
    return this.#greeted.tokenHash;
  }
  get address(): string {
    return this.#line.connection.remote.address;
  }

  /** Welcomes him with his newest conversation, brought up to date. */
  async begin(hello: VisitorHello, version: number): Promise<void> {
    const { store, clock, sites, engine } = this.#context;
    const { row, token, promised } = this.#greeted;
    const newest = promised === null ? await store.newestConversation(row.id) : null;
    const current = newest === null ? null : (engine.registry.get(newest.state.id) ?? newest);
    // From here on nothing that happens is missed: it is held back until the welcome has gone out.
    const feed = current === null ? null : this.#feed(current.state.id);
    feed?.hold();
    this.#context.hub.addVisitor(this);
    // From here on whoever blocks him finds this line; he may have been blocked a moment ago.
    if (this.#context.blocks.has(row.id, this.address)) this.block();
    const upToDate = current === null ? null : (engine.registry.get(current.state.id) ?? current);
    const snapshot =
      upToDate === null ? null : await snapshotFor(this.#context, upToDate, 'visitor', hello.have?.[upToDate.state.id]);
    if (this.#line.ended) return this.#context.hub.removeVisitor(this);
    this.#line.send({
      type: 'welcome',
      role: 'visitor',
      version,
      now: clock.now(),
      heartbeatMs: LIMITS.heartbeatMs,
      session: token,
      visitor: { id: row.id, name: row.name },
      site: sites.of(row.site),
      conversation: snapshot,
    });
    // The token itself is his; here its hash is enough.
    this.#greeted.token = '';
    if (feed !== null && snapshot !== null) {
      feed.release(snapshot.conversation.head, this.#sendEvent, () => this.#heal(snapshot.conversation.id, feed));
      this.#tellVisitorChanged();
    }
  }

  async receive(frame: FromClientAfterHello): Promise<void> {
    const { engine, roster, limiter, metrics, bus } = this.#context;
    if (!visitorMaySend(frame.type)) {
      if ('id' in frame) return this.#line.nack(frame.id, 'forbidden');
      return this.#line.error('forbidden');
    }
    // Reading takes nothing of him, and what he agreed to he can take back at any time.
    if ('id' in frame && frame.type !== 'get-events' && frame.type !== 'withdraw-consent') {
      const shut = this.#shut();
      if (shut !== null) return this.#line.nack(frame.id, shut);
    }
    switch (frame.type) {
      case 'pong':
        return;
      case 'send': {
        this.#order ??= new SendOrder();
        const held = this.#order.heldBack('', frame.id) ?? this.#objection(frame);
        if (held !== null) {
          metrics.commands('send', held.refused);
          return this.#refuse(frame, held);
        }
        const startedAt = performance.now();
        const outcome = await engine.submit(this.#order.inOrder('', sendAsVisitor(this.#greeted, frame, roster)));
        // One that could not be stored has been counted; it is not counted again when it comes again.
        if (outcome.done) this.#begins = false;
        metrics.commands('send', outcome.done ? (outcome.repeated ? 'repeated' : 'done') : outcome.refused);
        if (!outcome.done) return this.#line.nack(frame.id, outcome.refused, outcome.retryAfterMs);
        metrics.ackMs(performance.now() - startedAt);
        this.#kept();
        this.#context.blocks.wrote(this.visitor, this.address);
        const { conversation, publicSeq, at } = outcome;
        return this.#line.ack(frame.id, conversation, publicSeq ?? 0, at);
      }
      case 'typing': {
        if (frame.note) return this.#line.error('forbidden');
        const state = this.#own(frame.conversation);
        if (state === null || limiter.take('typing', this.visitor) > 0) return;
        return bus.publish({
          kind: 'typing',
          conversation: frame.conversation,
          who: { kind: 'visitor' },
          on: frame.on,
        });
      }
      case 'mark': {
        const state = this.#own(frame.conversation);
        if (state === null) return;
        const delivered = Math.min(frame.delivered ?? 0, state.publicHead);
        const read = Math.min(frame.read ?? 0, state.publicHead);
        const cursor = engine.mark({ conversation: frame.conversation, reader: 'visitor', delivered, read });
        if (cursor !== null) bus.publish({ kind: 'cursor', cursor });
        return;
      }
      case 'get-events': {
        const retryAfterMs = limiter.take('history', this.visitor);
        if (retryAfterMs > 0) return this.#line.nack(frame.id, 'rate-limited', retryAfterMs);
        return this.#page(frame);
      }
      case 'visit': {
        const visit = plainVisit(frame.visit, this.#context.masking);
        if (this.#greeted.row.visit?.url === visit.url) return;
        const { store, clock } = this.#context;
        // Read anew: another line of his may have said who he is.
        const row = (this.#greeted.promised === null ? await store.visitor(this.visitor) : null) ?? this.#greeted.row;
        this.#greeted.row = { ...row, visit, lastSeenAt: clock.now() };
        if (this.#greeted.promised === null) await store.saveVisitor(this.#greeted.row);
        return this.#tellVisitorChanged();
      }
      case 'answer':
        return this.#answer(frame);
      case 'request-human':
        return this.#run(frame, requestHuman(this.visitor, frame, roster));
      case 'cancel-handoff':
        return this.#run(frame, cancelHandoff(this.visitor, frame, roster));
      case 'withdraw-consent':
        return this.#run(frame, withdrawConsent(this.visitor, frame));
      case 'tool-done':
        return this.#context.tools.done(this.visitor, frame);
      default:
        return this.#line.error('forbidden');
    }
  }

  /** Why nothing of him is taken: he is blocked, or the chat of the site is closed. */
  #shut(): 'blocked' | 'paused' | null {
    const { blocks, sites } = this.#context;
    if (blocks.has(this.visitor, this.address)) return 'blocked';
    return sites.of(this.site).paused === true ? 'paused' : null;
  }

  /** Tells him that he is blocked, and ends the line. */
  block(): void {
    this.#line.error('blocked');
    this.close(CLOSE_CODES.forbidden, 'blocked');
  }

  /** Does what he asks beside saying something. */
  async #run(frame: CommandFrame, command: Command): Promise<void> {
    const { engine, metrics, limiter } = this.#context;
    const retryAfterMs = limiter.take('visitor-message', this.visitor);
    const outcome: Outcome =
      retryAfterMs > 0 ? { done: false, refused: 'rate-limited', retryAfterMs } : await engine.submit(command);
    metrics.commands(frame.type, outcome.done ? (outcome.repeated ? 'repeated' : 'done') : outcome.refused);
    if (!outcome.done) return this.#line.nack(frame.id, outcome.refused, outcome.retryAfterMs, outcome);
    return this.#line.ack(frame.id, outcome.conversation, outcome.publicSeq ?? 0, outcome.at);
  }

  async #answer(frame: Answer): Promise<void> {
    const { answerCheck, roster } = this.#context;
    const question = await this.#question(frame);
    const objection = question === null ? null : await answerCheck.objection(frame, question);
    if (objection === null) return this.#run(frame, answerQuestion(this.visitor, frame, question, roster));
    this.#context.metrics.commands(frame.type, 'bad-answers');
    return this.#line.nack(frame.id, 'bad-answers', undefined, { message: objection });
  }

  /** What he answers, out of the log of his conversation. */
  async #question({ conversation, ask }: Answer): Promise<Question | null> {
    const row = await this.#context.engine.row(conversation);
    if (row === null || !maySee(row.state, { kind: 'visitor', id: this.visitor })) return null;
    return questionOf(await this.#context.store.eventsOfKinds(conversation, ['asked', 'answered']), ask);
  }

  /** Answers a command that did not come as far as the engine. */
  refuse(frame: FromClientAfterHello & { id: string }, refused: ErrorCode, retryAfterMs: number): void {
    this.#refuse(frame, { refused, retryAfterMs });
  }

  #refuse(frame: FromClientAfterHello & { id: string }, why: Refusal): void {
    if (frame.type === 'send') {
      this.#order ??= new SendOrder();
      this.#order.refused('', frame.id, why);
    }
    this.#line.nack(frame.id, why.refused, why.retryAfterMs, why);
  }

  /** Why he may not send, or not yet: by himself, by his address, and, when a conversation would begin, by how many began lately, and how. */
  #objection(frame: Send): Refusal | null {
    const { engine, limiter, gate } = this.#context;
    const { address } = this;
    const limited = (retryAfterMs: number): Refusal | null =>
      retryAfterMs > 0 ? { refused: 'rate-limited', retryAfterMs } : null;
    const isTalking = this.#begins || engine.registry.currentOf(this.visitor) !== undefined;
    // Many people share an address. Those who talk at the pace of people are not counted against it; whoever is faster, or begins, is.
    const isCalm = isTalking && limiter.take('calm-message', this.visitor) === 0;
    const wait =
      limiter.take('visitor-message', this.visitor) || (isCalm ? 0 : limiter.take('visitor-message', `ip:${address}`));
    if (wait > 0 || isTalking) return limited(wait);
    const { row, promised } = this.#greeted;
    const isAnonymous = row.externalId === null;
    const stranger = { site: row.site, visitor: row.id, cameAt: promised?.createdAt ?? 0 };
    // Before it counts: whoever shows no work takes nothing from those who share his address.
    const objection = isAnonymous && promised !== null ? gate.objection(stranger, frame) : null;
    if (objection !== null) return objection;
    const rest =
      limiter.take('new-conversation', this.visitor) ||
      (isAnonymous
        ? limiter.take('new-conversation', `ip:${address}`, gate.weight(row.site))
        : limiter.take('new-conversation', `ip-known:${address}`));
    if (rest > 0) return limited(rest);
    this.#begins = true;
    if (isAnonymous) gate.began(stranger, frame);
    return null;
  }

  async #page(frame: Extract<FromClientAfterHello, { type: 'get-events' }>): Promise<void> {
    const row = await this.#context.engine.row(frame.conversation);
    if (row === null || !maySee(row.state, { kind: 'visitor', id: this.visitor }))
      return this.#line.nack(frame.id, 'not-found');
    const limit = frame.limit ?? LIMITS.defaultPageEvents;
    const place = 'after' in frame ? { after: frame.after } : { before: frame.before };
    const page = await this.#context.store.events({
      conversation: frame.conversation,
      count: 'public',
      limit,
      ...place,
    });
    const { head } = viewState(row.state, 'visitor');
    this.#line.send({
      type: 'events',
      id: frame.id,
      conversation: frame.conversation,
      ...pageFor(frame, visible(page.events, 'visitor'), page.more),
      head,
    });
  }

  deliver(published: Published): void {
    const { conversation, events } = published.message;
    const frames = publishedFrames(published, 'visitor');
    // Staff's alone: not even that something happened is for him.
    if (frames.length === 0) return;
    this.#kept();
    let feed = this.#feeds?.get(conversation);
    if (feed === undefined) {
      feed = this.#feed(conversation);
      // A conversation this line did not know: from its beginning it needs nothing, else it is brought up to date.
      if (events[0]?.publicSeq !== 1) {
        feed.hold();
        feed.deliver(frames, this.#sendEvent, () => {});
        const row = { site: published.message.site, state: published.message.state };
        this.#snapshot(row, feed).catch((error: unknown) => this.#failed(error));
        return;
      }
    }
    const known = feed;
    feed.deliver(frames, this.#sendEvent, () => this.#heal(conversation, known));
  }

  async #snapshot(row: ConversationRow, feed: Feed): Promise<void> {
    const snapshot = await snapshotFor(this.#context, row, 'visitor', undefined);
    this.#line.send({ type: 'snapshot', ...snapshot });
    feed.release(snapshot.conversation.head, this.#sendEvent, () => this.#heal(row.state.id, feed));
  }

  /** The bus lost something: the store has it. */
  #heal(conversation: string, feed: Feed): void {
    this.#fill(conversation, feed).catch((error: unknown) => this.#failed(error));
  }

  async #fill(conversation: string, feed: Feed): Promise<void> {
    const page = await this.#context.store.events({
      conversation,
      count: 'public',
      after: feed.sent,
      limit: LIMITS.maxPageEvents,
    });
    const frames = framesOf(page.events, 'visitor');
    // A snapshot may have been faster with some of them.
    for (const frame of frames) if (frame.seq > feed.sent) this.#sendEvent(frame.text);
    feed.release(frames.at(-1)?.seq ?? feed.sent, this.#sendEvent, () => this.#heal(conversation, feed));
  }

  sendText(type: FromServer['type'], text: string, ephemeral = false): void {
    if (ephemeral) this.#line.sendEphemeral(type, text);
    else this.#line.sendText(type, text);
  }

  beat(now: number): void {
    this.heardSincePing = false;
    const heads: Record<string, number> = {};
    for (const conversation of this.#feeds?.keys() ?? []) {
      const row = this.#context.engine.registry.get(conversation);
      if (row !== undefined) heads[conversation] = row.state.publicHead;
    }
    // Also one that began without this line hearing of it.
    const current = this.#context.engine.registry.currentOf(this.visitor);
    if (current !== undefined) heads[current.id] = current.publicHead;
    this.#line.send({ type: 'ping', at: now, heads });
  }

  heartbeatLost(): void {
    this.close(CLOSE_CODES.heartbeatLost, 'no answer to the heartbeat');
  }

  close(code: number, reason: string): void {
    this.#line.close(code, reason);
  }

  /** The line is gone. */
  ended(): void {
    this.#line.end();
    this.#context.hub.removeVisitor(this);
    if (this.#greeted.promised === null) this.#tellVisitorChanged();
  }

  /** Made with the first conversation: whoever only looks needs none. */
  get #sendEvent(): (text: string) => void {
    this.#eventSender ??= (text) => this.#line.sendText('event', text);
    return this.#eventSender;
  }

  #failed(error: unknown): void {
    this.#context.log.error({ error }, 'A visitor could not be brought up to date');
    this.#line.behind();
  }

  /** The visitor is stored now; with this line's older picture of him nothing is written over. */
  #kept(): void {
    if (this.#greeted.promised === null) return;
    this.#greeted.promised = null;
    this.#tellVisitorChanged();
  }

  #feed(conversation: string): Feed {
    this.#feeds ??= new Map();
    const feed = this.#feeds.get(conversation) ?? new Feed();
    this.#feeds.set(conversation, feed);
    return feed;
  }

  /** A conversation of his own that is kept in memory, else null. */
  #own(conversation: string) {
    const state = this.#context.engine.registry.get(conversation)?.state;
    return state !== undefined && maySee(state, { kind: 'visitor', id: this.visitor }) ? state : null;
  }

  #tellVisitorChanged(): void {
    if (this.#context.engine.registry.currentOf(this.visitor) !== undefined)
      this.#context.bus.publish({ kind: 'visitor', visitor: this.visitor });
  }
}
