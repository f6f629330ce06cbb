import { CLOSE_CODES, type FromServer } from '@sveiki/protocol';
import type { BusMessage, ConversationRow } from '../../ports.ts';
import type { Published } from './feed.ts';

/** An open session as the others reach it. */
interface End {
  deliver(published: Published): void;
  /** `ephemeral` frames are left out when the reader is slow. */
  sendText(type: FromServer['type'], text: string, ephemeral?: boolean): void;
  close(code: number, reason: string): void;
}
export interface VisitorEnd extends End {
  readonly visitor: string;
  readonly site: string;
  readonly tokenHash: string;
  readonly address: string;
  /** Ends the line of somebody who may not write, and says so. */
  block(): void;
}
export interface AgentEnd extends End {
  readonly agent: string;
  /** The HTTP session its ticket came from. */
  readonly session: string;
  readonly wantsLists: boolean;
  /** Whether the conversation is on his screen, and whether he types in it. */
  viewing(conversation: string): { typing: 'reply' | 'note' | null } | null;
  /** A conversation is his now: he gets it without asking. */
  own(row: ConversationRow): void;
}

/** Who is connected, and who looks at what. */
export interface Hub {
  addVisitor(end: VisitorEnd): void;
  removeVisitor(end: VisitorEnd): void;
  addAgent(end: AgentEnd): void;
  removeAgent(end: AgentEnd): void;
  watch(conversation: string, end: AgentEnd): void;
  unwatch(conversation: string, end: AgentEnd): void;
  ofVisitor(visitor: string): ReadonlySet<VisitorEnd>;
  ofAgent(agent: string): ReadonlySet<AgentEnd>;
  watchers(conversation: string): ReadonlySet<AgentEnd>;
  visitors(): Iterable<VisitorEnd>;
  agents(): Iterable<AgentEnd>;
  /** Gives a commit's events to everybody who may see them. */
  publish(published: Published): void;
  closeAll(code: number, reason: string): void;
  /** Collects what is revoked from now until `stopNoting`, for somebody who is on his way in: nobody can close his line yet. */
  noteRevoked(): Set<string>;
  stopNoting(revoked: Set<string>): void;
  /** What is being collected. */
  readonly noting: Iterable<Set<string>>;
}

const NOBODY: ReadonlySet<never> = new Set();
const COME_BACK_WITHIN_MS = 5_000;

export function createHub(): Hub {
  /** Nearly every visitor has one line, and a set for each would weigh more than the session: only the second line makes one. */
  const visitors = new Map<string, VisitorEnd | Set<VisitorEnd>>();
  const agents = new Map<string, Set<AgentEnd>>();
  const watchers = new Map<string, Set<AgentEnd>>();
  const noting = new Set<Set<string>>();

  function ofVisitor(visitor: string): ReadonlySet<VisitorEnd> {
    const there = visitors.get(visitor);
    if (there === undefined) return NOBODY;
    return there instanceof Set ? there : new Set([there]);
  }
  function* eachVisitor(): Iterable<VisitorEnd> {
    for (const there of visitors.values()) {
      if (there instanceof Set) yield* there;
      else yield there;
    }
  }

  return {
    addVisitor(end) {
      const there = visitors.get(end.visitor);
      if (there === undefined) visitors.set(end.visitor, end);
      else if (there instanceof Set) there.add(end);
      else if (there !== end) visitors.set(end.visitor, new Set([there, end]));
    },
    removeVisitor(end) {
      const there = visitors.get(end.visitor);
      if (there === end) visitors.delete(end.visitor);
      else if (there instanceof Set && there.delete(end) && there.size === 0) visitors.delete(end.visitor);
    },
    addAgent: (end) => add(agents, end.agent, end),
    removeAgent: (end) => remove(agents, end.agent, end),
    watch: (conversation, end) => add(watchers, conversation, end),
    unwatch: (conversation, end) => remove(watchers, conversation, end),
    ofVisitor,
    ofAgent: (agent) => agents.get(agent) ?? NOBODY,
    watchers: (conversation) => watchers.get(conversation) ?? NOBODY,
    visitors: eachVisitor,
    agents: () => each(agents),
    publish(published) {
      const { state, conversation, site } = published.message;
      const there = visitors.get(state.visitor.id);
      if (there instanceof Set) for (const end of there) end.deliver(published);
      else there?.deliver(published);
      const watching = watchers.get(conversation);
      if (state.owner !== null && state.status !== 'resolved') {
        for (const end of agents.get(state.owner.id) ?? NOBODY)
          if (watching?.has(end) !== true) end.own({ site, state });
      }
      // Some leave while it is walked, which a set allows.
      if (watching !== undefined) for (const end of watching) end.deliver(published);
    },
    closeAll(code, reason) {
      for (const end of [...eachVisitor(), ...each(agents)]) end.close(code, reason);
    },
    noteRevoked() {
      const revoked = new Set<string>();
      noting.add(revoked);
      return revoked;
    },
    stopNoting: (revoked) => void noting.delete(revoked),
    noting,
  };
}

type Revoked = Extract<BusMessage, { kind: 'revoked' }>['what'];

/** What somebody on his way in has noted when every session was ended meanwhile. */
export const EVERYBODY = 'everybody ';

/** Ends the sessions whose right to be here was taken back. */
export function closeRevoked(hub: Hub, what: Revoked, id: string): void {
  if (what === 'everybody') {
    // Visitors have nothing to sign in with again: they come back as somebody new, and not all at once.
    const bye: FromServer = { type: 'bye', code: CLOSE_CODES.restart, afterMs: COME_BACK_WITHIN_MS };
    const text = JSON.stringify(bye);
    for (const end of [...hub.visitors()]) {
      end.sendText('bye', text);
      end.close(CLOSE_CODES.restart, 'every session has ended');
    }
  }
  const isMeant = ({ agent, session }: AgentEnd): boolean =>
    what === 'everybody' || (what === 'agent' ? agent === id : what === 'agent-session' && session === id);
  const ends: End[] =
    what === 'visitor-session'
      ? [...hub.visitors()].filter((end) => end.tokenHash === id)
      : [...hub.agents()].filter(isMeant);
  for (const end of ends) end.close(CLOSE_CODES.unauthorized, 'signed out');
  for (const revoked of hub.noting) revoked.add(`${what} ${id}`);
}

/** Sends a visitor away who is being forgotten: his session is none any more, and his device hears so when it comes back. */
export function sendAway(hub: Hub, visitor: string): void {
  for (const end of [...hub.ofVisitor(visitor)]) end.close(CLOSE_CODES.replaced, 'forgotten');
  for (const revoked of hub.noting) revoked.add(erasedMark(visitor));
}
export const erasedMark = (visitor: string): string => `erased ${visitor}`;

function add<T>(map: Map<string, Set<T>>, key: string, value: T): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}

function remove<T>(map: Map<string, Set<T>>, key: string, value: T): void {
  const set = map.get(key);
  set?.delete(value);
  if (set?.size === 0) map.delete(key);
}

function* each<T>(map: Map<string, Set<T>>): Iterable<T> {
  for (const set of map.values()) yield* set;
}
