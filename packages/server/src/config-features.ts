import { createHash } from 'node:crypto';
import { type FormDefinition, formSchema } from '@sveiki/protocol';
import type { Bot, CannedReplyInput, HooksInput, RouteHook, RoutingInput } from '@sveiki/sdk/config';
import * as v from 'valibot';
import type { BotConfig, Config, HandoffConfig, WebhookConfig } from './config-types.ts';
import type { CannedReplyContent } from './domain/canned-replies/reply.ts';
import { fromConfig } from './domain/canned-replies/seed.ts';
import { checkRouting } from './domain/routing/check-routing.ts';
import { checkForms, checkSurveys, type SurveySettings, surveyRule } from './domain/surveys/rule.ts';
import { isWebhookName } from './webhooks/payload.ts';

/**
 * The parts of a configuration that say how customers are served: teams, routing, replies, forms, surveys, bots, hooks. Here is their shape; what
 * they mean is checked by the domain they belong to.
 */

type Problem = { path: string; reason: string; fix: string };

export const text = (max: number) =>
  v.pipe(v.string(), v.trim(), v.minLength(1, 'is empty.'), v.maxLength(max, `has more than ${max} characters.`));
export const wholeNumber = (min: number, max: number) =>
  v.pipe(
    v.number(),
    v.safeInteger('is not a whole number.'),
    v.minValue(min, `is below ${min}.|Use ${min} to ${max}.`),
    v.maxValue(max, `is above ${max}.|Use ${min} to ${max}.`),
  );
export const id = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'is not an id.|Use 1-64 small letters, digits, "-" and "_".'),
);
/**
 * Secrets can stay out of the file: `{ "env": "NAME" }` takes the value of an environment variable, or of the file that `NAME_FILE` names, and
 * `{ "file": "path" }` what is in a file.
 */
export const secret = v.union(
  [
    v.pipe(v.string(), v.minLength(1, 'is empty.')),
    v.strictObject({ env: v.string() }),
    v.strictObject({ file: v.pipe(v.string(), v.minLength(1, 'is empty.')) }),
  ],
  'is neither a text nor { "env": "NAME" } nor { "file": "path" }.',
);
export type Secret = v.InferOutput<typeof secret>;
const code = <F>(what: string) =>
  v.custom<F>((value) => typeof value === 'function', `is not a function.|Write ${what} as a function.`);
const optional = v.exactOptional;

const span = v.tuple([v.string(), v.string()]);
const days = Object.fromEntries(['1', '2', '3', '4', '5', '6', '7'].map((day) => [day, optional(v.array(span))]));
export const schedule = v.strictObject({
  timeZone: v.string(),
  week: v.strictObject(days),
  dates: optional(v.record(v.string(), v.array(span))),
});

const level = v.picklist([1, 2, 3, 4, 5], 'is not a level.|Use 1 (a little) to 5 (as good as anybody).');
const skillNeed = v.strictObject({ skill: v.string(), level: optional(level), required: optional(v.boolean()) });
const relaxStep = v.strictObject({ afterMs: v.number(), drop: v.array(v.string()) });
const team = v.strictObject({
  id,
  name: text(200),
  strategy: optional(v.string(), 'manual'),
  schedule: optional(v.string()),
  mode: optional(v.picklist(['assign', 'offer'])),
  offerMs: optional(v.number()),
  ageingMs: optional(v.number()),
  sticky: optional(v.strictObject({ maxWaitMs: v.number() })),
  skills: optional(v.array(skillNeed)),
  relax: optional(v.array(relaxStep)),
  language: optional(v.picklist(['required', 'preferred', 'ignored'])),
  shares: optional(v.record(v.string(), v.number())),
  order: optional(v.array(v.string())),
  shiftGuardMs: optional(v.number()),
  peak: optional(v.strictObject({ waiting: v.number(), extra: v.number() })),
  overflow: optional(v.strictObject({ team: v.string(), afterMs: v.number() })),
});
const agent = v.strictObject({
  id: text(64),
  teams: v.array(v.string()),
  capacity: v.number(),
  skills: optional(v.record(v.string(), level)),
  shifts: optional(v.array(v.string())),
});
const routing = v.strictObject({
  rules: optional(v.array(v.strictObject({ when: v.record(v.string(), v.unknown()), decide: v.unknown() }))),
  route: optional(
    v.union(
      [code<RouteHook>('it'), v.strictObject({ url: v.pipe(v.string(), v.url()), secret })],
      'is neither a function nor { "url", "secret" }.',
    ),
  ),
  deadlineMs: optional(v.number()),
  fallback: optional(v.unknown()),
  weights: optional(v.array(v.strictObject({ when: v.record(v.string(), v.unknown()), weight: v.number() }))),
});
const survey = v.strictObject({
  id,
  kind: v.picklist(['csat', 'nps', 'ces', 'custom']),
  form: optional(v.string()),
  when: v.strictObject({
    on: v.picklist(['resolve', 'transfer']),
    sample: optional(v.number()),
    quietDays: optional(v.number()),
    teams: optional(v.array(v.string())),
    sites: optional(v.array(v.string())),
  }),
  editWindowMs: optional(v.number()),
  expiresMs: optional(v.number()),
});
const bot = v.union(
  [
    v.strictObject({
      id,
      name: text(200),
      deadlineMs: optional(v.pipe(v.number(), v.minValue(100), v.maxValue(600_000))),
      greet: optional(code<NonNullable<Bot['greet']>>('"greet"')),
      onMessage: code<Bot['onMessage']>('"onMessage"'),
      draft: optional(code<NonNullable<Bot['draft']>>('"draft"')),
    }),
    v.strictObject({
      ...{ id, name: text(200), drafts: optional(v.boolean()) },
      token: v.union([secret, v.pipe(v.array(secret), v.minLength(1), v.maxLength(3))]),
    }),
  ],
  'is neither code ({ id, name, onMessage }) nor a bot elsewhere ({ id, name, token }).|Give it one of the two.',
);
const handoff = v.strictObject({
  team: optional(v.string()),
  timeoutMs: optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1_000), v.maxValue(86_400_000))),
  onFailure: optional(v.picklist(['queue', 'bot'])),
  offerAfter: optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(20))),
});
const webhook = v.strictObject({
  url: v.pipe(v.string(), v.url('is not a web address.|Write it like "https://crm.example.com/sveiki".')),
  secret: v.union([secret, v.pipe(v.array(secret), v.minLength(1), v.maxLength(3))]),
  events: optional(v.array(v.string())),
});
const hook = v.strictObject({
  name: text(100),
  on: v.pipe(v.array(v.string()), v.minLength(1, 'is empty.|Name the kinds of events it is told.')),
  run: code('"run"'),
  deadlineMs: optional(v.pipe(v.number(), v.minValue(1), v.maxValue(600_000))),
  onFailure: optional(v.picklist(['skip', 'retry'])),
});
const decision = v.strictObject({
  run: code('"run"'),
  deadlineMs: optional(v.pipe(v.number(), v.minValue(1), v.maxValue(10_000))),
});
const cannedReply = v.looseObject({
  id: v.string(),
  shortcut: v.string(),
  title: v.string(),
  body: v.record(v.string(), v.string()),
});

/** The settings of this file, as they stand in the configuration. */
export const featureSettings = {
  teams: v.pipe(v.array(team), v.minLength(1, 'is empty.|Add the team that answers.')),
  agents: optional(v.array(agent)),
  schedules: optional(v.record(id, schedule), {}),
  skills: optional(v.array(id), []),
  routing: optional(routing, {}),
  forms: optional(v.array(formSchema), []),
  surveys: optional(v.array(survey), []),
  cannedReplies: optional(v.array(cannedReply), []),
  bots: optional(v.array(bot), []),
  handoff: optional(handoff, {}),
  webhooks: optional(v.array(webhook), []),
  hooks: optional(
    v.strictObject({
      events: optional(v.array(hook)),
      cannedReplies: optional(decision),
      checkAnswers: optional(decision),
    }),
    {},
  ),
};
const featuresSchema = v.strictObject(featureSettings);
type Features = v.InferOutput<typeof featuresSchema>;

type FeatureConfig = Pick<
  Config,
  | 'teams'
  | 'agents'
  | 'schedules'
  | 'routing'
  | 'forms'
  | 'surveys'
  | 'cannedReplies'
  | 'bots'
  | 'handoff'
  | 'webhooks'
  | 'hooks'
>;

/** Fills in the defaults, and names what cannot work together. `reveal` gives the value of a secret. */
export function finishFeatures(
  input: Features,
  sites: readonly { key: string; team: string; schedule?: unknown; bot?: string; preChat?: string; offline?: string }[],
  reveal: (value: Secret, path: string) => string,
  problems: Problem[],
): FeatureConfig {
  /** The domain says both in one: the first sentence is what is wrong, the rest is the way out. */
  const add = ({ path, message }: { path: string; message: string }) => {
    const [, reason = message, fix = ''] = /^(.*?[.!])\s+(.*)$/s.exec(message) ?? [];
    problems.push({ path, reason, fix });
  };
  const known = (path: string, what: string, name: string | undefined, names: readonly string[]) => {
    if (name === undefined || names.includes(name)) return;
    const list =
      names.length === 0
        ? `Add it to "${what}s".`
        : `Use one of ${names.map(quoted).join(', ')}, or add it to "${what}s".`;
    problems.push({ path, reason: `There is no ${what} ${quoted(name)}.`, fix: list });
  };
  const forms = input.forms as FormDefinition[];
  const formsById = new Map(forms.map((form) => [form.id, form]));
  const teamIds = input.teams.map((one) => one.id);
  const botIds = input.bots.map((one) => one.id);
  const siteKeys = sites.map(({ key }) => key);
  const teams = input.teams as Config['teams'];
  const schedules = input.schedules as Config['schedules'];
  const { route, ...rules } = input.routing;
  const plainRouting = { ...rules, skills: input.skills } as RoutingInput;

  for (const problem of checkRouting({
    teams,
    ...(input.agents === undefined ? {} : { agents: input.agents as NonNullable<Config['agents']> }),
    schedules,
    routing: plainRouting,
    bots: botIds,
    sites: siteKeys,
  }))
    add(problem);
  for (const problem of checkForms(forms)) add(problem);
  const surveys = input.surveys as SurveySettings[];
  const surveyProblems = checkSurveys(surveys, {
    forms: formsById,
    teams: new Set(teamIds),
    sites: new Set(siteKeys),
  });
  for (const problem of surveyProblems) add(problem);

  sites.forEach((site, i) => {
    if (typeof site.schedule === 'string')
      known(`sites[${i}].schedule`, 'schedule', site.schedule, Object.keys(schedules));
    known(`sites[${i}].bot`, 'bot', site.bot, botIds);
    known(`sites[${i}].preChat`, 'form', site.preChat, [...formsById.keys()]);
    known(`sites[${i}].offline`, 'form', site.offline, [...formsById.keys()]);
  });
  known('handoff.team', 'team', input.handoff.team, teamIds);
  botIds.forEach((name, i) => {
    if (botIds.indexOf(name) < i || input.agents?.some((one) => one.id === name))
      problems.push({
        path: `bots[${i}].id`,
        reason: `${quoted(name)} is the id of somebody else.`,
        fix: 'Give each bot and agent an id of its own.',
      });
  });
  // How far each of them is stands in the store by its name: two with one name would share their place.
  const mustDiffer = (path: (i: number) => string, values: readonly string[], fix: string): void =>
    values.forEach((value, i) => {
      if (values.indexOf(value) < i) problems.push({ path: path(i), reason: `${quoted(value)} is there twice.`, fix });
    });
  const hookNames = (input.hooks.events ?? []).map(({ name }) => name);
  mustDiffer((i) => `hooks.events[${i}].name`, hookNames, 'Give each hook a name of its own.');
  const urls = input.webhooks.map(({ url }) => url);
  mustDiffer((i) => `webhooks[${i}].url`, urls, 'Put the names of its events into one webhook.');

  return {
    teams,
    agents: (input.agents as NonNullable<Config['agents']> | undefined) ?? null,
    schedules,
    routing: {
      ...plainRouting,
      ...(route === undefined
        ? {}
        : {
            route:
              typeof route === 'function'
                ? route
                : { url: route.url, secret: reveal(route.secret, 'routing.route.secret') },
          }),
    },
    forms,
    surveys: surveyProblems.length > 0 ? [] : surveys.map((one) => surveyRule(one, formsById)),
    cannedReplies: repliesOf(input.cannedReplies as unknown as CannedReplyInput[], teamIds, problems),
    bots: input.bots.map((one, i): BotConfig => {
      const { id: name } = one;
      if ('onMessage' in one)
        return { id: name, name: one.name, drafts: one.draft !== undefined, code: one as Bot, tokenHash: null };
      const written = Array.isArray(one.token) ? one.token : [one.token];
      const hashes = written.map((value, k) => {
        const path = Array.isArray(one.token) ? `bots[${i}].token[${k}]` : `bots[${i}].token`;
        const token = reveal(value, path);
        if (token !== '' && token.length < 32)
          problems.push({
            path,
            reason: 'It has fewer than 32 characters.',
            fix: 'Make a random one, for example with "openssl rand -hex 24".',
          });
        return createHash('sha256').update(token).digest('base64url');
      });
      const [tokenHash = null, ...otherTokenHashes] = hashes;
      return { id: name, name: one.name, drafts: one.drafts === true, code: null, tokenHash, otherTokenHashes };
    }),
    handoff: {
      team: input.handoff.team ?? null,
      timeoutMs: input.handoff.timeoutMs ?? 300_000,
      onFailure: input.handoff.onFailure ?? 'queue',
      offerAfter: input.handoff.offerAfter ?? 3,
    } satisfies HandoffConfig,
    webhooks: input.webhooks.map((one, i): WebhookConfig => {
      const secrets = Array.isArray(one.secret) ? one.secret : [one.secret];
      for (const name of (one.events ?? []).filter((name) => !isWebhookName(name)))
        problems.push({
          path: `webhooks[${i}].events`,
          reason: `Nothing is called ${quoted(name)}.`,
          fix: 'Use a name such as "message.created", or "conversation.*" for all that begin so.',
        });
      return {
        url: one.url,
        secrets: secrets.map((value, k) =>
          webhookSecret(reveal(value, `webhooks[${i}].secret`), `webhooks[${i}].secret[${k}]`, problems),
        ),
        events: one.events ?? null,
      };
    }),
    hooks: input.hooks as HooksInput,
  };
}

/** Standard Webhooks: `whsec_` and the base64 of 24 to 64 bytes. */
function webhookSecret(value: string, path: string, problems: Problem[]): string {
  const bytes = /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(value) ? Buffer.from(value.slice(6), 'base64').length : 0;
  if (value !== '' && (bytes < 24 || bytes > 64))
    problems.push({
      path,
      reason: 'It is not a webhook secret.',
      fix: 'Write "whsec_" and the base64 of 24 to 64 random bytes ("openssl rand -base64 32").',
    });
  return value;
}

function repliesOf(
  inputs: readonly CannedReplyInput[],
  teams: readonly string[],
  problems: Problem[],
): CannedReplyContent[] {
  const replies: CannedReplyContent[] = [];
  inputs.forEach((one, i) => {
    const read = fromConfig(one);
    if (!read.ok) {
      for (const { path, problem, fix } of read.problems)
        problems.push({ path: `cannedReplies[${i}].${path}`, reason: problem, fix });
      return;
    }
    const { scope, shortcut } = read.reply;
    if (scope.kind === 'team' && !teams.includes(scope.team))
      problems.push({
        path: `cannedReplies[${i}].scope.team`,
        reason: `There is no team ${quoted(scope.team)}.`,
        fix: `Use one of ${teams.map(quoted).join(', ')}.`,
      });
    if (replies.some((other) => other.id === read.reply.id))
      problems.push({
        path: `cannedReplies[${i}].id`,
        reason: `The id ${quoted(read.reply.id)} is there twice.`,
        fix: 'Give one of them another.',
      });
    if (replies.some((other) => other.shortcut === shortcut && JSON.stringify(other.scope) === JSON.stringify(scope)))
      problems.push({
        path: `cannedReplies[${i}].shortcut`,
        reason: `The shortcut ${quoted(shortcut)} is there twice.`,
        fix: 'Give one of them another.',
      });
    replies.push(read.reply);
  });
  return replies;
}

const quoted = (value: string): string => JSON.stringify(value);
