import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { AgentAuth, SignIn } from '../../auth/agent-auth.ts';
import type { Config } from '../../config-types.ts';
import type { Log } from '../../log.ts';
import type { Metrics } from '../../metrics.ts';
import type { AgentRow, Clock } from '../../ports.ts';
import { mustBeJson, readJson } from './body.ts';
import { type DeskDoor, SESSION_COOKIE } from './desk-door.ts';
import { Refused } from './problem.ts';
import { bearerOf, cookieOf } from './request.ts';

const MAX_BODY_BYTES = 4_096;
const MAX_EMAIL_CHARS = 254;
const MAX_PASSWORD_CHARS = 1_024;
const MAX_CODE_CHARS = 128;

type App = { Bindings: HttpBindings };

/** The HTTP half of an agent's life: signing in and out, who one is, and a ticket for the socket. */
export function createDeskApi(parts: {
  auth: () => AgentAuth;
  config: Pick<Config, 'agentSessionMs'>;
  isSecure: boolean;
  door: DeskDoor;
  addressOf: (request: IncomingMessage) => string;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}): Hono<App> {
  const { auth, config, isSecure, door, addressOf, clock, log, metrics } = parts;
  const { mustBeOwnPage, mustBeAgent } = door;

  function setCookie(c: Context<App>, token: string, maxAgeMs: number): void {
    const secure = isSecure ? '; Secure' : '';
    const age = Math.floor(maxAgeMs / 1000);
    c.header('set-cookie', `${SESSION_COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${age}${secure}`);
  }

  const api = new Hono<App>();
  api.use(async (c, next) => {
    await next();
    c.header('cache-control', 'no-store');
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
  });

  api.get('/session', async (c) => c.json({ agent: profileOf((await mustBeAgent(c.env.incoming)).agent) }));

  api.post('/session', async (c) => {
    const { incoming } = c.env;
    mustBeOwnPage(c.env);
    mustBeJson(incoming);
    const attempt = attemptOf(await readJson(incoming, MAX_BODY_BYTES, clock));
    const address = addressOf(incoming);
    const result =
      'code' in attempt
        ? await auth().signInWithCode({ ...attempt, address })
        : await auth().signIn({ ...attempt, address });
    const by = 'code' in attempt ? 'link' : 'password';
    if (!result.ok) {
      // The address is written at debug only; the e-mail never: a mistyped one may be a password.
      log.info({ by, why: result.why, address }, 'A sign-in failed.');
      throw refusalOf(result, 'code' in attempt, metrics);
    }
    await endSessionOf(incoming, result.agent.id);
    log.info({ agent: result.agent.id, role: result.agent.role, by, address }, 'An agent signed in.');
    setCookie(c, result.token, config.agentSessionMs);
    return c.json({ agent: profileOf(result.agent) });
  });

  api.delete('/session', async (c) => {
    mustBeOwnPage(c.env);
    await endSessionOf(c.env.incoming);
    setCookie(c, '', 0);
    return c.body(null, 204);
  });

  api.post('/ticket', async (c) => {
    const token = bearerOf(c.env.incoming);
    // No page of another site has a bot's token, and no browser sends it by itself.
    if (token !== null) return c.json({ ticket: await ticketFor(token) });
    mustBeOwnPage(c.env);
    mustBeJson(c.env.incoming);
    const principal = await mustBeAgent(c.env.incoming);
    return c.json({ ticket: auth().tickets.issue(principal) });
  });

  async function ticketFor(token: string): Promise<string> {
    const ticket = await auth().botTicket(token);
    if (ticket !== null) return ticket;
    metrics.refused('ticket');
    throw new Refused(401, 'bad-ticket', { detail: 'No bot of the configuration has this token.' });
  }

  /** Whoever the browser was signed in as before is not any more. `next` is who is now. */
  async function endSessionOf(request: IncomingMessage, next?: string): Promise<void> {
    const token = cookieOf(request.headers.cookie, SESSION_COOKIE);
    const principal = token === null ? null : await auth().session(token);
    if (principal === null) return;
    await auth().signOut(principal, { stays: principal.agent.id === next });
    log.info({ agent: principal.agent.id }, 'A session of an agent ended.');
  }

  return api;
}

function attemptOf({
  email,
  password,
  code,
  ...more
}: Record<string, unknown>): { code: string } | { email: string; password: string } {
  const isText = (value: unknown, max: number): value is string =>
    typeof value === 'string' && value.length > 0 && value.length <= max;
  if (Object.keys(more).length === 0) {
    if (isText(code, MAX_CODE_CHARS) && email === undefined && password === undefined) return { code };
    if (isText(email, MAX_EMAIL_CHARS) && isText(password, MAX_PASSWORD_CHARS) && code === undefined)
      return { email, password };
  }
  throw new Refused(422, 'bad-frame', { detail: 'Send either "email" and "password", or "code".' });
}

function refusalOf(result: Extract<SignIn, { ok: false }>, byCode: boolean, metrics: Metrics): Refused {
  metrics.refused('login');
  if (result.why === 'too-fast') {
    return new Refused(429, 'rate-limited', {
      detail: 'There were too many tries. Wait a moment and try again.',
      retryAfterMs: result.retryAfterMs,
    });
  }
  return byCode
    ? new Refused(401, 'bad-ticket', { detail: 'This link was used already or is too old. Ask for a new one.' })
    : new Refused(403, 'forbidden', { detail: 'The e-mail or the password is not right.' });
}

function profileOf({ id, name, email, role }: AgentRow) {
  return { id, name, email, role };
}
