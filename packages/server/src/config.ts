import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, extname, isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';
import { importIdentityKey } from './auth/identity.ts';
import { featureSettings, finishFeatures, id, type Secret, secret, text, wholeNumber } from './config-features.ts';
import { privacyConfig, privacySettings } from './config-privacy.ts';
import type { Config, SiteConfig } from './config-types.ts';
import { consentConfig, consentSettings } from './consent/config.ts';
import { filesConfig, filesSettings } from './files/settings.ts';
import { retentionProblems } from './retention/rules.ts';
import { keySourceIn, secretOf } from './secrets/configured.ts';
import { contactSettings, spamRules, spamSettings } from './spam/config.ts';

export const DEFAULT_PORT = 4310;
const DEFAULT_FILES = ['sveiki.config.ts', 'sveiki.config.mjs', 'sveiki.config.js', 'sveiki.config.json'];
const DEFAULT_FILE = 'sveiki.config.ts';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** One thing that is wrong with the configuration: where, what, and how to put it right. */
export interface ConfigProblem {
  path: string;
  reason: string;
  fix: string;
}

/** The configuration cannot be used. The command line prints it and exits with 78. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];
  constructor(source: string, problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super(
      [
        `${source} has ${count}:`,
        ...problems.map((p) => `  ${p.path === '' ? '' : `${p.path}: `}${p.reason} ${p.fix}`),
      ].join('\n'),
    );
    this.problems = problems;
  }
}

// ------------------------------------------------------------------------------------------------------------------ shape

const wallTime = v.pipe(
  v.string(),
  v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'is not a time of day.|Write it like "09:00"; "24:00" may close.'),
);
const spans = v.pipe(
  v.array(
    v.pipe(
      v.tuple([wallTime, wallTime]),
      v.check(([open]) => open !== '24:00', 'opens at "24:00".|Begin it on the next day at "00:00".'),
      v.check(
        ([open, close]) => open !== close,
        'opens and closes at the same time.|Leave it out, or use ["00:00", "24:00"] for the whole day.',
      ),
    ),
  ),
  v.check((list) => !overlaps(list), 'has spans that overlap.|Join them to one.'),
);
const schedule = v.strictObject({
  timeZone: v.pipe(v.string(), v.check(isTimeZone, 'is not a time zone.|Use a name like "Europe/Riga".')),
  week: v.strictObject(
    Object.fromEntries(['1', '2', '3', '4', '5', '6', '7'].map((day) => [day, v.exactOptional(spans)])),
  ),
  dates: v.exactOptional(
    v.record(v.pipe(v.string(), v.check(isDate, 'is not a date.|Write it like "2026-12-24".')), spans),
  ),
});
const identity = v.strictObject({
  keys: v.pipe(
    v.array(v.strictObject({ id: text(64), algorithm: v.picklist(['HS256', 'EdDSA']), key: secret })),
    v.minLength(1, 'is empty.|Add the key that your server signs with, or leave "identity" out.'),
  ),
  audience: text(200),
  required: v.exactOptional(v.boolean(), false),
});
const site = v.strictObject({
  key: v.pipe(
    v.string(),
    v.regex(/^pk_[A-Za-z0-9_-]{8,56}$/, 'is not a site key.|Use "pk_" and 8-56 letters, digits, "-" and "_".'),
  ),
  name: text(200),
  origins: v.pipe(
    v.array(v.pipe(v.string(), v.rawCheck(checkOrigin))),
    v.minLength(1, 'is empty.|Add the origin of the page, like "https://shop.example.com".'),
  ),
  team: v.string(),
  /** By name, or in place. */
  schedule: v.exactOptional(v.lazy((input) => (typeof input === 'string' ? id : schedule))),
  bot: v.exactOptional(v.string()),
  preChat: v.exactOptional(v.string()),
  offline: v.exactOptional(v.string()),
  paused: v.exactOptional(v.boolean()),
  contact: v.exactOptional(contactSettings),
  spam: v.exactOptional(spamSettings),
  topics: v.exactOptional(
    v.pipe(v.array(text(80)), v.maxLength(3, 'has more than 3 topics.|Keep the three that people ask most.')),
  ),
  identity: v.exactOptional(identity),
  consent: v.exactOptional(consentSettings),
});

const fileSchema = v.strictObject({
  $schema: v.exactOptional(v.string()),
  host: v.exactOptional(text(255), '127.0.0.1'),
  port: v.exactOptional(wholeNumber(0, 65_535), DEFAULT_PORT),
  dataDir: v.exactOptional(text(4_096), 'data'),
  publicUrl: v.exactOptional(v.pipe(v.string(), v.rawCheck(checkPublicUrl))),
  logLevel: v.exactOptional(v.picklist(['debug', 'info', 'warn', 'error', 'silent']), 'info'),
  metricsToken: v.exactOptional(v.nullable(secret), null),
  secretKey: v.exactOptional(
    v.union(
      [v.strictObject({ env: v.string() }), v.strictObject({ file: text(4_096) })],
      'is neither { "env": "NAME" } nor { "file": "path" }.|Keep the key outside the configuration.',
    ),
  ),
  trustedProxies: v.exactOptional(
    v.array(
      v.pipe(v.string(), v.check(isAddressRange, 'is not an address or range.|Write it like "10.0.0.0/8" or "::1".')),
    ),
    [],
  ),
  sites: v.pipe(v.array(site), v.minLength(1, 'is empty.|Add the site that the widget is on.')),
  ...featureSettings,
  spam: v.exactOptional(spamSettings),
  wrapUpCodes: v.exactOptional(v.array(v.strictObject({ id, name: text(200) })), [{ id: 'done', name: 'Done' }]),
  privacy: v.exactOptional(privacySettings, {}),
  files: v.exactOptional(filesSettings, {}),
  agentGraceMs: v.exactOptional(wholeNumber(0, DAY), 30_000),
  reopenWindowMs: v.exactOptional(wholeNumber(0, 365 * DAY), 7 * DAY),
  visitorSessionMs: v.exactOptional(wholeNumber(MINUTE, 365 * DAY), 30 * DAY),
  agentSessionMs: v.exactOptional(wholeNumber(MINUTE, 30 * DAY), 12 * HOUR),
  agentIdleMs: v.exactOptional(wholeNumber(MINUTE, 30 * DAY), HOUR),
  allowPrivateAddresses: v.exactOptional(v.boolean(), false),
  rateFactor: v.exactOptional(
    v.pipe(v.number(), v.minValue(0.01, 'is below 0.01.'), v.maxValue(1_000_000, 'is above 1000000.')),
    1,
  ),
});
type FileConfig = v.InferOutput<typeof fileSchema>;

/** Settings that come from the environment and win over the file. */
const ENVIRONMENT: Record<string, { path: keyof FileConfig; read: (value: string) => unknown }> = {
  HOST: { path: 'host', read: String },
  PORT: { path: 'port', read: asNumber },
  SVEIKI_DATA_DIR: { path: 'dataDir', read: (value) => resolve(value) },
  SVEIKI_PUBLIC_URL: { path: 'publicUrl', read: String },
  SVEIKI_LOG_LEVEL: { path: 'logLevel', read: String },
  SVEIKI_METRICS_TOKEN: { path: 'metricsToken', read: String },
  SVEIKI_TRUSTED_PROXIES: { path: 'trustedProxies', read: (value) => value.split(',').map((part) => part.trim()) },
  SVEIKI_RATE_FACTOR: { path: 'rateFactor', read: asNumber },
};

export type Environment = Record<string, string | undefined>;

// ---------------------------------------------------------------------------------------------------------------- reading

/**
 * Reads one file (`sveiki.config.json`, or `SVEIKI_CONFIG`, or a module whose default export is the configuration) and the environment.
 * A relative `dataDir` begins in `folder`, else beside the file.
 * @throws ConfigError with every problem found: where, why, and what to do
 */
export async function loadConfig({
  file,
  env,
  folder,
}: {
  file?: string;
  env: Environment;
  folder?: string;
}): Promise<Config> {
  const path = configFile({ ...(file === undefined ? {} : { file }), env });
  return parseConfig(await readConfigFile(path), { env, source: path, folder: folder ?? dirname(path) });
}

/** The path of the configuration: as given, else `SVEIKI_CONFIG`, else the first that is there of `sveiki.config.ts`, `.mjs`, `.js` and `.json`. */
export function configFile({ file, env }: { file?: string; env: Environment }): string {
  const named = file ?? nonEmpty(env['SVEIKI_CONFIG']);
  return resolve(named ?? DEFAULT_FILES.find((name) => existsSync(name)) ?? DEFAULT_FILE);
}

async function readConfigFile(path: string): Promise<unknown> {
  try {
    if (extname(path) === '.json') return JSON.parse(readFileSync(path, 'utf8'));
    const module = (await import(pathToFileURL(path).href)) as { default?: unknown };
    if (module.default === undefined) {
      throw new ConfigError(path, [
        { path: '', reason: 'It has no default export.', fix: 'End it with "export default { … }".' },
      ]);
    }
    return module.default;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(path, [unreadable(path, error)]);
  }
}

function unreadable(path: string, error: unknown): ConfigProblem {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ERR_MODULE_NOT_FOUND') {
    return {
      path: '',
      reason: 'There is no such file.',
      fix: 'Make it, or name another one with --config or SVEIKI_CONFIG.',
    };
  }
  if (code === 'EISDIR') return { path: '', reason: 'It is a folder.', fix: 'Name the file in it.' };
  if (code === 'EACCES')
    return { path: '', reason: 'It may not be read.', fix: 'Give this user the right to read it.' };
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') {
    return {
      path: '',
      reason: `This Node reads no ${extname(path) || 'such'} files.`,
      fix: 'Use .json or .mjs, or a newer Node for .ts.',
    };
  }
  if (extname(path) === '.json')
    return {
      path: '',
      reason: `It is not JSON: ${message}.`,
      fix: 'Look for a missing or extra comma or quote there.',
    };
  return { path: '', reason: `It could not be run: ${message}.`, fix: 'Run it with node to see where.' };
}

/** As {@link loadConfig}, from an object. `folder` is where a relative `dataDir` begins. @throws ConfigError */
export async function parseConfig(
  input: unknown,
  {
    env = {},
    source = 'The configuration',
    folder = process.cwd(),
  }: { env?: Environment; source?: string; folder?: string } = {},
): Promise<Config> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new ConfigError(source, [
      { path: '', reason: 'It is not an object.', fix: 'Begin it with { and name "sites" and "teams" in it.' },
    ]);
  }
  const merged: Record<string, unknown> = { ...input };
  const fromEnvironment = new Map<string, string>();
  if (nonEmpty(env['SVEIKI_METRICS_TOKEN']) === undefined && nonEmpty(env['SVEIKI_METRICS_TOKEN_FILE']) !== undefined)
    merged['metricsToken'] = { env: 'SVEIKI_METRICS_TOKEN' };
  for (const [name, { path, read }] of Object.entries(ENVIRONMENT)) {
    const value = nonEmpty(env[name]);
    if (value === undefined) continue;
    merged[path] = read(value);
    fromEnvironment.set(path, name);
  }
  const parsed = v.safeParse(fileSchema, merged);
  if (!parsed.success)
    throw new ConfigError(
      source,
      parsed.issues.map((issue) => problemOf(issue, fromEnvironment)),
    );

  const problems: ConfigProblem[] = [];
  const config = finish(parsed.output, env, folder, problems);
  crossCheck(config, problems);
  await checkKeys(config.sites, problems);
  if (problems.length > 0) throw new ConfigError(source, problems);
  return config;
}

/** Puts the values in that are not in the file, and takes secrets out of the environment. */
function finish(input: FileConfig, env: Environment, folder: string, problems: ConfigProblem[]): Config {
  const {
    $schema: _,
    publicUrl,
    metricsToken,
    secretKey,
    teams,
    agents,
    schedules,
    skills,
    routing,
    forms,
    surveys,
    cannedReplies,
    bots,
    handoff,
    webhooks,
    hooks,
    privacy,
    files,
    spam,
    ...rest
  } = input;
  const features = { teams, schedules, skills, routing, forms, surveys, cannedReplies, bots, handoff, webhooks, hooks };
  const reveal = (value: Secret, path: string): string => {
    const { secret = '', problem } = secretOf(value, env, folder);
    if (problem !== undefined) problems.push({ path, ...problem });
    return secret;
  };
  const key = keySourceIn(secretKey, env, folder);
  if (key.problem !== undefined) problems.push({ path: 'secretKey', ...key.problem });
  const host = rest.host.includes(':') ? `[${rest.host}]` : rest.host;
  const reachable = ['0.0.0.0', '[::]'].includes(host) ? 'localhost' : host;
  return {
    ...rest,
    ...finishFeatures({ ...features, ...(agents === undefined ? {} : { agents }) }, rest.sites, reveal, problems),
    privacy: privacyConfig(privacy),
    files: filesConfig(files, reveal),
    version: versionOf(input),
    dataDir: isAbsolute(rest.dataDir) ? rest.dataDir : resolve(folder, rest.dataDir),
    publicUrl: publicUrl === undefined ? `http://${reachable}:${rest.port}` : new URL(publicUrl).origin,
    metricsToken: metricsToken === null ? null : reveal(metricsToken, 'metricsToken'),
    secretKey: key.source,
    sites: rest.sites.map((one, i): SiteConfig => {
      const { identity: signed, schedule: hours, consent: asked, ...plain } = one;
      return {
        ...plain,
        ...(asked === undefined ? {} : { consent: consentConfig(asked) }),
        spam: spamRules(spam, one.spam),
        ...(typeof hours === 'string' && schedules[hours] === undefined ? {} : scheduleOf(hours, schedules)),
        ...(signed === undefined
          ? {}
          : {
              identity: {
                ...signed,
                keys: signed.keys.map((key, k) => ({
                  ...key,
                  key: reveal(key.key, `sites[${i}].identity.keys[${k}].key`),
                })),
              },
            }),
      };
    }),
  };
}

type Hours = NonNullable<SiteConfig['schedule']>;

function scheduleOf(hours: unknown, schedules: FileConfig['schedules']): Pick<SiteConfig, 'schedule' | 'scheduleName'> {
  if (hours === undefined) return {};
  if (typeof hours !== 'string') return { schedule: hours as Hours };
  return { schedule: schedules[hours] as Hours, scheduleName: hours };
}

/** Says which configuration runs: the same file and the same code of its hooks have the same version. Secrets in it are hashed with everything else. */
function versionOf(input: FileConfig): string {
  const written = JSON.stringify(input, (_key, value: unknown) =>
    typeof value === 'function' ? String(value) : value,
  );
  return createHash('sha256').update(written).digest('hex').slice(0, 12);
}

// --------------------------------------------------------------------------------------------------------------- checking

function crossCheck(config: Config, problems: ConfigProblem[]): void {
  const unique = (path: string, values: readonly string[], what: string) => {
    values.forEach((value, i) => {
      if (values.indexOf(value) !== i) {
        problems.push({
          path: path.replace('*', String(i)),
          reason: `The ${what} ${quoted(value)} is there twice.`,
          fix: 'Give one of them another.',
        });
      }
    });
  };
  unique(
    'sites[*].key',
    config.sites.map(({ key }) => key),
    'key',
  );
  unique(
    'wrapUpCodes[*].id',
    config.wrapUpCodes.map((code) => code.id),
    'id',
  );
  config.sites.forEach(({ team, identity: signed }, i) => {
    if (!config.teams.some((one) => one.id === team)) {
      const names = config.teams.map((one) => quoted(one.id)).join(', ');
      problems.push({
        path: `sites[${i}].team`,
        reason: `There is no team ${quoted(team)}.`,
        fix: `Use one of ${names}, or add it to "teams".`,
      });
    }
    unique(`sites[${i}].identity.keys[*].id`, signed?.keys.map((key) => key.id) ?? [], 'key id');
  });
  problems.push(...retentionProblems(config));
  if (config.metricsToken !== null && config.metricsToken !== '' && config.metricsToken.length < 16) {
    problems.push({
      path: 'metricsToken',
      reason: 'It has fewer than 16 characters.',
      fix: 'Make a random one, for example with "openssl rand -hex 24".',
    });
  }
}

async function checkKeys(sites: readonly SiteConfig[], problems: ConfigProblem[]): Promise<void> {
  for (const [i, { identity: signed }] of sites.entries()) {
    for (const [k, key] of (signed?.keys ?? []).entries()) {
      if (key.key === '') continue; // told already
      try {
        await importIdentityKey(key);
      } catch (error) {
        const why = error instanceof Error && /^(has|is) /.test(error.message) ? error.message : 'is not a public key';
        const fix =
          key.algorithm === 'HS256'
            ? 'Make a random one, for example with "openssl rand -base64 48".'
            : 'Give the public key as PEM ("-----BEGIN PUBLIC KEY-----") or JWK.';
        problems.push({ path: `sites[${i}].identity.keys[${k}].key`, reason: `It ${why}.`, fix });
      }
    }
  }
}

/** `reason|fix` is how the schemas above write both into one message. */
function problemOf(issue: v.BaseIssue<unknown>, fromEnvironment: Map<string, string>): ConfigProblem {
  const keys = (issue.path ?? []).map((item) => item.key as string | number);
  const path = keys.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`)).join('');
  const variable = fromEnvironment.get(String(keys[0]));
  const where = variable === undefined ? path : `${variable} (${path})`;
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    return { path: where, reason: 'There is no such setting.', fix: 'Look at its spelling, or take it out.' };
  }
  if (issue.received === 'undefined')
    return { path: where, reason: 'It is missing.', fix: `Add it${expectedText(issue)}.` };
  const [reason = '', fix] = issue.message.split('|');
  if (/^(is|has|opens) /.test(reason)) {
    return { path: where, reason: `${shown(issue.input)} ${reason}`, fix: fix ?? 'Change it.' };
  }
  return { path: where, reason: `${shown(issue.input)} cannot be used.`, fix: `Use${expectedText(issue, '')}.` };
}

function expectedText(issue: v.BaseIssue<unknown>, before = ':'): string {
  const words: Record<string, string> = {
    string: 'a text',
    number: 'a number',
    boolean: 'true or false',
    Array: 'a list',
    Object: 'an object',
  };
  return issue.expected === null
    ? ''
    : `${before} ${words[issue.expected] ?? issue.expected.replaceAll(' | ', ' or ').replace(/^\((.*)\)$/, '$1')}`;
}

/** A value in a message; long ones are cut, and objects are not printed. */
function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (Array.isArray(value))
    return value.every((one) => typeof one === 'string') && value.length > 0 ? JSON.stringify(value) : 'The list';
  return typeof value === 'object' && value !== null ? 'The object' : String(value);
}

const quoted = (value: string): string => JSON.stringify(value);
const nonEmpty = (value: string | undefined): string | undefined =>
  value === undefined || value.trim() === '' ? undefined : value.trim();

/** Numbers are written in digits only; anything else stays a text, and is refused as one. */
function asNumber(value: string): unknown {
  return /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

/** The origin that `value` is, written exactly as browsers send it; null when it is none. */
export function originOf(value: string): string | null {
  if (!/^https?:\/\/[^\s/?#@\\*]+$/.test(value)) return null;
  return URL.canParse(value) && new URL(value).origin === value ? value : null;
}

function checkOrigin({ dataset, addIssue }: v.RawCheckContext<string>): void {
  if (!dataset.typed || originOf(dataset.value) !== null) return;
  // Port 0 stands for the port that the machine gives.
  const better = URL.canParse(dataset.value) ? new URL(dataset.value) : null;
  const isWeb = better !== null && /^https?:$/.test(better.protocol) && !dataset.value.includes('*');
  addIssue({
    message: `is not an origin.|${isWeb ? `Write ${quoted(better.origin)}.` : 'Write scheme, host and port only, like "https://shop.example.com"; "*" is not possible.'}`,
  });
}

function checkPublicUrl({ dataset, addIssue }: v.RawCheckContext<string>): void {
  if (!dataset.typed) return;
  const url = URL.canParse(dataset.value) ? new URL(dataset.value) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    addIssue({ message: 'is not a web address.|Write it like "https://chat.example.com".' });
  } else if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') {
    addIssue({ message: `has more than an origin.|The relay needs a host of its own: write ${quoted(url.origin)}.` });
  }
}

function isTimeZone(value: string): boolean {
  try {
    return (
      /^[A-Z][\w+-]*(\/[\w+-]+)*$/.test(value) && new Intl.DateTimeFormat('en', { timeZone: value }).format(0) !== ''
    );
  } catch {
    return false;
  }
}

function isDate(value: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value);
  if (match === null) return false;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}

export function isAddressRange(value: string): boolean {
  const [address = '', bits, ...more] = value.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** Spans past midnight (`close <= open`) reach into the next day; here they end with their own. */
function overlaps(list: readonly (readonly [string, string])[]): boolean {
  const sorted = list
    .map(([open, close]) => ({ open, close: close <= open ? '24:00' : close }))
    .sort((a, b) => (a.open < b.open ? -1 : 1));
  return sorted.some(({ open }, i) => i > 0 && open < sorted[i - 1]!.close);
}
