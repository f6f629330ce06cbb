import { plainText } from '@sveiki/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Pair, pair } from '../testing/pair.ts';

let at: Pair;
beforeEach(async () => {
  at = await pair();
});
afterEach(() => at.destroy());

/** What came to the relay, which here stores what it gets. */
const stored = () =>
  [...at.server.conversations.keys()].flatMap((id) =>
    at.server.log(id, 'visitor').events.flatMap(({ body }) => (body.kind === 'message' ? plainText(body.blocks) : [])),
  );

it.each([
  ['a card number', '4111 1111 1111 1111', '4111 11•• •••• 1111'],
  ['one with empty lines in it', '4111\n\n1111\n\n1111\n\n1111', '4111\n\n11••\n\n••••\n\n1111'],
  ['a check code with its name', 'cvc 123', 'cvc •••'],
  ['a key', 'AKIAABCDEFGHIJKLMNOP', 'AKIA••••••••'],
])('hides %s before it is sent', async (_what, text, hidden) => {
  void at.chat.send(text);
  await vi.waitFor(
    async () => {
      await at.clock.advance(1_000);
      expect(stored()).toEqual([hidden]);
    },
    { timeout: 20_000 },
  );
});
