import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Pair, pair } from '../testing/pair.ts';
import { botTicket } from './bot-ticket.ts';

let at: Pair;
beforeEach(async () => {
  at = await pair({ bots: [{ id: 'robin', name: 'Robin' }] });
});
afterEach(() => at.destroy());

describe('botTicket', () => {
  it('signs a bot in with its token, without a cookie', async () => {
    const { server, http, clock } = at;
    const getTicket = botTicket(`${server.url}/`, 'token-of-robin', { fetch: http.fetch });
    const agent = at.newAgent('robin', { getTicket, lists: false });
    await Promise.all([agent.connect(), clock.advance(100)]);
    expect(agent.state.me).toMatchObject({ id: 'robin', role: 'bot' });
    expect(await getTicket()).not.toBe(await getTicket());
  });

  it('says what is wrong with a token, and that a relay may be back later', async () => {
    const { server, http } = at;
    const refused = botTicket(server.url, 'token-of-nobody', { fetch: http.fetch })();
    await expect(refused).rejects.toMatchObject({
      code: 'signed-out',
      retryable: false,
      message: 'The relay knows no bot with this token. Compare it with `bots` in sveiki.config.ts.',
    });
    await expect(botTicket(server.url, 'token-of-ada', { fetch: http.fetch })()).rejects.toMatchObject({
      code: 'signed-out',
    });
    for (const mode of ['refused', 'portal', 'busy'] as const) {
      http.mode = mode;
      await expect(botTicket(server.url, 'token-of-robin', { fetch: http.fetch })()).rejects.toMatchObject({
        retryable: true,
      });
    }
  });
});
