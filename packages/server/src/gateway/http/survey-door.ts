import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { answersSchema, clientIdSchema } from '@sveiki/protocol';
import { Hono } from 'hono';
import * as v from 'valibot';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import type { Clock, RateLimiter } from '../../ports.ts';
import type { LinkedAnswers } from '../../surveys/linked-answers.ts';
import { mustBeJson, readJson } from './body.ts';
import type { DeskDoor } from './desk-door.ts';
import { Refused } from './problem.ts';

const MAX_BODY_BYTES = 32_768;
const token = v.pipe(v.string(), v.maxLength(600));
/** Each question and its body. */
export const SURVEY_BODIES = {
  question: v.strictObject({ token }),
  answer: v.strictObject({
    token,
    id: clientIdSchema,
    answers: answersSchema,
    partial: v.exactOptional(v.literal(true)),
  }),
} as const;

type App = { Bindings: HttpBindings };

/** Answering behind a link: `POST /survey/api/question` and `/survey/api/answer`. The token in the body is all the right there is. */
export function createSurveyDoor(parts: {
  linked: () => LinkedAnswers;
  mustBeOwnPage: DeskDoor['mustBeOwnPage'];
  addressOf: (request: IncomingMessage) => string;
  limiter: RateLimiter;
  clock: Clock;
}): Hono<App> {
  const { linked, mustBeOwnPage, addressOf, limiter, clock } = parts;
  const api = new Hono<App>();
  api.use(async (c, next) => {
    await next();
    c.header('cache-control', 'no-store');
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
  });

  async function bodyOf<S extends v.GenericSchema>(env: HttpBindings, schema: S): Promise<v.InferOutput<S>> {
    mustBeOwnPage(env);
    mustBeJson(env.incoming);
    // By address: a token that is guessed has no session.
    const retryAfterMs = limiter.take('history', `survey ${addressOf(env.incoming)}`);
    if (retryAfterMs > 0) throw new Refused(429, 'rate-limited', { retryAfterMs });
    const read = v.safeParse(schema, await readJson(env.incoming, MAX_BODY_BYTES, clock), { abortEarly: true });
    if (!read.success)
      throw new Refused(422, 'bad-frame', { detail: `"${v.getDotPath(read.issues[0]) ?? ''}" is not right.` });
    return read.output;
  }

  api.post('/question', async (c) => {
    const question = await linked().question((await bodyOf(c.env, SURVEY_BODIES.question)).token);
    if (isRefusal(question)) throw refusedBy(question);
    return c.json(question);
  });
  api.post('/answer', async (c) => {
    const { token, ...given } = await bodyOf(c.env, SURVEY_BODIES.answer);
    const refusal = await linked().answer(token, given);
    // Which fields are wrong is no problem of the request: the page shows it beside them.
    if (refusal?.refused === 'bad-answers')
      return c.json({ ok: false, problems: refusal.problems ?? [], message: refusal.message ?? null });
    if (refusal !== null) throw refusedBy(refusal);
    return c.json({ ok: true });
  });
  return api;
}

function refusedBy({ refused, retryAfterMs }: Refusal): Refused {
  const status = refused === 'too-late' ? 410 : refused === 'storage-full' || refused === 'unavailable' ? 503 : 404;
  return new Refused(status, refused, retryAfterMs === undefined ? {} : { retryAfterMs });
}
