import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { logActivity } from './activity-log.ts';
import { type Audit, createAudit } from './audit/audit.ts';
import { type AgentAuth, createAgentAuth } from './auth/agent-auth.ts';
import { createIdentityVerifier } from './auth/identity.ts';
import { createPasswords, type Passwords } from './auth/password.ts';
import { startPurge } from './auth/purge.ts';
import { createInProcessBus } from './bus/in-process/in-process-bus.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config-types.ts';
import { FILES_FOLDER, openDirectory } from './files/directory.ts';
import { openS3 } from './files/s3.ts';
import { openFilesLimit } from './gateway/http/room.ts';
import { createGateway, createHttpServer } from './gateway/http/server.ts';
import { builtFolder, createPages } from './gateway/static/pages.ts';
import { createIds } from './ids.ts';
import { createRateLimiter } from './limits.ts';
import { createLog, type Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import { followOrders } from './orders.ts';
import { ERASURE_LIST_FILE, erasureListIn } from './personal-data/erasure-list.ts';
import type { Clock, FileStore, Store } from './ports.ts';
import { createRelay, type Relay } from './relay.ts';
import { openSecrets } from './secrets/open-secrets.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import { loadTracing } from './tracing.ts';

/** Name of the database in the data folder. */
export const DATABASE_FILE = 'sveiki.db';
/** How long what is being committed may take when the relay stops. */
const FINISH_MS = 5_000;
/** How long clients may take to answer the goodbye. */
const GOODBYE_MS = 1_500;

/** What only a start can change. */
const FIXED = [
  'host',
  'port',
  'dataDir',
  'publicUrl',
  'logLevel',
  'secretKey',
  'trustedProxies',
  'rateFactor',
  'allowPrivateAddresses',
] as const satisfies readonly (keyof Config)[];
type Fixed = (typeof FIXED)[number] | 'files.s3';

/** The port cannot be had. The message says what to do. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';
}

export interface StartOptions {
  clock?: Clock;
  log?: Log;
  /** A store that is open already, in place of the one in `dataDir`; it is closed with the server. */
  store?: Store;
  /** Other origins that lead to this relay and may show the desk, beside that of `publicUrl`. */
  alsoAt?: readonly string[];
  /** Serves the demo shop at `/shop/`. */
  hasShop?: boolean;
  /** Folder of the built widget and desk. */
  publicFolder?: string;
  /** Does something with the store before anybody is let in. */
  prepare?: (inside: { store: Store; config: Config; passwords: Passwords }) => Promise<void>;
  /** Where the configuration is from, as people are told. @default 'code' */
  source?: string;
  /** Reads the configuration again, when a command of another process asks for it. @default it cannot be */
  readAgain?: () => Promise<Config>;
  /** Called once when the store can write nothing any more; the relay should end then. */
  onFault?: (error: Error) => void;
}

export interface RunningServer {
  /** Where it listens, for links and tests. */
  readonly url: string;
  readonly port: number;
  readonly config: Config;
  readonly relay: Relay;
  readonly store: Store;
  readonly auth: AgentAuth;
  readonly audit: Audit;
  /** Serves by another configuration from here on; no line ends. Returns the settings in it that only a start can change, and that stay as they were. */
  reconfigure(next: Config): Promise<Fixed[]>;
  /** Says goodbye, finishes what is being committed, and closes everything. Idempotent; takes less than 10 s. */
  stop(): Promise<void>;
}

/**
 * Starts a whole relay: the only place that knows which adapter is behind which port. With `port: 0` the machine chooses one, and port 0 in
 * `publicUrl` and in the origins of sites stands for it.
 *
 * @throws PortTaken, NewerDatabase, CorruptDatabase; nothing is left open then
 */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  const { clock = systemClock, log = createLog({ level: config.logLevel }) } = options;
  const server = createHttpServer();
  const undo: (() => unknown)[] = [];
  try {
    const port = await listen(server, config);
    undo.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    const own = withPort(config, port);
    const ids = createIds(clock);
    const limiter = createRateLimiter(clock, { rateFactor: own.rateFactor });
    const activity = logActivity(createMetrics(), { log, clock });
    undo.push(() => activity.stop());
    const { metrics } = activity;
    const deskOrigins = [...new Set([own.publicUrl, ...(options.alsoAt ?? []).map((origin) => portIn(origin, port))])];
    const pages = createPages({
      folder: options.publicFolder ?? builtFolder(),
      deskOrigins,
      hasShop: options.hasShop ?? false,
    });
    if (pages.missing.length > 0)
      log.warn({ missing: pages.missing }, 'Built files are missing. Run the build to serve them.');
    const gateway = createGateway({
      server,
      config: own,
      deskOrigins,
      pages,
      limiter,
      ids,
      clock,
      log,
      metrics,
      openFiles: openFilesLimit(),
    });

    const onFault = (error: Error) => {
      log.error({ error }, 'The store has failed.');
      options.onFault?.(error);
    };
    const store = options.store ?? (await openSqliteStore({ file: join(own.dataDir, DATABASE_FILE), onFault }));
    undo.push(() => store.close());
    const secrets = await openSecrets({ config: own, store, clock, log, isFleeting: options.store !== undefined });
    const audit = createAudit({ store, clock });
    const passwords = createPasswords();
    await options.prepare?.({ store, config: own, passwords });

    const bus = createInProcessBus({ onError: (error) => log.error({ error }, 'A handler of the bus failed.') });
    undo.push(() => bus.close());
    const auth = createAgentAuth({
      config: own,
      bots: () => own.bots,
      store,
      bus,
      clock,
      ids,
      limiter,
      passwords,
      audit,
    });
    undo.push(() => auth.stop());
    const stopPurge = startPurge({ config: own, store, clock, log });
    undo.push(stopPurge);
    let verifier = await createIdentityVerifier(own, clock);
    const relay = await createRelay({
      config: own,
      store,
      bus,
      clock,
      ids,
      tickets: auth.tickets,
      identity: { verify: (site, token) => verifier.verify(site, token) },
      source: options.source ?? 'code',
      limiter,
      log,
      audit,
      secrets,
      metrics,
      tracing: await loadTracing(),
      ...(options.store === undefined || own.files.s3 !== null
        ? { files: await openFiles(own, { isAlone: true }) }
        : {}),
      ...(options.store === undefined ? { list: erasureListIn(join(own.dataDir, ERASURE_LIST_FILE)) } : {}),
    });
    gateway.open({ relay, store, auth });
    log.info(settingsOf(own, options), 'The relay serves.');

    async function reconfigure(next: Config): Promise<Fixed[]> {
      const wanted = withPort(next, port);
      const isOther = (now: unknown, before: unknown): boolean => JSON.stringify(now) !== JSON.stringify(before);
      const fixed: Fixed[] = FIXED.filter((key) => isOther(next[key], config[key]));
      if (isOther(next.files.s3, config.files.s3)) fixed.push('files.s3');
      const changed: Config = {
        ...wanted,
        ...Object.fromEntries(FIXED.map((key) => [key, own[key]])),
        files: { ...wanted.files, s3: own.files.s3 },
      };
      verifier = await createIdentityVerifier(changed, clock);
      await relay.reconfigure(changed);
      gateway.readSites();
      log.info({ version: own.version }, 'Another configuration holds.');
      await audit.note({ actor: 'operator', action: 'configuration.loaded', object: `configuration:${own.version}` });
      return fixed;
    }
    async function reload(): Promise<void> {
      if (options.readAgain === undefined)
        return log.warn({}, 'This relay has no configuration that could be read again.');
      const fixed = await reconfigure(await options.readAgain());
      if (fixed.length > 0) log.warn({ fixed }, 'Some of what was changed needs a start.');
    }
    const stopOrders = await followOrders({ store, clock, log, refresh: secrets.refresh, reload });
    undo.push(stopOrders);
    secrets.reseal().then(
      (count) => {
        if (count > 0) log.info({ count }, 'Secrets were sealed with the newest key.');
      },
      (error: unknown) => log.error({ error }, 'Secrets could not be sealed with the newest key.'),
    );

    let stopping: Promise<void> | null = null;
    const stop = async () => {
      log.info({ ...relay.stats() }, 'The relay stops.');
      const closed = new Promise<void>((resolve) => server.once('close', resolve));
      gateway.close();
      auth.stop();
      stopPurge();
      stopOrders();
      const stopped = relay
        .stop()
        .catch((error: unknown) => log.error({ error }, 'The relay did not stop as it should.'));
      await within(FINISH_MS, stopped);
      await within(GOODBYE_MS, closed);
      gateway.terminate();
      await closed;
      await bus.close();
      await store.close();
      activity.stop();
      log.info({}, 'The relay has stopped.');
    };
    return {
      url: `http://${hostInUrl(own.host)}:${port}`,
      port,
      config: own,
      relay,
      store,
      auth,
      audit,
      reconfigure,
      stop: () => (stopping ??= stop()),
    };
  } catch (error) {
    for (const step of undo.toReversed()) await step();
    throw error;
  }
}

/** Commands open them beside a relay that may be writing; a relay is `isAlone`. */
export function openFiles(
  { files, dataDir }: Config,
  { isAlone } = { isAlone: false },
): Promise<FileStore> | FileStore {
  return files.s3 === null ? openDirectory(join(dataDir, FILES_FOLDER), { isAlone }) : openS3(files.s3);
}

/** What it was started with, as far as it may stand in a log: no keys, no tokens, no addresses of people. */
function settingsOf(config: Config, { store }: StartOptions): object {
  return {
    node: process.versions.node,
    host: config.host,
    port: config.port,
    isSecure: config.publicUrl.startsWith('https:'),
    store: store === undefined ? join(config.dataDir, DATABASE_FILE) : 'given',
    sites: config.sites.length,
    teams: config.teams.length,
    trustedProxies: config.trustedProxies.length,
    hasMetrics: config.metricsToken !== null,
    logLevel: config.logLevel,
    rateFactor: config.rateFactor,
    agentGraceMs: config.agentGraceMs,
    reopenWindowMs: config.reopenWindowMs,
    visitorSessionMs: config.visitorSessionMs,
    agentSessionMs: config.agentSessionMs,
    agentIdleMs: config.agentIdleMs,
  };
}

function listen(server: ReturnType<typeof createHttpServer>, { host, port }: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenProblem(error, host, port)));
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function listenProblem(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new PortTaken(`Port ${port} is taken by another program. Set PORT to another one, or stop that program.`);
    case 'EACCES':
      return new PortTaken(`This user may not listen on port ${port}. Set PORT to one above 1023.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new PortTaken(
        `This machine has no address ${host} to listen on. Set HOST to one of its own, or to 0.0.0.0 for all.`,
      );
    default:
      return error;
  }
}

function withPort(config: Config, port: number): Config {
  return {
    ...config,
    port,
    publicUrl: portIn(config.publicUrl, port),
    sites: config.sites.map((site) => ({ ...site, origins: site.origins.map((origin) => portIn(origin, port)) })),
  };
}

const portIn = (origin: string, port: number): string => origin.replace(/:0$/, `:${port}`);

function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** Waits for `work`, but not longer than `ms`. The timer keeps the process alive: stopping must come to its end. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
