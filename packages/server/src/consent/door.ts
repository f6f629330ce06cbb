import { Hono } from 'hono';
import type { Config } from '../config-types.ts';

/** How long a page may keep the answer: a text that was changed is asked for within that time. */
const MAX_AGE_S = 60;

/**
 * `GET /v1/site?key=…`: what a page of a site needs to know before there is a line, and nothing else. It says what the configuration says, to
 * everybody alike, and writes nothing down.
 */
export function createSiteDoor(config: Pick<Config, 'sites'>): Hono {
  const app = new Hono();
  // Readable from every page: one that may not chat here is told so in words, when it tries.
  const headers = { 'access-control-allow-origin': '*', 'cache-control': `public, max-age=${MAX_AGE_S}` };
  app.get('/', (c) => {
    const site = config.sites.find(({ key }) => key === c.req.query('key'));
    if (site === undefined) return c.json({ consent: null }, 404, { ...headers, 'cache-control': 'no-store' });
    return c.json({ consent: site.consent ?? null }, 200, headers);
  });
  return app;
}
