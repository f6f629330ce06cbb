import { type AgentProfile, type Presence, type TeamRef, withTeams } from '@sveiki/protocol';
import type { AgentInput, AgentView } from '@sveiki/sdk/config';
import type { Directory, StaffMember } from '../commands/directory.ts';
import type { Config } from '../config-types.ts';
import { loadOf } from '../domain/routing/capacity.ts';
import { weightIn } from '../domain/routing/carrying.ts';
import type { AgentRow, Clock, Store } from '../ports.ts';
import type { Hours } from '../routing/hours.ts';
import type { Registry } from './registry.ts';

/** How long answers to a form that is no survey may be changed. */
const DEFAULT_EDIT_WINDOW_MS = 24 * 3_600_000;

/**
 * Who is on staff, who is there, and who was a moment ago. An agent is there while he has a connection; when the last one is lost he has a grace
 * time to come back before `gone` is called and his conversations are queued again. Who leaves by himself (signs out, chooses Offline) or is
 * deactivated is gone at once. @see SPEC [O4]
 *
 * Skills and shifts come from the configuration, by the id of the account; so do teams and capacity of those it names.
 */
export interface Roster extends Directory {
  profiles(): AgentProfile[];
  /** Everybody who may be given something, as routing sees them now. Bots are not among them. */
  views(now: number): Omit<AgentView, 'lastAssignedAt' | 'lastOffer'>[];
  /** When the next shift begins or ends, null when there are none. */
  nextShiftChange(now: number): number | null;
  row(agent: string): AgentRow | null;
  /** A connection of this agent opened or was lost. */
  connected(agent: string): void;
  disconnected(agent: string): void;
  /** Everybody who is connected to another node. */
  elsewhere(agents: ReadonlySet<string>): void;
  /** Who is connected to this one. */
  here(): string[];
  /** He signed out everywhere: he is not waited for. */
  signedOut(agent: string): void;
  /** He owns something now: when he is not there, he has the grace time to come, unless he left. */
  owns(agent: string): void;
  setPresence(agent: string, presence: Presence): Promise<void>;
  /** Reads the agents from the store again. */
  reload(): Promise<void>;
  /** The configuration has changed: teams, skills, shifts and codes are read from it again. */
  reconfigure(): Promise<void>;
  stop(): void;
}

export async function createRoster(parts: {
  store: Store;
  clock: Clock;
  config: Config;
  registry: Registry;
  hours: Hours;
  /** Somebody came, went, or changed. */
  changed: () => void;
  /** He left, or his grace time is over: what he owned must be queued again. Resolves with false when something of it could not be. */
  gone: (agent: string, why: 'agent-lost' | 'agent-left') => Promise<boolean>;
}): Promise<Roster> {
  const { store, clock, config, registry, hours, changed, gone } = parts;
  const readTeams = () => new Map(config.teams.map(({ id, name }): [string, TeamRef] => [id, { id, name }]));
  const readConfigured = () => new Map((config.agents ?? []).map((agent): [string, AgentInput] => [agent.id, agent]));
  let teams = readTeams();
  let configured = readConfigured();
  const connections = new Map<string, number>();
  const graces = new Map<string, () => void>();
  const readRows = async (): Promise<Map<string, AgentRow>> =>
    new Map(
      (await store.agents()).map((row) => {
        const { teams: own = row.teams, capacity = row.capacity } = configured.get(row.id) ?? {};
        return [row.id, { ...row, teams: [...own], capacity }];
      }),
    );
  let rows = await readRows();
  let stopped = false;

  /** Those who signed out and did not come back since; their last connections may take a moment to end. */
  const left = new Set<string>();

  /** Connected to another node. */
  let others: ReadonlySet<string> = new Set();

  const isThere = (agent: string): boolean =>
    ((connections.get(agent) ?? 0) > 0 || others.has(agent)) && !left.has(agent);
  const isNotWaitedFor = (agent: string): boolean => left.has(agent) || rows.get(agent)?.active === false;
  const endGrace = (agent: string): void => {
    graces.get(agent)?.();
    graces.delete(agent);
  };
  const startGrace = (agent: string): void => {
    if (graces.has(agent)) return;
    graces.set(
      agent,
      clock.after(config.agentGraceMs, () => {
        graces.delete(agent);
        const isOffline = rows.get(agent)?.presence === 'offline';
        if (isThere(agent) && !isOffline && !isNotWaitedFor(agent)) return;
        changed();
        queueAgain(agent, isOffline || isNotWaitedFor(agent) ? 'agent-left' : 'agent-lost');
      }),
    );
  };
  const queueAgain = (agent: string, why: 'agent-lost' | 'agent-left'): void => {
    void gone(agent, why)
      .catch(() => false)
      .then((isDone) => {
        // A full disk: it is tried again after the grace time.
        if (!isDone && !stopped) startGrace(agent);
      });
  };
  const leave = (agent: string): void => {
    endGrace(agent);
    changed();
    queueAgain(agent, 'agent-left');
  };
  // After a restart nobody is connected yet: those who own conversations get the grace time to come back.
  for (const { state } of registry.unresolved()) if (state.owner !== null) startGrace(state.owner.id);

  const shownPresence = (row: AgentRow): Presence =>
    !isNotWaitedFor(row.id) && (isThere(row.id) || graces.has(row.id)) ? row.presence : 'offline';
  const member = (row: AgentRow): StaffMember => ({
    id: row.id,
    name: row.name,
    role: row.role,
    active: row.active,
    teams: row.teams,
    available: row.active && isThere(row.id) && row.presence === 'online',
    // Asked for rarely, and an agent is looked up for every message.
    get load() {
      return loadOf(registry.carried(row.id).values(), row.capacity);
    },
    capacity: row.capacity,
  });

  const skillsAndShift = (agent: string): Pick<AgentProfile, 'skills' | 'shiftEndsAt'> => {
    const { skills, shifts = [] } = configured.get(agent) ?? {};
    const endsAt = shifts.length === 0 ? null : hours.shiftEndsAt(configured.get(agent), clock.now());
    return {
      ...(skills === undefined ? {} : { skills: skills as Record<string, number> }),
      // On the wire null is "in no shift"; those who have none, or one without end, say nothing.
      ...(endsAt === null ? {} : { shiftEndsAt: endsAt > clock.now() ? endsAt : null }),
    };
  };

  return {
    get reopenWindowMs() {
      return config.reopenWindowMs;
    },
    agent(id) {
      const row = rows.get(id);
      return row === undefined ? null : member(row);
    },
    team: (id) => teams.get(id) ?? null,
    teamOfSite: (site) => teams.get(config.sites.find(({ key }) => key === site)?.team ?? '') ?? null,
    isWrapUpCode: (code) => config.wrapUpCodes.some(({ id }) => id === code),
    question(id, now) {
      const survey = config.surveys.find((one) => one.id === id);
      const found = survey?.form ?? config.forms.find((one) => one.id === id);
      if (found === undefined) return null;
      const form = withTeams(found, config.teams);
      return survey === undefined
        ? { form, until: null }
        : { form, survey: { id, kind: survey.kind }, until: now + survey.expiresMs };
    },
    askedBefore(site, id) {
      const asking = config.sites.find(({ key }) => key === site);
      const found = config.forms.find((one) => one.id === id);
      if (asking === undefined || found === undefined) return null;
      const form = withTeams(found, config.teams);
      if (asking.preChat === id) return { form, purpose: 'pre-chat' };
      return asking.offline === id ? { form, purpose: 'offline' } : null;
    },
    consentOf: (site) => config.sites.find(({ key }) => key === site)?.consent?.version ?? null,
    editWindowMs: (id) => config.surveys.find((one) => one.id === id)?.editWindowMs ?? DEFAULT_EDIT_WINDOW_MS,
    get handoffTeam() {
      return teams.get(config.handoff.team ?? '') ?? null;
    },
    isDrafter: (bot) => config.bots.find(({ id }) => id === bot)?.drafts === true,
    row: (agent) => rows.get(agent) ?? null,
    profiles: () =>
      [...rows.values()]
        .filter((row) => row.active)
        .map((row) => ({
          id: row.id,
          name: row.name,
          role: row.role,
          teams: row.teams,
          presence: shownPresence(row),
          load: loadOf(registry.ownedBy(row.id).map(weightIn), row.capacity),
          capacity: row.capacity,
          ...skillsAndShift(row.id),
        })),
    views: (now) =>
      [...rows.values()]
        .filter(({ active, role }) => active && role !== 'bot')
        .map((row) => {
          const { id, name, teams: own, load, capacity, available } = member(row);
          const presence = shownPresence(row);
          return {
            id,
            name,
            teams: own,
            // Who lost his line a moment ago is waited for, and gets nothing new meanwhile.
            state: available ? 'online' : presence === 'offline' ? 'offline' : 'away',
            load,
            capacity,
            skills: (configured.get(id)?.skills ?? {}) as Record<string, number>,
            shiftEndsAt: hours.shiftEndsAt(configured.get(id), now),
          };
        }),
    nextShiftChange: (now) => hours.nextShiftChange([...configured.values()], now),
    connected(agent) {
      left.delete(agent);
      connections.set(agent, (connections.get(agent) ?? 0) + 1);
      if (rows.get(agent)?.presence !== 'offline') endGrace(agent);
      changed();
    },
    disconnected(agent) {
      const rest = (connections.get(agent) ?? 1) - 1;
      if (rest > 0) {
        connections.set(agent, rest);
        return;
      }
      connections.delete(agent);
      if (!isNotWaitedFor(agent) && !isThere(agent)) startGrace(agent);
      changed();
    },
    elsewhere(agents) {
      const before = others;
      others = agents;
      for (const agent of agents) {
        if (before.has(agent)) continue;
        left.delete(agent);
        if (rows.get(agent)?.presence !== 'offline') endGrace(agent);
      }
      for (const agent of before) if (!isThere(agent) && !isNotWaitedFor(agent)) startGrace(agent);
      changed();
    },
    here: () => [...connections.keys()].toSorted(),
    signedOut(agent) {
      left.add(agent);
      leave(agent);
    },
    owns(agent) {
      if (isNotWaitedFor(agent)) leave(agent);
      else if (!isThere(agent)) startGrace(agent);
    },
    async setPresence(agent, presence) {
      await store.setPresence(agent, presence);
      const row = rows.get(agent);
      if (row === undefined) return;
      rows.set(agent, { ...row, presence });
      if (presence === 'offline') return leave(agent);
      if (isThere(agent)) endGrace(agent);
      changed();
    },
    async reconfigure() {
      teams = readTeams();
      configured = readConfigured();
      rows = await readRows();
      changed();
    },
    async reload() {
      const before = rows;
      rows = await readRows();
      changed();
      for (const { id, active } of rows.values()) if (!active && before.get(id)?.active === true) leave(id);
    },
    stop() {
      stopped = true;
      for (const cancel of graces.values()) cancel();
      graces.clear();
    },
  };
}
