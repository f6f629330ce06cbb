import { CLOSE_CODES, type FromServer } from '@sveiki/protocol';
import type { ConversationRow } from '../../ports.ts';
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
}
export interface AgentEnd extends End {
  readonly agent: string;
  /** The HTTP session its ticket came from. */
  readonly session: string;
  readonly wantsLists: boolean;
  /** Whether the conversation is on his screen, and whether he types in it. */
  viewing(conversation: string): { typing: boolean } | null;
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
}

const NOBODY: ReadonlySet<never> = new Set();

export function createHub(): Hub {
  const visitors = new Map<string, Set<VisitorEnd>>();
  const agents = new Map<string, Set<AgentEnd>>();
  const watchers = new Map<string, Set<AgentEnd>>();

  return {
    addVisitor: (end) => add(visitors, end.visitor, end),
    removeVisitor: (end) => remove(visitors, end.visitor, end),
    addAgent: (end) => add(agents, end.agent, end),
    removeAgent: (end) => remove(agents, end.agent, end),
    watch: (conversation, end) => add(watchers, conversation, end),
    unwatch: (conversation, end) => remove(watchers, conversation, end),
    ofVisitor: (visitor) => visitors.get(visitor) ?? NOBODY,
    ofAgent: (agent) => agents.get(agent) ?? NOBODY,
    watchers: (conversation) => watchers.get(conversation) ?? NOBODY,
    visitors: () => each(visitors),
    agents: () => each(agents),
    publish(published) {
      const { state, conversation, site } = published.message;
      for (const end of visitors.get(state.visitor.id) ?? NOBODY) end.deliver(published);
      const watching = watchers.get(conversation);
      if (state.owner !== null && state.status !== 'resolved') {
        for (const end of agents.get(state.owner.id) ?? NOBODY)
          if (watching?.has(end) !== true) end.own({ site, state });
      }
      if (watching !== undefined) for (const end of [...watching]) end.deliver(published);
    },
    closeAll(code, reason) {
      for (const end of [...each(visitors), ...each(agents)]) end.close(code, reason);
    },
  };
}

/** Ends the sessions whose right to be here was taken back. */
export function closeRevoked(hub: Hub, what: 'agent' | 'agent-session' | 'visitor-session', id: string): void {
  const ends: End[] =
    what === 'visitor-session'
      ? [...hub.visitors()].filter((end) => end.tokenHash === id)
      : what === 'agent'
        ? [...hub.ofAgent(id)]
        : [...hub.agents()].filter((end) => end.session === id);
  for (const end of ends) end.close(CLOSE_CODES.unauthorized, 'signed out');
}

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
