import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type ErrorCode, LIMITS } from '@sveiki/protocol';
import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import { CHUNK_BYTES, type Files, type OpenedFile, type Person } from '../../files/files.ts';
import type { Log } from '../../log.ts';
import type { AgentPrincipal, Clock, RateLimiter } from '../../ports.ts';
import { mustBeJson, readBytes, readJson } from './body.ts';
import { Refused } from './problem.ts';
import { headerCount } from './request.ts';

const MAX_BODY_BYTES = 8_192;
const MAX_NAME_CHARS = 1_000;
/** What bodies of uploads are: no form of a page can send it. */
const UPLOAD_TYPE = 'application/offset+octet-stream';

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.maxIdChars));
const name = v.pipe(v.string(), v.maxLength(MAX_NAME_CHARS));
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
/** What visitors ask of files, and its body. */
export const FILE_BODIES = {
  create: v.strictObject({ site: id, name, size }),
  offset: v.strictObject({ site: id, id }),
  discard: v.strictObject({ site: id, id }),
  link: v.strictObject({ site: id, id }),
} as const;
/** What staff asks of them. */
export const DESK_FILE_BODIES = {
  'files/create': v.strictObject({ conversation: id, name, size }),
  'files/offset': v.strictObject({ id }),
  'files/discard': v.strictObject({ id }),
  'files/link': v.strictObject({ id }),
} as const;

const STATUS: Partial<Record<ErrorCode, number>> = {
  forbidden: 403,
  'not-found': 404,
  'no-such-file': 404,
  'too-large': 413,
  'bad-file': 415,
  'rate-limited': 429,
  'storage-full': 507,
};

type App = { Bindings: HttpBindings };
type Visitor = Extract<Person, { kind: 'visitor' }>;

/** Uploads of visitors and staff, and what links lead to. Links are made here too; nothing of anybody's session is ever in one. */
export function createFilesDoor(parts: {
  files: () => Files;
  /** A page of one of the sites asks. @throws Refused */
  mustBeSitePage: (request: IncomingMessage) => void;
  /** The visitor who asks from a page of this site. @throws Refused */
  mustBeVisitor: (request: IncomingMessage, site: string) => Promise<Visitor>;
  isPaused: (site: string) => boolean;
  mustBeOwnPage: (env: HttpBindings) => void;
  mustBeAgent: (request: IncomingMessage) => Promise<AgentPrincipal>;
  limiter: RateLimiter;
  clock: Clock;
  log: Log;
}): Hono<App> {
  const { files, mustBeSitePage, mustBeVisitor, isPaused, mustBeOwnPage, mustBeAgent, limiter, clock, log } = parts;
  const api = new Hono<App>();
  const mayAsk = (who: string): void => {
    const retryAfterMs = limiter.take('frame', `files ${who}`);
    if (retryAfterMs > 0) throw new Refused(429, 'rate-limited', { retryAfterMs });
  };
  async function agentOf(request: IncomingMessage): Promise<Person> {
    const { agent } = await mustBeAgent(request);
    if (agent.role === 'bot') throw new Refused(403, 'forbidden');
    mayAsk(agent.id);
    return { kind: 'agent', agent };
  }

  function visitorAsks<P extends keyof typeof FILE_BODIES>(
    ask: P,
    path: string,
    run: (by: Visitor, body: v.InferOutput<(typeof FILE_BODIES)[P]>) => Promise<object | null>,
  ): void {
    api.post(path, async (c) => {
      const { incoming } = c.env;
      mustBeSitePage(incoming);
      mustBeJson(incoming);
      const read = v.safeParse(FILE_BODIES[ask], await readJson(incoming, MAX_BODY_BYTES, clock), { abortEarly: true });
      if (!read.success)
        throw new Refused(422, 'bad-frame', { detail: `"${v.getDotPath(read.issues[0]) ?? ''}" is not right.` });
      const by = await mustBeVisitor(incoming, read.output.site);
      mayAsk(by.id);
      // While a site is paused nothing new is taken; what was sent can be looked at.
      if (ask === 'create' && isPaused(by.site)) throw new Refused(403, 'paused');
      return answered(c, await run(by, read.output as v.InferOutput<(typeof FILE_BODIES)[P]>));
    });
  }
  visitorAsks('create', '/v1/files', (by, said) => files().create(by, said));
  visitorAsks('offset', '/v1/files/offset', (by, said) => files().offset(by, said.id));
  visitorAsks('discard', '/v1/files/discard', (by, said) => files().discard(by, said.id));
  visitorAsks('link', '/v1/files/link', (by, said) => files().link(by, said.id));

  async function upload(c: Context<App>, person: (request: IncomingMessage) => Promise<Person>): Promise<Response> {
    const { incoming } = c.env;
    const by = await person(incoming);
    const file = c.req.param('id') ?? '';
    // The words that are asked beside it are no files.
    if (Object.hasOwn(FILE_BODIES, file)) throw new Refused(404, 'no-such-file');
    if (incoming.headers['content-type'] !== UPLOAD_TYPE)
      throw new Refused(415, 'bad-frame', { detail: `Send bytes, with the content type ${UPLOAD_TYPE}.` });
    const offset = String(incoming.headers['upload-offset'] ?? '');
    if (!/^\d{1,12}$/.test(offset) || headerCount(incoming, 'upload-offset') !== 1)
      throw new Refused(422, 'bad-frame', { detail: 'Say in one header "upload-offset" where these bytes begin.' });
    const bytes = await readBytes(incoming, CHUNK_BYTES, clock);
    return answered(c, await files().append(by, file, Number(offset), bytes));
  }
  api.patch('/v1/files/:id', (c) =>
    upload(c, async (request) => {
      mustBeSitePage(request);
      const by = await mustBeVisitor(request, String(request.headers['sveiki-site'] ?? ''));
      mayAsk(by.id);
      return by;
    }),
  );
  api.patch('/desk/api/files/:id', (c) => {
    mustBeOwnPage(c.env);
    return upload(c, agentOf);
  });

  api.get('/files/:token/:name', async (c) => {
    const { incoming, outgoing } = c.env;
    const opened = await files().open(c.req.param('token'));
    if (opened === null)
      throw new Refused(404, 'no-such-file', { detail: 'This link has ended. Open the file again.' });
    const isOfStaff = opened.reader.startsWith('a:');
    // A link of staff is good in the browser of the one who asked for it, and nowhere else.
    if (isOfStaff && `a:${(await mustBeAgent(incoming)).agent.id}` !== opened.reader)
      throw new Refused(404, 'no-such-file');
    const range = rangeOf(incoming, opened.size);
    const headers = headersOf(opened, clock.now());
    if (range === 'none') {
      outgoing.writeHead(416, { ...headers, 'content-range': `bytes */${opened.size}`, 'content-length': 0 }).end();
      return RESPONSE_ALREADY_SENT;
    }
    const bytes = c.req.method === 'HEAD' ? [] : await opened.read(range ?? undefined);
    if (bytes === null) throw new Refused(404, 'no-such-file');
    const { start, end } = range ?? { start: 0, end: opened.size };
    outgoing.writeHead(range === null ? 200 : 206, {
      ...headers,
      'content-length': end - start,
      ...(range === null ? {} : { 'content-range': `bytes ${start}-${end - 1}/${opened.size}` }),
    });
    await pipeline(Readable.from(bytes), outgoing).catch((error: unknown) => {
      // Whoever goes away in the middle is no failure; what cannot be read ends the connection before its length.
      const isGone = (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';
      const of = opened.size;
      if (isGone) log.debug({ of }, 'Somebody broke off a download.');
      else log.warn({ error, of }, 'A file could not be read to its end.');
      outgoing.destroy();
    });
    return RESPONSE_ALREADY_SENT;
  });
  return api;
}

function answered(c: Context<App>, result: object | null): Response {
  c.header('cache-control', 'no-store');
  c.header('x-content-type-options', 'nosniff');
  if (result === null) return c.body(null, 204);
  if (isRefusal(result)) throw refusedBy(result);
  return c.json(result);
}

function refusedBy({ refused, retryAfterMs, message }: Refusal): Refused {
  return new Refused(STATUS[refused] ?? 409, refused, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(message === undefined ? {} : { detail: message }),
  });
}

/** The one range that is asked for; null for all of it, `none` when there is nothing there. */
function rangeOf(request: IncomingMessage, size: number): { start: number; end: number } | null | 'none' {
  const { range } = request.headers;
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range ?? '') ?? [];
  // Several at once, other units, and conditions on what never changes: all of it is always right.
  if ((from === '' && to === '') || request.headers['if-range'] !== undefined) return null;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size : Math.min(size, Number(to) + 1);
  return start < end ? { start, end } : 'none';
}

function headersOf({ name, type, inline, reader, expiresAt }: OpenedFile, now: number): Record<string, string> {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const isVisitors = reader.startsWith('v:');
  return {
    'content-type': type.startsWith('text/') ? `${type}; charset=utf-8` : type,
    'content-disposition': `${inline ? 'inline' : 'attachment'}; filename="${plain}"; filename*=UTF-8''${encoded(name)}`,
    'x-content-type-options': 'nosniff',
    // Opened alone, it may do nothing: no script, no form, no frame, no origin of its own.
    'content-security-policy':
      "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    // Pages of sites read pictures of their visitors by links, without any credentials.
    'cross-origin-resource-policy': isVisitors ? 'cross-origin' : 'same-origin',
    ...(isVisitors ? { 'access-control-allow-origin': '*' } : {}),
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
    'accept-ranges': 'bytes',
    'cache-control': `private, max-age=${Math.max(0, Math.floor((expiresAt - now) / 1_000))}`,
  };
}

/** @see RFC 8187 */
function encoded(name: string): string {
  return encodeURIComponent(name).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
