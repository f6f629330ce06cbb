import { createHash } from 'node:crypto';
import { type Context, Hono } from 'hono';
import type { Config, SiteConfig } from '../config-types.ts';
import type { Clock } from '../ports.ts';
import type { SiteSigner } from './signer.ts';

/** How long a page may keep the answer: a text that was changed is asked for within that time. */
const MAX_AGE_S = 60;
/** How long what is signed may be shown while the relay is away. */
const GOOD_FOR_S = 30 * 86_400;
/** It is signed anew this often, so that whoever fetches a copy gets one that lasts. */
const SIGNED_FOR_MS = 3_600_000;

/**
 * What a page of a site needs to know before there is a line, or while there is none, and nothing else. It says what the configuration says, to
 * everybody alike, and writes nothing down.
 *
 * `GET /v1/site?key=…`: that, signed, so that the page or a CDN may keep a copy that nobody can change. `GET /v1/site/keys`: what it is signed with.
 */
export function createSiteDoor(parts: {
  config: Pick<Config, 'sites'>;
  signer: () => SiteSigner;
  clock: Pick<Clock, 'now'>;
}): Hono {
  const { config, signer, clock } = parts;
  const made = new Map<string, { from: string; at: number; text: string; tag: string }>();
  const app = new Hono();
  // Readable from every page: one that may not chat here is told so in words, when it tries.
  const open = { 'access-control-allow-origin': '*' };
  const kept = {
    ...open,
    'cache-control': `public, max-age=${MAX_AGE_S}, stale-if-error=${GOOD_FOR_S}`,
  };

  function answerOf(site: SiteConfig): { text: string; tag: string } {
    const { key, name, paused, consent = null, contact = {} } = site;
    const from = JSON.stringify([name, paused, consent, contact, signer().keys()]);
    const before = made.get(key);
    const now = clock.now();
    if (before !== undefined && before.from === from && Math.abs(now - before.at) < SIGNED_FOR_MS) return before;
    const signed = signer().sign({ site: key, name, madeAt: now, until: now + GOOD_FOR_S * 1_000, consent, contact });
    // Not for later, so it is not signed.
    const text = JSON.stringify({ consent, ...(paused === true ? { paused } : {}), signed });
    const tag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
    const answer = { from, at: now, text, tag };
    made.set(key, answer);
    return answer;
  }

  app.get('/', (c: Context) => {
    const site = config.sites.find(({ key }) => key === c.req.query('key'));
    if (site === undefined) return c.json({ consent: null }, 404, { ...open, 'cache-control': 'no-store' });
    const { text, tag } = answerOf(site);
    // A chat that is open again is not said to be closed, by no cache.
    const headers = { ...kept, ...(site.paused === true ? { 'cache-control': 'no-cache' } : {}), etag: tag };
    if (c.req.header('if-none-match') === tag) return c.body(null, 304, headers);
    return c.body(text, 200, { ...headers, 'content-type': 'application/json' });
  });
  app.get('/keys', (c) =>
    c.json(
      {
        keys: signer()
          .keys()
          .map((x) => ({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: x, x })),
      },
      200,
      kept,
    ),
  );
  return app;
}
