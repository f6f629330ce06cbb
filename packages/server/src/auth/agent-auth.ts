import { type Audit, type AuditActor, type AuditEntry, noAudit } from '../audit/audit.ts';
import type { BotConfig, Config } from '../config-types.ts';
import {
  type AgentPrincipal,
  type AgentRow,
  type AuditNote,
  type Bus,
  type Clock,
  type Ids,
  type RateLimiter,
  SESSIONS_ENDED,
  type Store,
} from '../ports.ts';
import { QueueFull } from './bounded-queue.ts';
import { type Passwords, passwordProblem } from './password.ts';
import { SECRET_BYTES, secretHash } from './secrets.ts';
import { createTickets, type TicketBooth } from './tickets.ts';

/** How exactly the last use of a session is kept: every use would be a write. */
const TOUCH_EVERY_MS = 60_000;
/** Rights that were taken in another process (the command line) are noticed here within this time. */
const WATCH_EVERY_MS = 2_500;
const MAX_SESSIONS_WATCHED = 10_000;
/** Begins the name of what a bot came in with; a hash of a session never has a colon. */
const BOT_SESSION = 'bot:';

export const SIGN_IN_CODE_LIFE_MS = 15 * 60_000;

export type SignIn =
  | { ok: true; token: string; agent: AgentRow }
  | { ok: false; why: 'wrong' }
  | { ok: false; why: 'too-fast'; retryAfterMs: number };

/** Who an agent is and may stay: passwords, one-time codes, HTTP sessions, socket tickets, and their end. */
export interface AgentAuth {
  readonly tickets: TicketBooth;
  /** The answer and its time are the same for an unknown e-mail, a wrong password, and somebody who is not active any more. */
  signIn(credentials: { email: string; password: string; address: string }): Promise<SignIn>;
  signInWithCode(attempt: { code: string; address: string }): Promise<SignIn>;
  /** Whose session this token is; null when there is none. Counts as a use of it. */
  session(token: string): Promise<AgentPrincipal | null>;
  /** A ticket for the bot of the configuration with this token; null when there is none. */
  botTicket(token: string): Promise<string | null>;
  /**
   * Ends one session and everything that was opened with it. He leaves: what he owns is queued again at once, unless he is somewhere else, too, or
   * `stays` under another session.
   */
  signOut(principal: AgentPrincipal, options?: { stays?: boolean }): Promise<void>;
  /** A code that signs `agent` in once, within `lifeMs`. */
  makeCode(agent: string, lifeMs?: number, by?: AuditActor): Promise<string>;
  /** Every session of his ends. @throws Error with words for people when the password cannot be used */
  setPassword(agent: string, password: string, by?: AuditActor): Promise<void>;
  /** He can do nothing from now on; his open sockets end within seconds. */
  deactivate(agent: string, by?: AuditActor): Promise<void>;
  /** Every session of everybody ends, agents' and visitors', here at once and on other relays within seconds. */
  endEverySession(by?: AuditActor): Promise<void>;
  stop(): void;
}

export function createAgentAuth(parts: {
  config: Pick<Config, 'agentSessionMs' | 'agentIdleMs'>;
  /** Those that run elsewhere sign in with a token; asked anew each time, for the configuration changes. @default none */
  bots?: () => readonly BotTokens[];
  store: Store;
  bus: Bus;
  clock: Clock;
  ids: Ids;
  limiter: RateLimiter;
  passwords: Passwords;
  audit?: Audit;
}): AgentAuth {
  const { config, bots = () => [], store, bus, clock, ids, limiter, passwords, audit = noAudit } = parts;

  /** Counts every ending of sessions here. */
  let endings = 0;

  /** Whose session this is, read anew each time: roles and rights change. */
  async function principalOf(session: string): Promise<AgentPrincipal | null> {
    if (session.startsWith(BOT_SESSION)) return botOf(session);
    const endingsBefore = endings;
    const row = await store.agentSession(session);
    const now = clock.now();
    if (row === null || row.expiresAt <= now || row.lastUsedAt + config.agentIdleMs <= now) return null;
    const agent = await store.agent(row.agent);
    if (agent === null || !agent.active) return null;
    // Something ended while this was reading: it may be what was read.
    if (endings !== endingsBefore)
      return store.agentSession(session).then((again) => (again === null ? null : { agent, session }));
    if (now - row.lastUsedAt >= TOUCH_EVERY_MS) {
      // While nothing can be written (a full disk, a lock) nobody needs to be locked out: the use is noted later.
      await store.noteSessionUse(session, now).catch(() => {});
    }
    watched.set(session, { agent: agent.id, until: row.expiresAt });
    return { agent, session };
  }

  /** A bot has no session: its token holds as long as it stands in the configuration. */
  async function botOf(session: string): Promise<AgentPrincipal | null> {
    const bot = bots().find((one) => botSessions(one).includes(session));
    const agent = bot === undefined ? null : await store.agent(bot.id);
    return agent?.active === true && agent.role === 'bot' ? { agent, session } : null;
  }

  async function begin(agent: AgentRow, address: string): Promise<SignIn> {
    const token = ids.secret(SECRET_BYTES);
    const tokenHash = secretHash(token);
    const now = clock.now();
    const session = { tokenHash, agent: agent.id, createdAt: now, expiresAt: now + config.agentSessionMs };
    const entry: AuditEntry = { actor: `agent:${agent.id}`, action: 'agent.signed-in', address };
    await store.saveAgentSession({ ...session, lastUsedAt: now }, audit.notes(entry));
    // The account may have changed while the password was looked at; then the session that began is not to be.
    const again = await store.agent(agent.id);
    if (again === null || !again.active || again.passwordHash !== agent.passwordHash) {
      await store.endAgentSession(tokenHash);
      return { ok: false, why: 'wrong' };
    }
    return { ok: true, token, agent: again };
  }

  /** Which account was tried is known when there is one; what was typed is never kept: it may be a password. */
  async function failed(agent: AgentRow | null, address: string): Promise<SignIn> {
    await audit
      .noteOnce({
        ...{ actor: 'nobody', action: 'agent.sign-in-failed', address },
        ...(agent === null ? {} : { object: `agent:${agent.id}` }),
      })
      // The answer to a wrong password is the same when the disk is full.
      .catch(() => {});
    return { ok: false, why: 'wrong' };
  }

  // Sessions in use here. Their sockets do not ask again, so somebody has to look when they end by time or by another process.
  const watched = new Map<string, { agent: string; until: number }>();
  const known = new Map<string, AgentRow>();
  /** What bots came in with when it was last looked at: another token ends the lines of the old one. */
  let knownBots: ReadonlySet<string> = new Set();
  /** When every session was ended last, as the store says. */
  let knownEnd: string | null = null;
  let isFirstLook = true;
  let stopped = false;
  let callOff = () => {};
  watch();

  function watch(): void {
    look()
      // The store is away: readiness says so, and this looks again in a moment.
      .catch(() => {})
      .finally(() => {
        if (!stopped) callOff = clock.after(WATCH_EVERY_MS, watch);
      });
  }

  async function look(): Promise<void> {
    const now = clock.now();
    for (const [session, { until }] of watched) {
      if (until > now && watched.size <= MAX_SESSIONS_WATCHED) continue;
      await endSession(session);
    }
    const there = new Set(bots().flatMap(botSessions));
    for (const session of knownBots)
      if (!there.has(session)) bus.publish({ kind: 'revoked', what: 'agent-session', id: session });
    knownBots = there;
    const end = await store.setting(SESSIONS_ENDED);
    if (end !== knownEnd) {
      if (!isFirstLook) endEverything();
      knownEnd = end;
    }
    let changed = false;
    for (const agent of await store.agents()) {
      const before = known.get(agent.id);
      known.set(agent.id, agent);
      if (before === undefined) {
        changed ||= !isFirstLook;
        continue;
      }
      const lost = hasLostRights(before, agent);
      if (lost) bus.publish({ kind: 'revoked', what: 'agent', id: agent.id });
      changed ||= lost || isShownDifferently(before, agent);
    }
    isFirstLook = false;
    if (changed) bus.publish({ kind: 'agents' });
  }

  /** The rows are gone; this ends what was opened with them. Tokens of bots are not sessions: they hold as long as the configuration has them. */
  function endEverything(): void {
    endings++;
    watched.clear();
    bus.publish({ kind: 'revoked', what: 'everybody', id: '' });
  }

  async function endSession(session: string, notes: readonly AuditNote[] = []): Promise<void> {
    endings++;
    await store.endAgentSession(session, notes);
    // Not before: what could not be ended is tried again.
    watched.delete(session);
    bus.publish({ kind: 'revoked', what: 'agent-session', id: session });
  }

  async function endAll(agent: AgentRow): Promise<void> {
    endings++;
    await store.endAgentSessionsOf(agent.id);
    // Not before: when that fails, the next look sees the change and ends his sockets.
    known.set(agent.id, agent);
    for (const [session, entry] of watched) if (entry.agent === agent.id) watched.delete(session);
    bus.publish({ kind: 'revoked', what: 'agent', id: agent.id });
  }

  const tickets = createTickets({ clock, ids, check: principalOf });
  return {
    tickets,

    async signIn({ email, password, address }) {
      const account = email.trim().toLowerCase();
      const wait = Math.max(
        limiter.take('login', `ip:${address}`),
        limiter.take('login', `account:${account} ${address}`),
      );
      if (wait > 0) return { ok: false, why: 'too-fast', retryAfterMs: wait };
      const agent = await store.agentByEmail(account);
      const usable = agent?.active === true ? agent.passwordHash : null;
      try {
        if (!(await passwords.verify(password, usable)) || agent === null) return await failed(agent, address);
      } catch (error) {
        if (error instanceof QueueFull) return { ok: false, why: 'too-fast', retryAfterMs: error.retryAfterMs };
        throw error;
      }
      return begin(agent, address);
    },

    async signInWithCode({ code, address }) {
      const wait = limiter.take('login', `ip:${address}`);
      if (wait > 0) return { ok: false, why: 'too-fast', retryAfterMs: wait };
      const row = await store.redeemSignInCode(secretHash(code), clock.now());
      const agent = row === null ? null : await store.agent(row.agent);
      return agent === null || !agent.active ? failed(agent, address) : begin(agent, address);
    },

    session: (token) => principalOf(secretHash(token)),

    async botTicket(token) {
      const hash = secretHash(token);
      const bot = bots().find((one) => tokensOf(one).includes(hash));
      const principal = bot === undefined ? null : await botOf(botSession(bot.id, hash));
      return principal === null ? null : tickets.issue(principal);
    },

    async signOut({ agent, session }, { stays = false } = {}) {
      await endSession(session, audit.notes({ actor: `agent:${agent.id}`, action: 'agent.signed-out' }));
      if (!stays) bus.publish({ kind: 'signed-out', agent: agent.id, session });
    },

    async makeCode(agent, lifeMs = SIGN_IN_CODE_LIFE_MS, by = 'operator') {
      const code = ids.secret(SECRET_BYTES);
      await store.saveSignInCode(
        { codeHash: secretHash(code), agent, expiresAt: clock.now() + lifeMs },
        audit.notes({ actor: by, action: 'agent.link-made', object: `agent:${agent}` }),
      );
      return code;
    },

    async setPassword(id, password, by = 'operator') {
      const problem = passwordProblem(password);
      if (problem !== null) throw new Error(problem);
      const agent = await store.agent(id);
      if (agent === null) throw new Error('There is no such agent.');
      const changed = { ...agent, passwordHash: await passwords.hash(password) };
      await store.saveAgent(changed, audit.notes({ actor: by, action: 'agent.password-set', object: `agent:${id}` }));
      await endAll(changed);
    },

    async deactivate(id, by = 'operator') {
      const agent = await store.agent(id);
      if (agent === null) throw new Error('There is no such agent.');
      const changed = { ...agent, active: false };
      await store.saveAgent(changed, audit.notes({ actor: by, action: 'agent.deactivated', object: `agent:${id}` }));
      await endAll(changed);
      bus.publish({ kind: 'agents' });
    },

    async endEverySession(by = 'operator') {
      await store.endEverySession(clock.now(), audit.notes({ actor: by, action: 'sessions.ended' }));
      await look();
    },

    stop() {
      stopped = true;
      callOff();
    },
  };
}

type BotTokens = Pick<BotConfig, 'id' | 'tokenHash' | 'otherTokenHashes'>;

function tokensOf({ tokenHash, otherTokenHashes = [] }: BotTokens): string[] {
  return tokenHash === null ? [] : [tokenHash, ...otherTokenHashes];
}

/** Names the bot and its token, so that what was opened with a token is over when the token is. */
function botSession(id: string, tokenHash: string): string {
  return `${BOT_SESSION}${id}:${tokenHash.slice(0, 16)}`;
}

function botSessions(bot: BotTokens): string[] {
  return tokensOf(bot).map((hash) => botSession(bot.id, hash));
}

function hasLostRights(before: AgentRow, after: AgentRow): boolean {
  return (before.active && !after.active) || before.role !== after.role || before.passwordHash !== after.passwordHash;
}

function isShownDifferently(before: AgentRow, after: AgentRow): boolean {
  const shown = ({ name, teams, capacity, active }: AgentRow) => JSON.stringify([name, teams, capacity, active]);
  return shown(before) !== shown(after);
}
