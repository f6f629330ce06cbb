import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { LIMITS } from '@sveiki/protocol';
import { Hono } from 'hono';
import * as v from 'valibot';
import { isRefusal } from '../../domain/refusal.ts';
import type { Person } from '../../files/files.ts';
import type { PersonArchive, PersonalData } from '../../personal-data/personal-data.ts';
import type { Clock, RateLimiter } from '../../ports.ts';
import { mustBeJson, readJson } from './body.ts';
import { Refused } from './problem.ts';

const MAX_BODY_BYTES = 1_024;
const site = v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.maxIdChars));
/** What a visitor asks about himself, and its body. */
export const PEOPLE_BODIES = {
  export: v.strictObject({ site }),
  /** The word is there so that nothing that is sent by mistake does it. */
  erase: v.strictObject({ site, confirm: v.literal('erase') }),
} as const;

type App = { Bindings: HttpBindings };
type Visitor = Extract<Person, { kind: 'visitor' }>;

/** What a visitor gets and takes away himself, with the token of his session: nobody else's. */
export function createPeopleDoor(parts: {
  people: () => PersonalData;
  /** From a page of any site of ours. @throws Refused */
  mustBeSitePage: (request: IncomingMessage) => void;
  mustBeVisitor: (request: IncomingMessage, site: string) => Promise<Visitor>;
  limiter: RateLimiter;
  clock: Clock;
}): Hono<App> {
  const { people, mustBeSitePage, mustBeVisitor, limiter, clock } = parts;
  const api = new Hono<App>();

  async function visitorOf(incoming: IncomingMessage, ask: keyof typeof PEOPLE_BODIES): Promise<Visitor> {
    mustBeSitePage(incoming);
    mustBeJson(incoming);
    const read = v.safeParse(PEOPLE_BODIES[ask], await readJson(incoming, MAX_BODY_BYTES, clock), { abortEarly: true });
    if (!read.success)
      throw new Refused(422, 'bad-frame', { detail: `"${v.getDotPath(read.issues[0]) ?? ''}" is not right.` });
    const by = await mustBeVisitor(incoming, read.output.site);
    const retryAfterMs = limiter.take(ask, by.id) || limiter.take(ask, `ip:${by.address}`);
    if (retryAfterMs > 0) throw new Refused(429, 'rate-limited', { retryAfterMs });
    return by;
  }

  api.post('/v1/people/export', async (c) => {
    const { incoming, outgoing } = c.env;
    const archive = await people().ownArchive((await visitorOf(incoming, 'export')).id);
    if (isRefusal(archive)) throw new Refused(404, archive.refused);
    // A page of another origin reads it: what says that it may is not on a response that is written by hand.
    const origin = incoming.headers.origin ?? '';
    await sendArchive(outgoing, archive, { 'access-control-allow-origin': origin, vary: 'origin' });
    return RESPONSE_ALREADY_SENT;
  });
  api.post('/v1/people/erase', async (c) => {
    const erasure = await people().eraseOwn((await visitorOf(c.env.incoming, 'erase')).id);
    if (isRefusal(erasure)) throw new Refused(404, erasure.refused);
    c.header('cache-control', 'no-store');
    return c.json(erasure, 202);
  });
  return api;
}

/** As it is made. What cannot be read ends the connection before the archive is whole, so that no half of one looks like all. */
export async function sendArchive(
  outgoing: ServerResponse,
  { name, bytes }: PersonArchive,
  headers: Record<string, string> = {},
): Promise<void> {
  outgoing.writeHead(200, {
    ...headers,
    'content-type': 'application/zip',
    'content-disposition': `attachment; filename="${name}"`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  await pipeline(Readable.from(bytes), outgoing).catch(() => outgoing.destroy());
}
