import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { ConfigOverview, ErrorCode, HookFailure } from '@sveiki/protocol';
import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { requestAddress } from '../../audit/audit.ts';
import type { AuditDesk } from '../../audit/desk.ts';
import { CANNED_FILE_LIMITS } from '../../canned-files/read-replies.ts';
import { may } from '../../domain/access.ts';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import type { Files } from '../../files/files.ts';
import type { Overrides } from '../../overrides/overrides.ts';
import type { PersonArchive, PersonalData } from '../../personal-data/personal-data.ts';
import type { AgentPrincipal, Clock, RateLimiter } from '../../ports.ts';
import { StorageFull } from '../../ports.ts';
import type { Replies } from '../../replies/replies.ts';
import type { SpamDesk } from '../../spam/desk.ts';
import type { SurveyReports } from '../../surveys/results.ts';
import { mustBeJson, readJson } from './body.ts';
import { DESK_FILE_BODIES } from './files-door.ts';
import { sendArchive } from './people-door.ts';
import { Refused } from './problem.ts';

/** What the desk asks over HTTP beside its line. */
export interface DeskData {
  replies: Replies;
  surveys: SurveyReports;
  /** A link to a question of a conversation. */
  surveyLink(
    conversation: string,
    ask: string,
    agent: AgentPrincipal['agent'],
  ): Promise<Refusal | { url: string; expiresAt: number }>;
  hookFailures(): readonly HookFailure[];
  /** Schedules and when surveys are asked, as people change them. */
  overrides: Overrides;
  overview(agent: AgentPrincipal['agent']): ConfigOverview;
  audit: AuditDesk;
  spam: SpamDesk;
}

const MAX_BODY_BYTES = 256_000;
const DEFAULT_HITS = 20;
const MAX_HITS = 50;
const MAX_QUERY_CHARS = 1_000;
const STATUS: Partial<Record<ErrorCode, number>> = {
  'not-found': 404,
  forbidden: 403,
  'not-owner': 403,
  'no-such-file': 404,
  'too-large': 413,
  'no-such-question': 404,
  'too-late': 410,
  'bad-frame': 422,
  'rate-limited': 429,
  'storage-full': 507,
  unavailable: 503,
};

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(80));
const word = (max: number) => v.pipe(v.string(), v.maxLength(max));
const instant = v.pipe(v.number(), v.safeInteger());
const optional = v.exactOptional;
const texts = (max: number) => v.record(word(40), word(max));
const kind = v.picklist(['csv', 'json']);
const scope = v.variant('kind', [
  v.strictObject({ kind: v.literal('me') }),
  v.strictObject({ kind: v.literal('site') }),
  v.strictObject({ kind: v.literal('team'), team: id }),
]);
const period = { since: optional(instant), until: optional(instant) };

const variable = v.strictObject({
  name: word(200),
  source: optional(word(200)),
  ask: optional(word(1_000)),
  default: optional(word(1_000)),
  required: optional(v.boolean()),
});
/** Only as much as keeps it bounded: what is wrong beyond that is said field by field, see `checkReply`. */
const reply = v.strictObject({
  id: optional(id),
  shortcut: word(200),
  title: word(1_000),
  body: texts(20_000),
  variables: optional(v.pipe(v.array(variable), v.maxLength(100))),
  scope,
  attachments: optional(v.pipe(v.array(word(200)), v.maxLength(100))),
  validFrom: optional(v.number()),
  validUntil: optional(v.number()),
  owner: optional(id),
  reviewBy: optional(v.number()),
  tags: optional(v.pipe(v.array(word(200)), v.maxLength(100))),
});

const openings = v.pipe(v.array(v.strictTuple([word(20), word(20)])), v.maxLength(48));
/** As with replies: what is wrong in it is said field by field, see `checkSchedule`. */
const hours = v.strictObject({
  timeZone: word(200),
  week: v.record(word(20), openings),
  dates: optional(v.pipe(v.record(word(20), openings), v.maxEntries(1_000))),
});
const ids = v.nullable(v.pipe(v.array(id), v.maxLength(1_000)));
const settings = v.strictObject({
  enabled: optional(v.boolean()),
  on: optional(v.picklist(['resolve', 'transfer'])),
  sample: optional(v.number()),
  quietDays: optional(v.number()),
  teams: optional(ids),
  sites: optional(ids),
  editWindowMs: optional(v.number()),
  expiresMs: optional(v.number()),
});

/** A minute to ten years. */
const blockFor = v.pipe(instant, v.minValue(60_000), v.maxValue(315_360_000_000));

/** Each question, its body and who may ask it, in one table. `results`: whoever may see how surveys and routing do. */
export const BODIES = {
  'replies/search': v.strictObject({
    query: word(MAX_QUERY_CHARS),
    conversation: id,
    limit: optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_HITS))),
  }),
  'replies/render': v.strictObject({ id, conversation: id, values: v.record(word(200), word(10_000)) }),
  'replies/list': v.strictObject({
    cursor: optional(word(400)),
    tag: optional(word(200)),
    scope: optional(v.union([v.picklist(['me', 'site']), v.strictObject({ team: id })])),
  }),
  'replies/save': v.strictObject({ reply }),
  'replies/remove': v.strictObject({ id }),
  'replies/import': v.strictObject({ text: v.string(), kind }),
  'replies/export': v.strictObject({ kind }),
  'replies/used': v.strictObject({ id, conversation: id }),
  'surveys/list': v.strictObject(period),
  'surveys/answers': v.strictObject({
    ...{ id, ...period },
    score: optional(v.pipe(v.number(), v.finite())),
    field: optional(word(80)),
    agent: optional(id),
    team: optional(id),
    series: optional(v.picklist(['human', 'bot', 'none'])),
    state: optional(v.picklist(['counted', 'late', 'unanswered'])),
    cursor: optional(word(120)),
  }),
  'surveys/link': v.strictObject({ conversation: id, ask: id }),
  'schedules/list': v.strictObject({}),
  'schedules/save': v.strictObject({ id: word(200), hours, revision: v.nullable(id) }),
  'schedules/reset': v.strictObject({ id, revision: id }),
  'surveys/configure': v.strictObject({ id, settings, revision: v.nullable(id) }),
  'surveys/reset': v.strictObject({ id, revision: id }),
  'hooks/failures': v.strictObject({}),
  'spam/mark': v.strictObject({
    conversation: id,
    ownership: v.pipe(v.number(), v.safeInteger()),
    block: optional(v.strictObject({ forMs: blockFor, address: v.boolean() })),
  }),
  'spam/undo': v.strictObject({ conversation: id }),
  'spam/list': v.strictObject({}),
  'spam/block': v.strictObject({
    network: word(80),
    reason: v.pipe(v.string(), v.trim(), v.maxLength(200)),
    forMs: v.nullable(blockFor),
  }),
  'spam/unblock': v.strictObject({ id }),
  ...DESK_FILE_BODIES,
  'audit/list': v.strictObject({
    ...period,
    agent: optional(id),
    person: optional(id),
    action: optional(word(80)),
    cursor: optional(word(40)),
  }),
  'people/find': v.strictObject({ text: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(254)) }),
  'people/export': v.strictObject({ id, all: v.boolean() }),
  'people/erase': v.strictObject({
    id,
    reason: v.picklist(['asked-by-person', 'consent-withdrawn', 'no-longer-needed', 'unlawful', 'other']),
  }),
  'people/erasures': v.strictObject({ before: optional(id) }),
  'people/receipt': v.strictObject({ id }),
  'retention/preview': v.strictObject({}),
  config: v.strictObject({}),
} as const;
type Path = keyof typeof BODIES;
type Body<P extends Path> = v.InferOutput<(typeof BODIES)[P]>;
type ScheduleBody = Parameters<Overrides['saveSchedule']>[0];

/** What only those may ask who see how the service does. */
export const FOR_RESULTS: readonly Path[] = ['surveys/list', 'surveys/answers', 'hooks/failures'];

/** What only those may ask who answer for what is kept about people. */
const FOR_PEOPLE: readonly Path[] = [
  ...(['people/find', 'people/export', 'people/erase', 'people/erasures', 'people/receipt'] as const),
  'retention/preview',
];

type App = { Bindings: HttpBindings };

/**
 * Canned replies, results of surveys, what leads change of the configuration, and how the relay does, for the desk: `POST`, JSON both ways. Everything here is asked by a page of the desk with
 * the session of an agent; bots have no business here.
 */
export function createDeskData(parts: {
  data: () => DeskData;
  files: () => Files;
  people: () => PersonalData;
  mustBeOwnPage: (env: HttpBindings) => void;
  mustBeAgent: (request: HttpBindings['incoming']) => Promise<AgentPrincipal>;
  addressOf: (request: HttpBindings['incoming']) => string;
  limiter: RateLimiter;
  clock: Clock;
}): Hono<App> {
  const { mustBeOwnPage, mustBeAgent, addressOf, limiter, clock } = parts;
  const api = new Hono<App>();
  api.use(async (c, next) => {
    await next();
    if (c.env.outgoing.headersSent) return;
    c.header('cache-control', 'no-store');
    c.header('x-content-type-options', 'nosniff');
  });

  function answer<P extends Path>(
    path: P,
    ask: (body: Body<P>, agent: AgentPrincipal['agent'], data: DeskData) => Promise<object | null> | object | null,
    maxBytes = MAX_BODY_BYTES,
  ): void {
    api.post(`/${path}`, async (c: Context<App>) => {
      const { incoming } = c.env;
      mustBeOwnPage(c.env);
      mustBeJson(incoming);
      const { agent } = await mustBeAgent(incoming);
      const isAllowed =
        agent.role !== 'bot' &&
        (!FOR_RESULTS.includes(path) || may(agent.role, 'see-results')) &&
        (!FOR_PEOPLE.includes(path) || may(agent.role, 'manage-people'));
      if (!isAllowed) throw new Refused(403, 'forbidden');
      const retryAfterMs =
        limiter.take('frame', `desk-data ${agent.id}`) ||
        (path === 'people/export' ? limiter.take('export', agent.id) : 0);
      if (retryAfterMs > 0) throw new Refused(429, 'rate-limited', { retryAfterMs });
      const read = v.safeParse(BODIES[path], await readJson(incoming, maxBytes, clock), { abortEarly: true });
      if (!read.success)
        throw new Refused(422, 'bad-frame', { detail: `"${v.getDotPath(read.issues[0]) ?? ''}" is not right.` });
      const answered = requestAddress.run(addressOf(incoming), async () =>
        ask(read.output as Body<P>, agent, parts.data()),
      );
      const result = await answered.catch((error: unknown) => {
        if (error instanceof StorageFull) throw new Refused(507, 'storage-full', { retryAfterMs: 1_000 });
        throw error;
      });
      if (result === null) return c.body(null, 204);
      if (isRefusal(result))
        throw new Refused(
          STATUS[result.refused] ?? 409,
          result.refused,
          result.message === undefined ? {} : { detail: result.message },
        );
      if (!isArchive(result)) return c.json(result);
      await sendArchive(c.env.outgoing, result);
      return RESPONSE_ALREADY_SENT;
    });
  }

  answer('replies/search', async ({ query, conversation, limit = DEFAULT_HITS }, agent, { replies }) => {
    const hits = await replies.search(query, { agent, conversation, limit });
    return isRefusal(hits) ? hits : { hits };
  });
  answer('replies/render', (body, agent, { replies }) => {
    const { conversation, values } = body;
    return replies.render(body.id, { agent, conversation, values });
  });
  answer('replies/list', (query, agent, { replies }) => replies.list(query, agent));
  answer('replies/save', (body, agent, { replies }) => replies.save(body.reply, agent));
  answer('replies/remove', async (body, agent, { replies }) => (await replies.remove(body.id, agent)) ?? {});
  answer(
    'replies/import',
    ({ text, kind }, agent, { replies }) => replies.importFile(text, kind, agent),
    // JSON writes some characters longer than they are.
    2 * CANNED_FILE_LIMITS.maxBytes,
  );
  answer('replies/export', async ({ kind }, agent, { replies }) => ({
    text: await replies.exportFile(kind, agent),
  }));
  answer(
    'replies/used',
    async ({ id, conversation }, agent, { replies }) => (await replies.used(id, conversation, agent)) ?? {},
  );
  answer('surveys/list', async (period, _agent, { surveys }) => ({ surveys: await surveys.list(period) }));
  answer('surveys/answers', ({ id, ...query }, agent, { surveys }) => surveys.answers(id, query, agent.id));
  answer('surveys/link', ({ conversation, ask }, agent, data) => data.surveyLink(conversation, ask, agent));
  answer('hooks/failures', (_body, _agent, data) => ({ failures: data.hookFailures() }));
  answer('schedules/list', (_body, agent, { overrides }) => ({ schedules: overrides.schedules(agent) }));
  answer('schedules/save', (body, agent, { overrides }) => overrides.saveSchedule(body as ScheduleBody, agent));
  answer('schedules/reset', (body, agent, { overrides }) => overrides.resetSchedule(body, agent));
  answer('surveys/configure', (body, agent, { overrides }) => overrides.configureSurvey(body, agent));
  answer('surveys/reset', (body, agent, { overrides }) => overrides.resetSurvey(body, agent));
  answer('spam/mark', (body, agent, { spam }) => spam.mark(body, agent));
  answer('spam/undo', (body, agent, { spam }) => spam.undo(body, agent));
  answer('spam/list', (_body, agent, { spam }) => spam.list(agent));
  answer('spam/block', (body, agent, { spam }) => spam.block(body, agent));
  answer('spam/unblock', (body, agent, { spam }) => spam.unblock(body, agent));
  answer('files/create', (said, agent) => parts.files().create({ kind: 'agent', agent }, said));
  answer('files/offset', (said, agent) => parts.files().offset({ kind: 'agent', agent }, said.id));
  answer('files/discard', (said, agent) => parts.files().discard({ kind: 'agent', agent }, said.id));
  answer('files/link', (said, agent) => parts.files().link({ kind: 'agent', agent }, said.id));
  answer('audit/list', (query, agent, { audit }) => audit.list(query, agent));
  answer('people/find', async ({ text }, agent) => ({ people: await parts.people().find(text, agent) }));
  answer('people/export', ({ id, all }, agent) => parts.people().archive(id, all, agent));
  answer('people/erase', ({ id, reason }, agent) => parts.people().erase(id, reason, agent));
  answer('people/erasures', ({ before }) => parts.people().erasures(before));
  answer('people/receipt', ({ id }) => parts.people().receipt(id));
  answer('retention/preview', async () => ({ rules: await parts.people().retention.preview() }));
  answer('config', (_body, agent, data) => data.overview(agent));
  return api;
}

const isArchive = (result: object): result is PersonArchive => 'bytes' in result && 'name' in result;
