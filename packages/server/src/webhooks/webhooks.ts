import { createHash } from 'node:crypto';
import type { EventBody } from '@sveiki/protocol';
import type { WebhookConfig } from '../config-types.ts';
import type { Outbound } from '../hooks/outbound.ts';
import { type LogHook, TellLater } from '../hooks/outbox.ts';
import type { Log } from '../log.ts';
import { wants, webhookBody, webhookType } from './payload.ts';
import { signedHeaders } from './sign.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** The schedule of the Standard Webhooks specification, after the first try at once. */
const RETRY_MS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];
const DEADLINE_MS = 15 * SECOND;
/** Nobody may put us off for longer. */
const MAX_RETRY_AFTER_MS = 24 * HOUR;
const GONE = 410;
const BUSY: readonly number[] = [429, 503];

/**
 * Webhooks as followers of the log: in order within a conversation, at least once, each with its own tries. Who answers 410 is posted nothing more
 * until the relay starts again; what happened meanwhile is not kept for him.
 */
export function webhookFollowers(
  webhooks: readonly WebhookConfig[],
  { outbound, log }: { outbound: Outbound; log: Log },
): LogHook[] {
  return webhooks.map(({ url, secrets, events }): LogHook => {
    const name = webhookName(url);
    let isGone = false;
    return {
      name,
      stage: 'webhook',
      on: null,
      deadlineMs: DEADLINE_MS + SECOND,
      retryMs: RETRY_MS,
      async run(told, { signal, now }) {
        const type = webhookType(told.event.body as EventBody);
        if (isGone || type === null || !wants(events, type)) return;
        const body = webhookBody(told, type);
        const headers = signedHeaders(secrets, { id: told.id, body, at: now() });
        const { status, retryAfterMs } = await outbound.post({ url, body, headers, deadlineMs: DEADLINE_MS, signal });
        if (status >= 200 && status < 300) return;
        if (status === GONE) {
          isGone = true;
          return log.warn({ webhook: name }, 'A webhook answered 410: it is posted nothing more until the next start.');
        }
        const words = `${name} answered ${status}.`;
        throw BUSY.includes(status) && retryAfterMs !== null
          ? new TellLater(words, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS))
          : new Error(words);
      },
    };
  });
}

/** Its host, and what tells two of one host apart without showing a path that may hold a secret. */
function webhookName(url: string): string {
  return `${new URL(url).host} ${createHash('sha256').update(url).digest('hex').slice(0, 8)}`;
}
