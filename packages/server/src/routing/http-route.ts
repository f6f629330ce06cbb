import type { HookContext, RouteContext } from '@sveiki/sdk/config';
import type { Outbound } from '../hooks/outbound.ts';
import type { Ids } from '../ports.ts';
import { signedHeaders } from '../webhooks/sign.ts';

/**
 * A `route` hook at somebody else's address: the context is posted as JSON, signed as Standard Webhooks say, and the answer is the decision as JSON.
 * What it answers is not looked at here. @throws Error when the answer is no 2xx or no JSON
 */
export function httpRoute(
  { url, secret }: { url: string; secret: string },
  { outbound, ids, deadlineMs }: { outbound: Outbound; ids: Ids; deadlineMs: number },
): (context: RouteContext, hook: HookContext) => Promise<unknown> {
  const { host } = new URL(url);
  return async (context, { signal, now }) => {
    const body = JSON.stringify(context);
    const headers = signedHeaders([secret], { id: ids.next(), body, at: now() });
    const { status, text } = await outbound.post({ url, body, headers, deadlineMs, signal });
    if (status < 200 || status >= 300) throw new Error(`${host} answered ${status}.`);
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new Error(`${host} answered something that is no JSON.`);
    }
  };
}
