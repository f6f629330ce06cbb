import { CLOSE_CODES, ERRORS, type FromServer } from '@sveiki/protocol';
import { type Audit, noAudit } from './audit/audit.ts';
import { keepBotAccounts } from './bots/accounts.ts';
import { requeueConversation } from './commands/route-conversation.ts';
import type { Config } from './config-types.ts';
import { createEngine } from './engine/engine.ts';
import { createRoster } from './engine/roster.ts';
import { createFiles, type Files } from './files/files.ts';
import { createMemoryFiles } from './files/memory.ts';
import type { DeskData } from './gateway/http/desk-data.ts';
import { profileOf } from './gateway/session/agent-session.ts';
import type { SessionContext } from './gateway/session/context.ts';
import type { Published } from './gateway/session/feed.ts';
import { receiptFor } from './gateway/session/feed.ts';
import { createHeartbeat } from './gateway/session/heartbeat.ts';
import { closeRevoked, createHub, sendAway, type VisitorEnd } from './gateway/session/hub.ts';
import { createListUpdates, tellAgents } from './gateway/session/lists.ts';
import { createQueuePlaces } from './gateway/session/queue-places.ts';
import { openSession, type Session } from './gateway/session/session.ts';
import { createSiteInfos } from './gateway/session/site-infos.ts';
import { createToolCalls } from './gateway/session/tool-calls.ts';
import { createOutbound, type Outbound } from './hooks/outbound.ts';
import { createPipeline, type HookRun } from './hooks/pipeline.ts';
import { createRecentFailures, type HookFailure } from './hooks/recent.ts';
import type { Log } from './log.ts';
import { createMasking } from './masking/masking.ts';
import type { Metrics } from './metrics.ts';
import { beginningOf, createCatchUp } from './nodes/catch-up.ts';
import { createElsewhere, type Elsewhere } from './nodes/presence.ts';
import { type Effective, effectiveOf } from './overrides/effective.ts';
import { createOverrides } from './overrides/overrides.ts';
import type { ErasureList } from './personal-data/erasure-list.ts';
import { createPersonalData, type PersonalData } from './personal-data/personal-data.ts';
import type {
  Bus,
  BusMessage,
  Clock,
  Connection,
  FileStore,
  IdentityVerifier,
  Ids,
  RateLimiter,
  Store,
  Tickets,
} from './ports.ts';
import { createSiteSigner, type SiteSigner } from './public-site/signer.ts';
import { createHistory, readHistory } from './routing/history.ts';
import { createHours, type Hours } from './routing/hours.ts';
import { fleetingSecrets, type KeptSecrets } from './secrets/kept-secrets.ts';
import { createService } from './service.ts';
import { createBlocks } from './spam/blocks.ts';
import { createSpamGate } from './spam/gate.ts';
import type { LinkedAnswers } from './surveys/linked-answers.ts';
import { noTracing, type Tracing } from './tracing.ts';

/** Opening hours and usual reply times are looked at again this often. */
const SITE_EVERY_MS = 30_000;
/** Clients come back over this time after a restart. */
const RETURN_WITHIN_MS = 5_000;

export type { Session };

/** The relay without any transport: lines come in through `openSession`. */
export interface Relay {
  openSession(connection: Connection): Session;
  readonly ready: boolean;
  /** Says goodbye to everybody, finishes what is being committed, and stops every timer. The store stays open. */
  stop(): Promise<void>;
  stats(): { queued: number; open: number };
  /** What the desk asks over HTTP. */
  readonly deskData: DeskData;
  /** What is kept about people, as people. */
  readonly personalData: PersonalData;
  /** Uploads, and what links to files lead to. */
  readonly files: Files;
  /** Questions that are answered behind a link. */
  readonly linkedAnswers: LinkedAnswers;
  /** Signs what pages may keep about their site. */
  readonly siteSigner: SiteSigner;
  /**
   * Serves by another configuration from here on; no line ends. Sites, teams, routing, replies, forms, surveys, bots, handoff and hooks change; what
   * only a start can change (port, folder, addresses) does not.
   */
  reconfigure(next: Config): Promise<void>;
  /** Whether nothing is taken from an address: doors beside the lines ask it. */
  isBlocked(address: string, visitor?: string): boolean;
  /** Hooks that fell back lately, newest first. */
  recentFailures(): HookFailure[];
  /** Resolves when nothing is being decided, committed or assigned. */
  settled(): Promise<void>;
}

export async function createRelay(parts: {
  config: Config;
  store: Store;
  bus: Bus;
  clock: Clock;
  ids: Ids;
  tickets: Tickets;
  identity: IdentityVerifier;
  limiter: RateLimiter;
  log: Log;
  /** Where it is noted what staff did and read. @default nowhere */
  audit?: Audit;
  /** What it signs links with. @default secrets of its own, under a key that is not kept */
  secrets?: Pick<KeptSecrets, 'open'>;
  metrics: Metrics;
  /** Where the bytes of files are. @default in memory */
  files?: FileStore;
  soon?: (run: () => void) => void;
  /** Who was forgotten, kept outside the database. @default nowhere */
  list?: ErasureList;
  /** How other servers are called. @default as the configuration says */
  outbound?: Outbound;
  /** @default none */
  tracing?: Tracing;
  /** Where the configuration is from, as people are told. @default 'code' */
  source?: string;
}): Promise<Relay> {
  const { config, store, bus, clock, ids, log, metrics, audit = noAudit, secrets = fleetingSecrets(parts) } = parts;
  // What the file says stays apart from what holds, so that a reset finds it again.
  let file: Config = { ...config };
  let loadedAt = clock.now();
  /** Which changes hold; null: what should hold could not be begun. */
  let changes: string | null = null;
  let effective = await readEffective();
  Object.assign(config, effective.config);
  const overrides = createOverrides({
    store,
    bus,
    clock,
    ids,
    audit,
    file: () => file,
    effective: () => effective,
    renew,
  });
  const tracing = parts.tracing ?? noTracing;
  const outbound = tracing.outbound(
    parts.outbound ?? createOutbound({ clock, allowPrivate: config.allowPrivateAddresses }),
  );
  const pipeline = tracing.pipeline(createPipeline({ clock, report: noteRun }));
  let history = createHistory(config);
  let isAutomatic = false;
  await readHistoryIfNeeded();
  const masking = createMasking(config);
  const beginning = bus.isShared ? await beginningOf(store) : 0;
  const engine = tracing.engine(
    await createEngine({
      ...parts,
      store: tracing.store(store),
      mask: masking.body,
      keepUnsentMs: () => config.files.keepUnsentMs,
      committed: (events) => {
        if (isAutomatic) history.fold(events);
      },
    }),
  );
  let schedules = createHours(config.schedules);
  const hours: Hours = {
    isOpen: (team, now) => schedules.isOpen(team, now),
    shiftEndsAt: (agent, now) => schedules.shiftEndsAt(agent, now),
    nextShiftChange: (agents, now) => schedules.nextShiftChange(agents, now),
  };
  const fileStore = parts.files ?? createMemoryFiles();
  const files = await createFiles({
    ...{ config, store, files: fileStore, clock, ids, log, audit, secrets, masking, limiter: parts.limiter },
    rowOf: engine.row,
    currentOf: (visitor) => engine.registry.currentOf(visitor),
  });
  const siteSigner = await createSiteSigner(secrets);
  const personalData = createPersonalData({
    ...{ ...parts, files: fileStore, audit, submit: engine.submit },
    rules: () => config.privacy.retention,
  });
  const hub = createHub();
  const heartbeat = createHeartbeat(clock);
  let ready = true;
  // Bots of the configuration are there before anything else is.
  let cancelStaff: (() => void) | null = null;
  let isStarted = false;
  let elsewhere: Elsewhere | null = null;
  const recent = createRecentFailures();
  await keepBotAccounts(config.bots, { store, clock });

  const roster = await createRoster({
    store,
    clock,
    config,
    registry: engine.registry,
    hours,
    changed: () => staffChanged(),
    async gone(agent, why) {
      const requeued = [...engine.registry.ownedBy(agent)].map(({ id }) =>
        engine.submit(requeueConversation(ids.next(), id, agent, why)),
      );
      const outcomes = await Promise.all(requeued);
      return outcomes.every((outcome) => outcome.done || ERRORS[outcome.refused].retry !== 'later');
    },
  });
  const sites = await createSiteInfos({ config, roster, store, clock });
  const blocks = await createBlocks({ store, bus, clock, ids });
  const tools = createToolCalls({ hub, bus, clock, engine, masking });
  const startService = () =>
    createService({
      ...{
        config,
        store,
        bus,
        clock,
        ids,
        log,
        audit,
        secrets,
        engine,
        roster,
        hours,
        history,
        tools,
        pipeline,
        failures: recent,
        outbound,
        overrides,
        blocks,
        loadedAt,
      },
      source: parts.source ?? 'code',
    });
  let service = await startService();
  const sessionParts = () => ({ answerCheck: service.answerCheck, replies: service.replies });
  const context: SessionContext = {
    ...parts,
    audit,
    engine,
    roster,
    sites,
    hub,
    tools,
    masking,
    blocks,
    gate: createSpamGate({ config, clock, ids }),
    ...sessionParts(),
  };
  const lists = createListUpdates(context);
  const places = createQueuePlaces(context);

  /** Several people come and go at once: colleagues and visitors hear of it together. */
  function staffChanged(): void {
    elsewhere?.tell();
    // Lines that end because the relay does are no news, and nothing is left to look at.
    if (!ready) return;
    cancelStaff ??= clock.after(100, () => {
      cancelStaff = null;
      // A start on a slow disk takes longer than this: until it is done there is nobody to tell.
      if (!isStarted) return;
      tellAgents(context);
      service.look();
      tellSites();
    });
  }

  function noteRun(run: HookRun): void {
    const { hook, stage, outcome, ms, error } = run;
    metrics.hookRun(`${stage}:${hook}`, outcome, ms);
    recent.note(run, clock.now());
    if (outcome !== 'done' && outcome !== 'called-off') log.warn({ hook, stage, outcome, error }, 'A hook fell back');
  }

  function tellSites(): void {
    sites.refresh().then(
      (changed) => {
        for (const site of changed) {
          const text = JSON.stringify({ type: 'site', site: sites.of(site) } satisfies FromServer);
          for (const end of hub.visitors()) if (end.site === site) end.sendText('site', text, true);
        }
      },
      (error: unknown) => log.error({ error }, 'The site info could not be computed'),
    );
  }
  let cancelSites = clock.after(SITE_EVERY_MS, watchSites);
  function watchSites(): void {
    tellSites();
    places.changed();
    // What could not be queued again or given to somebody when it was time (a full disk) is looked at again.
    for (const { state } of engine.registry.unresolved()) if (state.owner !== null) roster.owns(state.owner.id);
    service.lookAgain();
    hearOfChanges();
    hearOfBlocks();
    cancelSites = clock.after(SITE_EVERY_MS, watchSites);
  }

  function hear(message: BusMessage): void {
    switch (message.kind) {
      case 'events': {
        const isNews = bus.isShared === true && engine.learn({ site: message.site, state: message.state });
        if (isNews && isAutomatic) history.fold(message.events);
        const published: Published = { message, frames: { visitor: null, agent: null }, shared: [] };
        hub.publish(published);
        lists.changed(message.state);
        if (message.events.some(({ body }) => body.kind === 'erased')) recent.forget(message.conversation);
        const ownership = message.events.some(({ body }) => body.kind !== 'message' && body.kind !== 'note');
        if (ownership) {
          places.changed();
          staffChanged();
          if (message.state.owner !== null && message.state.status !== 'resolved') roster.owns(message.state.owner.id);
        }
        return service.hear(message);
      }
      case 'cursor': {
        const { cursor } = message;
        if (bus.isShared) engine.learnCursor(cursor);
        const state = engine.registry.get(cursor.conversation)?.state;
        const tell = (ends: Iterable<Pick<VisitorEnd, 'sendText'>>, kind: 'visitor' | 'agent'): void => {
          const receipt = receiptFor(cursor, kind);
          if (receipt === null) return;
          const frame: FromServer = { type: 'receipt', conversation: cursor.conversation, ...receipt };
          const text = JSON.stringify(frame);
          for (const end of ends) end.sendText('receipt', text);
        };
        if (state !== undefined) tell(hub.ofVisitor(state.visitor.id), 'visitor');
        tell(hub.watchers(cursor.conversation), 'agent');
        return;
      }
      case 'typing': {
        const state = engine.registry.get(message.conversation)?.state;
        if (state === undefined) return;
        const text = JSON.stringify({
          type: 'typing',
          conversation: message.conversation,
          who: message.who,
          on: message.on,
        } satisfies FromServer);
        if (message.who.kind === 'visitor') {
          for (const end of hub.watchers(message.conversation)) end.sendText('typing', text, true);
        } else if (state.owner?.id === message.who.id) {
          for (const end of hub.ofVisitor(state.visitor.id)) end.sendText('typing', text, true);
        }
        return;
      }
      case 'stream': {
        const state = engine.registry.get(message.conversation)?.state;
        if (state === undefined) return;
        const { kind: type, ...piece } = message;
        const text = JSON.stringify({ type, ...piece } satisfies FromServer);
        for (const end of hub.ofVisitor(state.visitor.id)) end.sendText('stream', text, true);
        for (const end of hub.watchers(message.conversation))
          if (end.agent !== message.who.id) end.sendText('stream', text, true);
        return;
      }
      case 'canned-replies':
        return service.replies.hear(message);
      case 'overrides':
        return hearOfChanges();
      case 'blocks':
        return hearOfBlocks();
      case 'tool-call':
      case 'tool-done':
        return tools.hear(message);
      case 'visitor':
        tellVisitor(message.visitor).catch((error: unknown) => log.error({ error }, 'A visitor could not be read'));
        return;
      case 'agents':
        return readStaff();
      case 'here':
        return elsewhere?.hear(message);
      case 'signed-out': {
        const isElsewhere = [...hub.ofAgent(message.agent)].some(({ session }) => session !== message.session);
        if (!isElsewhere) roster.signedOut(message.agent);
        return;
      }
      case 'erased':
        return sendAway(hub, message.visitor);
      case 'revoked':
        closeRevoked(hub, message.what, message.id);
        if (message.what === 'agent') readStaff();
        return;
    }
  }

  /** Lines of those who are blocked now end. */
  function hearOfBlocks(): void {
    blocks.reload().then(
      () => {
        for (const end of [...hub.visitors()]) if (blocks.has(end.visitor, end.address)) end.block();
      },
      (error: unknown) => log.error({ error }, 'Who is blocked could not be read'),
    );
  }

  /** Agents are added, changed and deactivated beside the core, also by other processes: what the store says holds. */
  function readStaff(): void {
    roster.reload().catch((error: unknown) => log.error({ error }, 'The agents could not be read'));
  }

  async function tellVisitor(visitor: string): Promise<void> {
    const conversation = engine.registry.currentOf(visitor)?.id;
    if (conversation === undefined) return;
    if (hub.ofVisitor(visitor).size > 0) places.changed();
    const ends = hub.watchers(conversation);
    if (ends.size === 0) return;
    const row = await store.visitor(visitor);
    if (row === null) return;
    const text = JSON.stringify({
      type: 'visitor',
      conversation,
      visitor: profileOf(context, row),
    } satisfies FromServer);
    for (const end of ends) end.sendText('visitor', text, true);
  }

  const unsubscribe = bus.subscribe((message) => {
    try {
      hear(message);
    } catch (error) {
      log.error({ error, kind: message.kind }, 'A message of the bus failed');
    }
  });
  if (bus.isShared)
    elsewhere = createElsewhere({ bus, clock, node: ids.next(), here: roster.here, changed: roster.elsewhere });
  const catchUp = bus.isShared ? createCatchUp({ store, engine, clock, log, from: beginning, hear }) : null;
  isStarted = true;
  personalData.start();
  staffChanged();
  service.lookAgain();

  /** The configuration with what the store says people changed of it. */
  async function readEffective(): Promise<Effective> {
    const rows = await store.overrides();
    changes = rows.map(({ revision }) => revision).join(' ');
    const next = effectiveOf(file, rows);
    for (const { id, state, problems } of [...next.schedules, ...next.surveys])
      if (state !== 'used') log.warn({ id, state, problems }, 'A change made in the desk has no effect');
    return next;
  }

  /** One after the other: a configuration that is half there is none. */
  let turnOf: Promise<void> = Promise.resolve();
  function inTurn(run: () => Promise<void>): Promise<void> {
    const done = turnOf.then(run);
    turnOf = done.catch(() => {});
    return done;
  }

  /** Serves by what the store says now, if that is something else. */
  function renew(): Promise<void> {
    return inTurn(async () => {
      const rows = await store.overrides();
      if (ready && rows.map(({ revision }) => revision).join(' ') !== changes) await serveAnew();
    });
  }
  function hearOfChanges(): void {
    renew().catch((error: unknown) => log.error({ error }, 'What was changed in the desk could not be read'));
  }

  async function serveAnew(): Promise<void> {
    // What was being told goes on with the next one, so the last one must not be at it any more.
    service.rest();
    await service.stop();
    effective = await readEffective();
    const begun = changes;
    changes = null;
    Object.assign(config, file, effective.config);
    schedules = createHours(config.schedules);
    await readHistoryIfNeeded();
    await keepBotAccounts(config.bots, { store, clock });
    await roster.reconfigure();
    service = await startService();
    Object.assign(context, sessionParts());
    context.replies = service.replies;
    changes = begun;
    service.lookAgain();
    tellSites();
    places.changed();
  }

  /** Whose turn it is follows from the log; a relay where people only take for themselves need not read it. */
  async function readHistoryIfNeeded(): Promise<void> {
    if (isAutomatic) return;
    isAutomatic = config.teams.some(({ strategy }) => strategy !== 'manual') || config.routing.route !== undefined;
    if (!isAutomatic) return;
    history = createHistory(config);
    await readHistory(history, store);
  }

  return {
    openSession: (connection) => openSession(context, heartbeat, connection),
    get ready() {
      return ready;
    },
    stats: () => {
      const { queue, open } = engine.registry.counts();
      return { queued: queue, open };
    },
    get deskData() {
      return service.deskData;
    },
    personalData,
    files,
    siteSigner,
    get linkedAnswers() {
      return service.linkedAnswers;
    },
    reconfigure: (next) =>
      inTurn(async () => {
        file = { ...file, ...next };
        loadedAt = clock.now();
        await serveAnew();
      }),
    isBlocked: (address, visitor = undefined) => blocks.has(visitor ?? null, address),
    recentFailures: () => recent.list(),
    async settled() {
      await engine.idle();
      await service.settled();
    },
    async stop() {
      ready = false;
      // A configuration that is being begun is ended whole.
      await turnOf;
      service.rest();
      files.stop();
      const bye = JSON.stringify({
        type: 'bye',
        code: CLOSE_CODES.restart,
        afterMs: RETURN_WITHIN_MS,
      } satisfies FromServer);
      for (const end of [...hub.visitors(), ...hub.agents()]) end.sendText('bye', bye);
      // What bots and hooks are in the middle of is told again at the next start.
      await service.stop();
      await personalData.stop();
      elsewhere?.stop();
      await catchUp?.stop();
      await engine.drain();
      hub.closeAll(CLOSE_CODES.restart, 'the relay restarts');
      unsubscribe();
      heartbeat.stop();
      lists.stop();
      places.stop();
      cancelSites();
      cancelStaff?.();
      roster.stop();
    },
  };
}
