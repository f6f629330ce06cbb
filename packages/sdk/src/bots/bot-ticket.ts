import { createDeskApi } from '../agent/desk-api.ts';
import { ChatError } from '../chat-error.ts';

/**
 * What `createAgent` needs as `getTicket` in place of a signed-in browser: asks the relay at `server` for one-time tickets with the bot's token
 * (`bots` in `sveiki.config.ts`). Rejects with `signed-out` when the relay does not know the token, and with a retryable error when it is away.
 */
export function botTicket(
  server: string,
  token: string,
  { fetch = globalThis.fetch }: { fetch?: typeof globalThis.fetch } = {},
): () => Promise<string> {
  const desk = createDeskApi(server.replace(/\/$/, ''), fetch, token);
  return async () => {
    try {
      return await desk.ticket();
    } catch (cause) {
      if (!(cause instanceof ChatError) || cause.retryable) throw cause;
      throw new ChatError(
        'signed-out',
        'The relay knows no bot with this token. Compare it with `bots` in sveiki.config.ts.',
        {
          cause,
        },
      );
    }
  };
}
