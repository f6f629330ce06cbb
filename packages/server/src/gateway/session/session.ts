import {
  CLOSE_CODES,
  decodeFromClient,
  type FromClient,
  type FromClientAfterHello,
  type FromServer,
  type Hello,
  LIMITS,
  negotiateVersion,
} from '@sveiki/protocol';
import { isRefusal } from '../../domain/refusal.ts';
import { type Connection, StorageFull } from '../../ports.ts';
import { AgentSession } from './agent-session.ts';
import type { SessionContext } from './context.ts';
import type { Heartbeat } from './heartbeat.ts';
import { EVERYBODY, erasedMark } from './hub.ts';
import { Line } from './line.ts';
import { VisitorSession } from './visitor-session.ts';
import { greetVisitor } from './visitors.ts';

/** Frames that may arrive while the hello is being answered. */
const MAX_EARLY_FRAMES = 32;
/** Unreadable frames after which the line is closed. */
const MAX_BAD_FRAMES = 10;

/** One line, from its first frame to its end. */
export interface Session {
  /** One text frame: a message, or an array of them. */
  receive(text: string): void;
  /** The connection is gone. */
  closed(): void;
}

type Greeted = VisitorSession | AgentSession;

const helloTooLarge: FromServer = {
  type: 'error',
  code: 'too-large',
  message: `The first frame is larger than ${LIMITS.maxHelloBytes} bytes. Name fewer conversations in "have", or use a shorter identity token.`,
  retry: 'never',
};

/** In UTF-8, where one unit of a string is one to three bytes. */
function isLonger(text: string, bytes: number): boolean {
  return text.length > bytes || (text.length * 3 > bytes && Buffer.byteLength(text) > bytes);
}

export function openSession(context: SessionContext, heartbeat: Heartbeat, connection: Connection): Session {
  return new LineSession(context, heartbeat, connection);
}

class LineSession implements Session {
  readonly #context: SessionContext;
  readonly #heartbeat: Heartbeat;
  readonly #line: Line;
  #greeted: Greeted | null = null;
  #key = '';
  #early: FromClientAfterHello[] | null = null;
  #badFrames = 0;
  /** What the metrics count it as; null after the end. */
  #role: 'unknown' | 'visitor' | 'agent' | null = 'unknown';
  #cancelTimeout: (() => void) | null;

  constructor(context: SessionContext, heartbeat: Heartbeat, connection: Connection) {
    this.#context = context;
    this.#heartbeat = heartbeat;
    this.#line = new Line(connection, context.metrics);
    context.metrics.sessions('unknown', 1);
    this.#cancelTimeout = context.clock.after(LIMITS.helloTimeoutMs, () =>
      this.#line.close(CLOSE_CODES.helloTimeout, 'no hello in time'),
    );
  }

  receive(text: string): void {
    if (this.#line.ended) return;
    if (this.#greeted !== null) this.#greeted.heardSincePing = true;
    else if (this.#early === null && isLonger(text, LIMITS.maxHelloBytes)) {
      this.#line.send(helloTooLarge);
      return this.#line.close(CLOSE_CODES.badFrame, 'the first frame is too large');
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return this.#unreadable('not JSON');
    }
    if (!Array.isArray(value)) return this.#one(value);
    if (value.length > LIMITS.maxUnacked * 4) return this.#unreadable('batch');
    for (const frame of value) this.#one(frame);
  }

  #one(value: unknown): void {
    if (this.#line.ended) return;
    const decoded = decodeFromClient(value);
    if (!decoded.ok) {
      if (this.#greeted === null && this.#early === null) {
        this.#context.metrics.framesIn('unreadable');
        this.#line.error('bad-frame', { detail: decoded.at });
        return this.#line.close(CLOSE_CODES.badFrame, 'not a hello');
      }
      return this.#unreadable(decoded.at, decoded.id);
    }
    const { frame } = decoded;
    this.#context.metrics.framesIn(frame.type);
    if (frame.type === 'hello') return this.#hello(frame);
    if (this.#greeted !== null) return this.#dispatch(this.#greeted, frame);
    if (this.#early === null) {
      this.#line.error('hello-first');
      return this.#line.close(CLOSE_CODES.badFrame, 'the first frame must be a hello');
    }
    if (this.#early.length >= MAX_EARLY_FRAMES)
      return this.#line.close(CLOSE_CODES.rateLimited, 'too much before the welcome');
    this.#early.push(frame);
  }

  #unreadable(detail: string, id?: string): void {
    this.#context.metrics.framesIn('unreadable');
    if (id === undefined) this.#line.error('bad-frame', { detail });
    else this.#line.nack(id, 'bad-frame');
    if (++this.#badFrames >= MAX_BAD_FRAMES || (this.#greeted === null && this.#early === null)) {
      this.#line.close(CLOSE_CODES.badFrame, 'too many frames that cannot be read');
    }
  }

  #dispatch(greeted: Greeted, frame: FromClientAfterHello): void {
    if (frame.type === 'pong') return;
    const retryAfterMs = this.#context.limiter.take('frame', this.#key);
    if (retryAfterMs > 0) {
      if ('id' in frame) greeted.refuse(frame, 'rate-limited', retryAfterMs);
      return;
    }
    greeted.receive(frame).catch((error: unknown) => {
      // A bug or a store that is away: the sender hears of it, the line lives.
      this.#context.log.error({ error, type: frame.type }, 'A frame failed');
      if ('id' in frame) this.#line.nack(frame.id, error instanceof StorageFull ? 'storage-full' : 'internal', 1_000);
    });
  }

  #hello(hello: Hello): void {
    if (this.#greeted !== null || this.#early !== null) return this.#unreadable('type');
    const version = negotiateVersion(hello.versions);
    if (version === null) {
      this.#line.error('version');
      return this.#line.close(CLOSE_CODES.version, 'no common version');
    }
    this.#early = [];
    this.#greet(hello, version).catch((error: unknown) => {
      this.#context.log.error({ error }, 'A hello failed');
      this.#line.error('unavailable', { retryAfterMs: 1_000 });
      this.#line.close(CLOSE_CODES.tryLater, 'not able to answer now');
    });
  }

  async #greet(hello: Hello, version: number): Promise<void> {
    const revoked = this.#context.hub.noteRevoked();
    try {
      await this.#welcome(hello, version, revoked);
      // What he came in with may be one of them.
      if (revoked.has(EVERYBODY)) this.#line.close(CLOSE_CODES.restart, 'every session has ended');
    } finally {
      this.#context.hub.stopNoting(revoked);
    }
  }

  async #welcome(hello: Hello, version: number, revoked: ReadonlySet<string>): Promise<void> {
    const greeted = hello.role === 'visitor' ? await this.#greetVisitor(hello) : await this.#greetAgent(hello);
    this.#cancelTimeout?.();
    this.#cancelTimeout = null;
    if (greeted === null || this.#line.ended) return;
    try {
      await (hello.role === 'visitor'
        ? (greeted as VisitorSession).begin(hello, version)
        : (greeted as AgentSession).begin(hello, version, revoked));
    } catch (error) {
      // Others may count him as there already: the end of the line must be told to him too.
      if (this.#role === null) greeted.ended();
      else this.#greeted = greeted;
      throw error;
    }
    if (greeted instanceof VisitorSession && revoked.has(erasedMark(greeted.visitor)))
      greeted.close(CLOSE_CODES.replaced, 'forgotten');
    // Gone while it was being welcomed: `closed` was called before there was anybody to tell.
    if (this.#role === null) return greeted.ended();
    this.#greeted = greeted;
    this.#count(hello.role);
    this.#key = greeted instanceof AgentSession ? greeted.agent : greeted.visitor;
    this.#heartbeat.add(greeted);
    for (const frame of this.#early ?? []) this.#dispatch(greeted, frame);
    this.#early = null;
  }

  async #greetVisitor(hello: Extract<FromClient, { role: 'visitor' }>): Promise<VisitorSession | null> {
    const { config } = this.#context;
    const { origin } = this.#line.connection.remote;
    const site = config.sites.find(({ key }) => key === hello.site);
    if (this.#line.connection.door !== 'site')
      return this.#refuse('bad-site', CLOSE_CODES.forbidden, 'Visitors connect at /v1/socket.');
    if (site === undefined) return this.#refuse('bad-site', CLOSE_CODES.forbidden);
    if (origin === null || !site.origins.includes(origin)) return this.#refuse('bad-origin', CLOSE_CODES.forbidden);
    const { limiter, blocks } = this.#context;
    const { address } = this.#line.connection.remote;
    if (blocks.has(null, address)) return this.#refuse('blocked', CLOSE_CODES.forbidden);
    const wait =
      limiter.take('connect', `site:${site.key}`) ||
      (hello.identity === undefined
        ? 0
        : limiter.take('identify', `ip:${address}`) ||
          limiter.take('identify', `site:${site.key}`) ||
          // Never alone what the client chose: it could choose the scope.
          limiter.take('identify', `session ${hello.session ?? address}`));
    if (wait > 0) {
      this.#line.error('rate-limited', { retryAfterMs: wait });
      this.#line.close(CLOSE_CODES.rateLimited, 'too many at once');
      return null;
    }
    const visitor = await greetVisitor(this.#context, site, hello);
    if (isRefusal(visitor)) return this.#refuse(visitor.refused as 'bad-identity', CLOSE_CODES.unauthorized);
    return new VisitorSession(this.#context, this.#line, visitor);
  }

  async #greetAgent(hello: Extract<FromClient, { role: 'agent' }>): Promise<AgentSession | null> {
    if (this.#line.connection.door !== 'desk')
      return this.#refuse('bad-origin', CLOSE_CODES.forbidden, 'Agents connect at /desk/socket.');
    const principal = await this.#context.tickets.redeem(hello.ticket);
    if (principal === null || !principal.agent.active) return this.#refuse('bad-ticket', CLOSE_CODES.unauthorized);
    return new AgentSession(this.#context, this.#line, principal.agent.id, principal.session, hello.lists === true);
  }

  #refuse(
    code: 'bad-site' | 'bad-origin' | 'bad-ticket' | 'bad-identity' | 'blocked',
    closeCode: number,
    detail?: string,
  ): null {
    this.#line.error(code, detail === undefined ? {} : { detail });
    this.#line.close(closeCode, code);
    return null;
  }

  closed(): void {
    this.#cancelTimeout?.();
    if (this.#greeted !== null) this.#heartbeat.remove(this.#greeted);
    this.#cancelTimeout = null;
    this.#line.end();
    this.#count(null);
    this.#greeted?.ended();
    this.#greeted = null;
  }

  #count(role: 'visitor' | 'agent' | null): void {
    if (this.#role !== null) this.#context.metrics.sessions(this.#role, -1);
    if (role !== null) this.#context.metrics.sessions(role, 1);
    this.#role = role;
  }
}
