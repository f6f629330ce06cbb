import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import type { AgentAuth } from '../../auth/agent-auth.ts';
import type { Config } from '../../config-types.ts';
import type { Log } from '../../log.ts';
import type { MetricsPage } from '../../metrics.ts';
import type { Clock, Ids, RateLimiter, Store } from '../../ports.ts';
import { createSiteDoor } from '../../public-site/door.ts';
import { createReadiness } from '../../readiness.ts';
import type { Relay } from '../../relay.ts';
import type { Pages } from '../static/pages.ts';
import { acceptSockets } from '../ws/sockets.ts';
import { addressReader } from './address.ts';
import { createDeskApi } from './desk-api.ts';
import { createDeskData } from './desk-data.ts';
import { createDeskDoor, SESSION_COOKIE } from './desk-door.ts';
import { createFilesDoor } from './files-door.ts';
import { type Caller, createHttpLines } from './lines.ts';
import { createPeopleDoor } from './people-door.ts';
import { FOREIGN_PAGE, type Problem, problemBody, problemHeaders, Refused } from './problem.ts';
import { bearerOf, cookieOf, headerCount, requestOrigin, requestPath } from './request.ts';
import { createRoom } from './room.ts';
import { createSurveyDoor } from './survey-door.ts';
import { createVisitorDoor } from './visitor-door.ts';

const MAX_HEADER_BYTES = 16_384;
const HEADERS_TIMEOUT_MS = 10_000;
/** A whole request, its body too; streamed answers may last. */
const REQUEST_TIMEOUT_MS = 30_000;
const CHECK_TIMEOUTS_EVERY_MS = 2_000;
const KEEP_ALIVE_MS = 65_000;
/** While a socket is used, its HTTP session is kept alive this often. */
const USE_EVERY_MS = 60_000;

/** Paths that mean another one: with `.` and `..`, also encoded, with backslashes, with a fragment. */
const DISGUISED = /[/\\](?:\.|%2e){1,2}(?:[/\\]|$)|[\\#]/i;

/** Who found no room asks again after this. */
const FULL_RETRY_MS = 5_000;

type App = { Bindings: HttpBindings };

/** What the gateway serves once it is there. Before and after, every door but `/healthz` answers 503. */
export interface Inside {
  relay: Relay;
  store: Store;
  auth: AgentAuth;
}

export interface Gateway {
  /** Opens the doors. */
  open(inside: Inside): void;
  /** The sites of the configuration have changed. */
  readSites(): void;
  /** Takes nothing new in; what runs may end. */
  close(): void;
  /** Ends every connection that is still there. */
  terminate(): void;
  /** Every door over HTTP, so that who may pass can be asked of all of them. */
  readonly routes: readonly { method: string; path: string }[];
}

/** The server under the gateway, with its limits; it listens before the rest starts, so that its port is known. */
export function createHttpServer(
  limits: { headersTimeoutMs?: number; requestTimeoutMs?: number; checkEveryMs?: number } = {},
): Server {
  return createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: limits.headersTimeoutMs ?? HEADERS_TIMEOUT_MS,
    requestTimeout: limits.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: limits.checkEveryMs ?? CHECK_TIMEOUTS_EVERY_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
}

export function createGateway(parts: {
  server: Server;
  config: Pick<Config, 'sites' | 'publicUrl' | 'metricsToken' | 'trustedProxies' | 'agentSessionMs'>;
  /** Origins the desk is served from: that of `publicUrl`, and others that lead to the same place. */
  deskOrigins: readonly string[];
  pages: Pages;
  limiter: RateLimiter;
  ids: Ids;
  clock: Clock;
  log: Log;
  metrics: MetricsPage;
  /** How many files and sockets the system lets this process open. @default no limit */
  openFiles?: number;
}): Gateway {
  const { server, config, pages, limiter, ids, clock, log, metrics } = parts;
  const deskOrigins = new Set(parts.deskOrigins);
  const siteOrigins = new Set<string>();
  const readSites = (): void => {
    siteOrigins.clear();
    for (const { origins } of config.sites) for (const origin of origins) siteOrigins.add(origin);
  };
  readSites();
  const addressOf = addressReader(config.trustedProxies);
  let inside: Inside | null = null;
  const mustBeOpen = (): Inside => {
    if (inside === null || !inside.relay.ready) throw new Refused(503, 'unavailable', { retryAfterMs: 1_000 });
    return inside;
  };
  const notReady = createReadiness({ clock, log });
  const room = createRoom({ server, openFiles: parts.openFiles ?? Number.POSITIVE_INFINITY, clock, log });
  const hasRoom = (): boolean => {
    if (sockets.size + lines.size < room.lines) return true;
    room.turnedAway();
    return false;
  };
  const lines = createHttpLines({ relay: () => mustBeOpen().relay, ids, clock, log });

  const app = new Hono<App>();
  app.onError((error) => {
    if (error instanceof Refused) return answer(error.problem);
    log.error({ error }, 'A request failed.');
    return answer({ status: 500, code: 'internal' });
  });
  app.notFound((c) => {
    if (pages.serve(c.env.incoming, c.env.outgoing, requestPath(c.env.incoming) ?? '')) return RESPONSE_ALREADY_SENT;
    return answer({ status: 404, code: 'not-found', detail: 'There is nothing here.' });
  });

  app.get('/healthz', (c) => c.json({ status: 'ok' }, 200, { 'cache-control': 'no-store' }));
  app.get('/readyz', async (c) => {
    const problem = await notReady(inside);
    const body = problem === null ? { status: 'ready' } : { status: 'not ready', reason: problem };
    return c.json(body, problem === null ? 200 : 503, { 'cache-control': 'no-store' });
  });
  app.get('/metrics', async (c) => {
    // Without the token there is nothing here, not even a refusal.
    if (!isBearer(c.env.incoming, config.metricsToken)) return c.notFound();
    const counts = inside?.relay.stats();
    metrics.queueDepth(counts?.queued ?? 0);
    metrics.openConversations(counts?.open ?? 0);
    const { type, text } = await metrics.page();
    return c.body(text, 200, { 'content-type': type, 'cache-control': 'no-store' });
  });

  // On refusals too: without these headers no script could read them.
  app.use('/v1/*', async (c, next) => {
    await next();
    if (c.env.outgoing.headersSent) return;
    for (const [name, value] of Object.entries(corsHeaders(c.env.incoming))) c.res.headers.set(name, value);
  });
  // A line is told by its first frame, which a page can read; what is sent beside lines is told here.
  const mustBeWelcome: MiddlewareHandler<App> = async (c, next) => {
    const isLine = /^\/v1\/(stream|frames)$/.test(c.req.path);
    if (!isLine && inside?.relay.isBlocked(addressOf(c.env.incoming)) === true) throw new Refused(403, 'blocked');
    await next();
  };
  app.use('/v1/*', mustBeWelcome);
  app.use('/survey/api/*', mustBeWelcome);
  for (const [path, door] of [
    ['/v1', 'site'],
    ['/desk', 'desk'],
  ] as const) {
    app.post(`${path}/stream`, async (c) => {
      const { incoming, outgoing } = c.env;
      const caller = mustMayCall(incoming, door);
      if (!hasRoom()) throw new Refused(503, 'unavailable', { retryAfterMs: FULL_RETRY_MS });
      const address = addressOf(incoming);
      const retryAfterMs = limiter.take('connect', `ip:${address}`);
      if (retryAfterMs > 0) {
        metrics.refused('rate');
        throw new Refused(429, 'rate-limited', { retryAfterMs });
      }
      const use = door === 'desk' ? useOf(incoming) : undefined;
      await lines.open(incoming, outgoing, { ...caller, address, ...(use === undefined ? {} : { used: use }) });
      return RESPONSE_ALREADY_SENT;
    });
    app.post(`${path}/frames`, async (c) => {
      const { origin } = mustMayCall(c.env.incoming, door);
      await lines.post(c.env.incoming, { door, origin });
      return c.body(null, 204);
    });
  }
  app.route('/v1/site', createSiteDoor({ config, signer: () => mustBeOpen().relay.siteSigner, clock }));
  // Uploads are no simple requests: a browser asks first.
  for (const path of ['/v1/files', '/v1/files/:id'])
    app.options(path, (c) => preflight(c, 'POST, PATCH', 'authorization, content-type, sveiki-site, upload-offset'));
  for (const path of ['/v1/people/export', '/v1/people/erase'])
    app.options(path, (c) => preflight(c, 'POST', 'authorization, content-type'));
  app.options('/v1/:name{stream|frames}', (c) => preflight(c, 'POST', 'content-type'));

  function preflight(c: Context<App>, methods: string, headers: string): Response {
    if (corsHeaders(c.env.incoming)['access-control-allow-origin'] === undefined) {
      return answer({ status: 403, code: 'bad-origin' });
    }
    return c.body(null, 204, {
      'access-control-allow-methods': methods,
      'access-control-allow-headers': headers,
      'access-control-max-age': '7200',
    });
  }

  /** Who may use the way over HTTP: the same as the sockets of that door. */
  function mustMayCall(request: IncomingMessage, door: Caller['door']): Omit<Caller, 'address'> {
    const origin = requestOrigin(request);
    if (origin === null || !(door === 'desk' ? deskOrigins : siteOrigins).has(origin)) {
      metrics.refused('origin');
      throw new Refused(403, 'bad-origin', door === 'desk' ? { detail: FOREIGN_PAGE } : {});
    }
    mustBeOpen();
    return { door, origin, headers: door === 'site' ? corsHeaders(request) : {} };
  }

  /** Exactly the origins of our sites, and never with cookies. */
  function corsHeaders(request: IncomingMessage): Record<string, string> {
    const origin = requestOrigin(request);
    const isKnown = origin !== null && siteOrigins.has(origin);
    return { vary: 'origin', ...(isKnown ? { 'access-control-allow-origin': origin } : {}) };
  }

  function useOf(request: IncomingMessage): (() => void) | undefined {
    const token = cookieOf(request.headers.cookie, SESSION_COOKIE);
    if (token === null) return undefined;
    let usedAt = clock.now();
    return () => {
      const now = clock.now();
      if (now - usedAt < USE_EVERY_MS && now >= usedAt) return;
      usedAt = now;
      inside?.auth.session(token).catch((error: unknown) => log.error({ error }, 'A session could not be kept alive.'));
    };
  }

  const door = createDeskDoor({ auth: () => mustBeOpen().auth, deskOrigins, metrics });
  app.route(
    '/desk/api',
    createDeskApi({
      auth: () => mustBeOpen().auth,
      config,
      isSecure: config.publicUrl.startsWith('https:'),
      door,
      addressOf,
      clock,
      log,
      metrics,
    }),
  );
  app.route(
    '/desk/api',
    createDeskData({
      ...door,
      data: () => mustBeOpen().relay.deskData,
      files: () => mustBeOpen().relay.files,
      people: () => mustBeOpen().relay.personalData,
      addressOf,
      limiter,
      clock,
    }),
  );
  const files = () => mustBeOpen().relay.files;
  const isPaused = (key: string) => config.sites.some((site) => site.key === key && site.paused === true);
  const mustBeVisitor = createVisitorDoor({
    sites: () => config.sites,
    store: () => mustBeOpen().store,
    isBlocked: (address, visitor) => mustBeOpen().relay.isBlocked(address, visitor),
    addressOf,
    clock,
  });
  const people = () => mustBeOpen().relay.personalData;
  const mustBeSitePage = (request: IncomingMessage): void => void mustMayCall(request, 'site');
  app.route('/', createPeopleDoor({ people, mustBeSitePage, mustBeVisitor, limiter, clock }));
  app.route('/', createFilesDoor({ ...door, files, mustBeSitePage, mustBeVisitor, isPaused, limiter, clock, log }));
  const linked = () => mustBeOpen().relay.linkedAnswers;
  app.route('/survey/api', createSurveyDoor({ ...door, linked, addressOf, limiter, clock }));

  const serveApp = getRequestListener(app.fetch, { overrideGlobalObjects: false, autoCleanupIncoming: false });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    response.on('error', () => {});
    if (headerCount(request, 'host') > 1) return send(response, 'Send exactly one Host header.');
    const path = requestPath(request);
    if (path === null) return send(response, 'Ask for a path.');
    // What comes after would make it plain, and a proxy in front that keeps some paths to itself may not have.
    if (DISGUISED.test(path)) return send(response, 'Ask for a plain path, without dots that lead elsewhere.');
    // Nothing here looks at the host; a made-up one keeps Hono from judging the one that was sent.
    request.headers.host = 'relay';
    serveApp(request, response).catch((error: unknown) => log.error({ error }, 'A request failed.'));
  });
  const sockets = acceptSockets(server, {
    relay: () => (inside?.relay.ready === true ? inside.relay : null),
    hasRoom,
    siteOrigins,
    deskOrigins,
    addressOf,
    useOf,
    limiter,
    clock,
    log,
    metrics,
  });

  return {
    routes: app.routes,
    open(opened) {
      inside = opened;
    },
    readSites,
    close() {
      inside = null;
      server.close();
      server.closeIdleConnections();
    },
    terminate() {
      sockets.terminate();
      server.closeAllConnections();
    },
  };
}

function answer(problem: Problem): Response {
  return new Response(problemBody(problem), { status: problem.status, headers: problemHeaders(problem) });
}

function send(response: ServerResponse, detail: string): void {
  const problem: Problem = { status: 400, code: 'bad-frame', detail };
  response.writeHead(problem.status, { ...problemHeaders(problem), connection: 'close' }).end(problemBody(problem));
}

function isBearer(request: IncomingMessage, token: string | null): boolean {
  const given = bearerOf(request);
  if (token === null || given === null) return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
