/**
 * Signing and verifying webhooks as Standard Webhooks 1.0 says, with nothing but Web Crypto: for receivers on Node, Deno, Bun and workers.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import type { RouteContext } from './config/routing.ts';

/** A webhook of a relay. `id` in the headers and in `data.event` never changes when it is posted again. */
export interface Webhook {
  /** `conversation.created`, `message.created`, `handoff.requested`, … */
  type: string;
  /** When it happened, in ISO 8601. */
  timestamp: string;
  data: { site: string; conversation: Record<string, unknown>; event: Record<string, unknown> };
}

/** It must not be believed; the message says why. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
}

/** Where headers come from: a `Headers`, or Node's plain object with small letters. */
export type HeaderSource =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | string[] | undefined>>;

const DEFAULT_TOLERANCE_MS = 5 * 60_000;

/**
 * The body of a webhook, if it was signed with one of the secrets (`whsec_…`) at most five minutes ago. Give the body exactly as it came, before
 * any JSON parser.
 *
 * @throws {WebhookError} when a header is missing, the time is too far away, no signature is right, or the body is no webhook
 * @example
 * ```ts
 * const { type, data } = await verifyWebhook(process.env.WEBHOOK_SECRET!, request.headers, await request.text());
 * ```
 */
export async function verifyWebhook(
  secrets: string | readonly string[],
  headers: HeaderSource,
  body: string,
  options: VerifyOptions = {},
): Promise<Webhook> {
  await verifySignature(secrets, headers, body, options);
  const webhook = objectIn(body);
  if (typeof webhook?.['type'] === 'string' && typeof webhook['timestamp'] === 'string')
    return webhook as unknown as Webhook;
  throw new WebhookError('The body is not a webhook.');
}

/**
 * What a relay asks a `route` hook at somebody's address (`routing.route: { url, secret }`), signed as webhooks are. Answer it with status 200 and a
 * `RouteDecision` as JSON, within the relay's deadline.
 *
 * @throws {WebhookError} as {@link verifyWebhook}
 * @example
 * ```ts
 * const { visitor } = await verifyRouteRequest(process.env.ROUTE_SECRET!, request.headers, await request.text());
 * return Response.json(isVip(visitor.email) ? { to: 'queue', id: 'vip', reason: 'Gold customer' } : { to: 'default' });
 * ```
 */
export async function verifyRouteRequest(
  secrets: string | readonly string[],
  headers: HeaderSource,
  body: string,
  options: VerifyOptions = {},
): Promise<RouteContext> {
  await verifySignature(secrets, headers, body, options);
  const context = objectIn(body);
  if (typeof context?.['conversation'] === 'object' && Array.isArray(context['queues']))
    return context as unknown as RouteContext;
  throw new WebhookError('The body is not a question of routing.');
}

/** `now` in milliseconds. */
export interface VerifyOptions {
  now?: number;
  /** How far the time in the headers may be from `now`. @default 300000 */
  toleranceMs?: number;
}

async function verifySignature(
  secrets: string | readonly string[],
  headers: HeaderSource,
  body: string,
  { now = Date.now(), toleranceMs = DEFAULT_TOLERANCE_MS }: VerifyOptions,
): Promise<void> {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => {
    const value = headerOf(headers, name);
    if (value === '') throw new WebhookError(`The header ${name} is missing.`);
    return value;
  }) as [string, string, string];
  const at = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) * 1_000 : Number.NaN;
  if (!(Math.abs(now - at) <= toleranceMs)) throw new WebhookError('The webhook is too old, or from the future.');
  const given = signatures.split(' ').flatMap((one) => (one.startsWith('v1,') ? (bytesOf(one.slice(3)) ?? []) : []));
  const content = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  for (const secret of typeof secrets === 'string' ? [secrets] : secrets) {
    const key = await keyOf(secret, 'verify');
    for (const signature of given) if (await crypto.subtle.verify('HMAC', key, signature, content)) return;
  }
  throw new WebhookError('No signature of the webhook is right.');
}

/** The headers of a webhook, signed with every secret: for tests of a receiver. `at` in milliseconds. */
export async function signWebhook(
  secrets: string | readonly string[],
  { id, body, at }: { id: string; body: string; at: number },
): Promise<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const timestamp = String(Math.floor(at / 1_000));
  const content = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const signatures: string[] = [];
  for (const secret of typeof secrets === 'string' ? [secrets] : secrets) {
    const signature = new Uint8Array(await crypto.subtle.sign('HMAC', await keyOf(secret, 'sign'), content));
    signatures.push(`v1,${btoa(String.fromCharCode(...signature))}`);
  }
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

function keyOf(secret: string, use: 'sign' | 'verify'): Promise<CryptoKey> {
  const [bytes] = bytesOf(secret.replace(/^whsec_/, '')) ?? [];
  if (bytes === undefined || bytes.length === 0)
    throw new WebhookError('The secret is not "whsec_" and base64. Copy it from the configuration of the relay.');
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, [use]);
}

/** In a list of one, so that callers can leave out what is no base64. */
function bytesOf(base64: string): [Uint8Array<ArrayBuffer>] | null {
  try {
    return [Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))];
  } catch {
    return null;
  }
}

function headerOf(headers: HeaderSource, name: string): string {
  const value =
    'get' in headers && typeof headers.get === 'function'
      ? headers.get(name)
      : (headers as Readonly<Record<string, string | string[] | undefined>>)[name];
  return typeof value === 'string' ? value : '';
}

function objectIn(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}
