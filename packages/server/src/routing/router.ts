import { type ConversationState, type HandoffDetails, plainText } from '@sveiki/protocol';
import type { HookContext, RouteContext, RouteDecision, SkillNeed, TeamInput } from '@sveiki/sdk/config';
import { firstOwner, isNew } from '../bots/first-owner.ts';
import { decideRoute, type RoutingDecided } from '../commands/decide-route.ts';
import type { Config } from '../config-types.ts';
import { isQueued } from '../domain/queue.ts';
import { checkDecision, isSkill, type KnownNames } from '../domain/routing/decision.ts';
import { queueViews } from '../domain/routing/queue-views.ts';
import { decideByRules, weightOf } from '../domain/routing/rules.ts';
import type { Engine } from '../engine/engine.ts';
import type { Roster } from '../engine/roster.ts';
import type { Pipeline } from '../hooks/pipeline.ts';
import type { Log } from '../log.ts';
import type { Clock, ConversationRow, Ids, Store } from '../ports.ts';
import type { RoutingHistory } from './history.ts';
import type { Hours } from './hours.ts';

const DAY_MS = 86_400_000;
const MAX_TEXT_CHARS = 2_000;
const MAX_CONTACTS = 100;
/** The beginning of a conversation, in which the visitor's first words are looked for. */
const FIRST_EVENTS = 20;

/**
 * Decides where a conversation goes when it starts, is opened again, or is queued by a transfer or a handoff: the first rule that holds, then the
 * `route` hook, then what holds anyway. Until that is written it is given to nobody; people may take it all the same.
 *
 * Where nothing has to be decided (no rules, no hook, no weights, a team that asks for nothing) nothing is written and nobody waits.
 */
export interface Router {
  /** It waits, and where is not decided. Follows from its state, so that a relay that starts anew sees it too. */
  isUndecided(state: ConversationState): boolean;
  /** Its state changed. */
  consider(state: ConversationState): void;
  /** Everything that waits: at start, and for what could not be written when it was decided. */
  considerAll(): void;
  stop(): void;
}

interface Parts {
  config: Pick<Config, 'teams' | 'sites' | 'routing' | 'bots' | 'agents'>;
  store: Store;
  engine: Engine;
  roster: Roster;
  hours: Hours;
  history: RoutingHistory;
  pipeline: Pipeline;
  /** `routing.route`: code, or the address of somebody else's. */
  route: ((context: RouteContext, hook: HookContext) => unknown) | null;
  clock: Clock;
  ids: Ids;
  log: Log;
}

export function createRouter(parts: Parts): Router {
  const { config, engine, roster, ids, log } = parts;
  const { routing } = config;
  const teams = new Map(config.teams.map((team) => [team.id, team]));
  const asksAlways = parts.route !== null || (routing.rules ?? []).length > 0 || (routing.weights ?? []).length > 0;
  const deciding = new Map<string, number>();
  let stopped = false;

  const isUndecided = (state: ConversationState): boolean =>
    isQueued(state) &&
    state.routing === undefined &&
    (asksAlways ||
      asks(teams.get(state.team?.id ?? '')) ||
      state.handoff?.state === 'requested' ||
      botFor(engine.registry.get(state.id)?.site, state, parts) !== null);

  async function decide(row: ConversationRow): Promise<void> {
    const decided = await decisionOn(row, parts, asksAlways).catch((error: unknown): RoutingDecided => {
      log.error({ error }, 'What routing asks about could not be read');
      return {
        ownership: row.state.ownership,
        decision: { to: 'default' },
        by: 'fallback',
        reason: 'What routing asks about could not be read',
        weight: 1,
        visitor: { language: row.state.locale },
        moved: null,
      };
    });
    if (stopped) return;
    await engine.submit(decideRoute(ids.next(), row.state.id, decided, teams, roster));
  }

  function consider(state: ConversationState): void {
    if (stopped || !isUndecided(state) || deciding.get(state.id) === state.ownership) return;
    const row = engine.registry.get(state.id);
    // What the bus says may be older than what is known.
    if (row === undefined || row.state.ownership !== state.ownership) return;
    const { ownership } = state;
    deciding.set(state.id, ownership);
    decide(row)
      .catch((error: unknown) => log.error({ error }, 'Routing could not decide'))
      .finally(() => {
        if (deciding.get(state.id) === ownership) deciding.delete(state.id);
      });
  }

  return {
    isUndecided,
    consider,
    considerAll() {
      for (const state of [...engine.registry.queued()]) consider(state);
    },
    stop() {
      stopped = true;
    },
  };
}

/** Whether a team's own settings make something of each conversation. */
function asks(team: TeamInput | undefined): boolean {
  return (
    team !== undefined &&
    (team.sticky !== undefined ||
      (team.skills ?? []).length > 0 ||
      team.language === 'required' ||
      team.language === 'preferred')
  );
}

async function decisionOn(row: ConversationRow, parts: Parts, asksAlways: boolean): Promise<RoutingDecided> {
  const { config } = parts;
  const { state } = row;
  const handoff = state.handoff?.state === 'requested' ? await handoffDetails(state.id, parts.store) : undefined;
  const language = handoff?.language ?? state.locale;
  const contacts = await contactsOf(state, parts);
  const visitor = { language, ...(contacts.lastAgent === undefined ? {} : { lastAgent: contacts.lastAgent }) };
  const about = {
    ownership: state.ownership,
    visitor,
    moved: state.ownership === 1 ? null : await movedBy(state, parts.store),
    ...(handoff === undefined ? {} : { handoff: asSaid(handoff, config.routing.skills ?? []) }),
  };
  const bot = botFor(row.site, state, parts);
  if (!asksAlways) return { ...about, ...toBot(bot, DEFAULT), weight: 1 };
  const context = await contextOf(row, { language, handoff, contacts }, parts);
  const weight = weightOf(config.routing.weights ?? [], context);
  return { ...about, weight, ...toBot(bot, await askAll(context, state.id, parts)) };
}

type Decided = Pick<RoutingDecided, 'decision' | 'by' | 'reason'>;
const DEFAULT: Decided = { decision: { to: 'default' }, by: 'default', reason: 'As the team says' };

/** The bot of the site, for a conversation that nobody had yet. */
function botFor(site: string | undefined, state: ConversationState, { config, roster }: Parts): string | null {
  return site !== undefined && isNew(state) ? firstOwner(config.sites, site, roster) : null;
}

/** Where nothing else was decided, new conversations come to the bot of their site. */
function toBot(bot: string | null, decided: Decided): Decided {
  if (bot === null || decided.decision.to !== 'default') return decided;
  const reason = 'New conversations of this site come to it first';
  return { ...decided, decision: { to: 'bot', id: bot, reason }, reason };
}

/** Rules, then the hook, then what holds anyway. */
async function askAll(
  context: RouteContext,
  conversation: string,
  { config, pipeline, route }: Parts,
): Promise<Decided> {
  const { rules = [], deadlineMs = 300, fallback = { to: 'default' } } = config.routing;
  const ruled = decideByRules(rules, context);
  if (ruled !== null)
    return { decision: ruled.decision, by: 'rule', reason: reasonOf(ruled.decision, `Rule ${ruled.rule + 1}`) };
  if (route === null)
    return {
      decision: { to: 'default' },
      by: 'default',
      reason: rules.length > 0 ? 'No rule holds' : 'As the team says',
    };
  let nonsense = '';
  const answer = await pipeline.decide(
    // What it answers is a decision once `check` has let it through.
    {
      name: 'route',
      stage: 'route',
      isForeign: true,
      run: async (input: RouteContext, hook) => (await route(input, hook)) as RouteDecision,
      deadlineMs,
    },
    context,
    {
      otherwise: fallback,
      conversation,
      check: (value) => {
        nonsense = checkDecision(value, namesIn(config, context), 'decision')[0]?.message ?? '';
        return nonsense === '';
      },
    },
  );
  if (!answer.fellBack)
    return { decision: answer.value, by: 'hook', reason: reasonOf(answer.value, 'The hook leaves it where it is') };
  const why = {
    late: `The route hook did not answer in ${deadlineMs} ms`,
    failed: 'The route hook failed',
    nonsense: `The route hook answered nonsense: ${nonsense}`,
    'called-off': 'The route hook was called off',
    done: '',
  }[answer.outcome];
  return { decision: fallback, by: 'fallback', reason: reasonOf(fallback, '', why) };
}

function reasonOf(decision: RouteDecision, otherwise: string, before = ''): string {
  const own = decision.to === 'default' ? otherwise : decision.reason;
  return [before, own].filter((part) => part !== '').join(' · ');
}

function namesIn(config: Parts['config'], { agents }: RouteContext): KnownNames {
  return {
    teams: new Set(config.teams.map(({ id }) => id)),
    agents: new Set(agents.map(({ id }) => id)),
    bots: new Set(config.bots.map(({ id }) => id)),
    skills: new Set<string>(config.routing.skills ?? []),
  };
}

async function contextOf(
  { site, state }: ConversationRow,
  known: { language: string | null; handoff: HandoffDetails | undefined; contacts: Contacts },
  { config, store, engine, roster, hours, history, clock }: Parts,
): Promise<RouteContext> {
  const [visitor, beginning, routed] = await Promise.all([
    store.visitor(state.visitor.id),
    store.events({ conversation: state.id, count: 'staff', after: 0, limit: FIRST_EVENTS }),
    // The first decision of a conversation that just began needs no looking up.
    state.ownership === 1 ? [] : store.eventsOfKinds(state.id, ['routed']),
  ]);
  const said = beginning.events.find(({ actor, body }) => actor.kind === 'visitor' && body.kind === 'message')?.body;
  const now = clock.now();
  const agents = roster.views(now).map((view) => ({ ...view, ...history.of(view.id) }));
  const waiting = [...engine.registry.queued()].map(({ team, queuedAt }) => ({
    team: team?.id ?? '',
    queuedAt: queuedAt ?? now,
  }));
  const teams = new Map(config.teams.map((team) => [team.id, team]));
  const isOpen = (id: string): boolean => {
    const team = teams.get(id);
    return team === undefined || hours.isOpen(team, now);
  };
  const { externalId = null, name = null, email = null, visit = null } = visitor ?? {};
  return {
    conversation: {
      id: state.id,
      channel: state.channel,
      startedAt: state.startedAt,
      team: state.team?.id ?? null,
      text: said?.kind === 'message' ? plainText(said.blocks).slice(0, MAX_TEXT_CHARS) : '',
    },
    visitor: { id: state.visitor.id, name, email, externalId, verified: externalId !== null },
    page: visit,
    site,
    language: known.language,
    ...(known.handoff?.intent === undefined ? {} : { intent: known.handoff.intent }),
    tags: [],
    waitedMs: Math.max(0, now - (state.queuedAt ?? now)),
    attempt: routed.length + 1,
    queues: queueViews(config.teams, waiting, agents, isOpen, now),
    agents,
    history: {
      ...(known.contacts.lastAgent === undefined ? {} : { lastAgent: known.contacts.lastAgent }),
      contactsInDays: known.contacts.startedAt.map((at) => Math.max(0, now - at) / DAY_MS),
    },
    now,
  };
}

interface Contacts {
  lastAgent?: string;
  /** When each earlier conversation of the visitor began, the latest first. */
  startedAt: number[];
}

/** Who served this visitor last, and his earlier conversations; looked up only where something hangs on it. */
async function contactsOf(state: ConversationState, { config, route, store }: Parts): Promise<Contacts> {
  const { rules = [], weights = [] } = config.routing;
  const isAsked =
    route !== null ||
    [...rules, ...weights].some(({ when }) => when.contacts !== undefined) ||
    config.teams.some(({ sticky }) => sticky !== undefined);
  if (!isAsked) return { startedAt: [] };
  const { conversations } = await store.list({
    view: 'visitor',
    agent: '',
    visitor: state.visitor.id,
    limit: MAX_CONTACTS + 1,
  });
  const earlier = conversations.map((row) => row.state).filter(({ id }) => id !== state.id);
  const lastAgent = [state, ...earlier].flatMap(
    ({ repliedBy, owner }) => repliedBy?.id ?? (owner !== null && owner.bot !== true ? owner.id : []),
  )[0];
  return {
    ...(lastAgent === undefined ? {} : { lastAgent }),
    startedAt: earlier.slice(0, MAX_CONTACTS).map(({ startedAt }) => startedAt),
  };
}

/** Of all that brings a conversation into a queue, what did it last. */
async function movedBy(state: ConversationState, store: Store): Promise<RoutingDecided['moved']> {
  const last = (await store.eventsOfKinds(state.id, ['started', 'reopened', 'queued'])).at(-1)?.body;
  return last?.kind === 'queued' && (last.why === 'transferred' || last.why === 'handoff') ? last.why : null;
}

async function handoffDetails(conversation: string, store: Store): Promise<HandoffDetails | undefined> {
  const last = (await store.eventsOfKinds(conversation, ['handoff-requested'])).at(-1)?.body;
  return last?.kind === 'handoff-requested' ? last.details : undefined;
}

/** What a bot said of it. A skill that nobody knows would be waited for without end: it is left out, and named. */
function asSaid(
  { priority, skills = [] }: HandoffDetails,
  known: readonly string[],
): NonNullable<RoutingDecided['handoff']> {
  const names = new Set(known);
  return {
    ...(priority === undefined ? {} : { priority }),
    skills: skills.filter(({ skill }) => isSkill(skill, names)) as SkillNeed[],
    unknown: skills.flatMap(({ skill }) => (isSkill(skill, names) ? [] : [skill])),
  };
}
