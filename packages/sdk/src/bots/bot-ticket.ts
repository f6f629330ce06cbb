import { createDeskApi } from '../agent/desk-api.ts';

/**
 * What `createAgent` needs as `getTicket` in place of a signed-in browser: asks the relay at `server` for one-time tickets with the bot's token
 * (`bots` in `sveiki.config.ts`). Rejects with `signed-out` when the relay does not know the token, and with a retryable error when it is away.
 */
export function botTicket(
  server: string,
  token: string,
  { fetch = globalThis.fetch }: { fetch?: typeof globalThis.fetch } = {},
): () => Promise<string> {
  return createDeskApi(server.replace(/\/$/, ''), fetch, token).ticket;
}
