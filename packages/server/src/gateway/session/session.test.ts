import { LIMITS } from '@sveiki/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RelayUnderTest, relayUnderTest } from '../../testing/relay-under-test.ts';

let under: RelayUnderTest;
beforeEach(async () => {
  under = await relayUnderTest();
});
afterEach(() => under.relay.stop());

const hello = { type: 'hello', role: 'visitor', versions: [1], client: 'test', site: 'pk_shop_test' };

describe('[H1] a first frame', () => {
  it.each([
    ['ASCII', 'x'.repeat(LIMITS.maxHelloBytes)],
    ['three bytes a letter', '界'.repeat(LIMITS.maxHelloBytes / 3)],
  ])('that is too large is told so before the line is closed (%s)', async (_, filler) => {
    const line = under.line();
    await line.raw(JSON.stringify({ ...hello, identity: filler }));
    expect(line.frames).toEqual([
      { type: 'error', code: 'too-large', retry: 'never', message: expect.stringMatching(/first frame.*8192 bytes/) },
    ]);
    expect(line.closed?.code).toBe(4400);
  });

  it('may be as large as it may be', async () => {
    const line = under.line();
    const text = JSON.stringify(hello);
    await line.raw(`${text}${' '.repeat(LIMITS.maxHelloBytes - text.length)}`);
    expect(line.last('welcome')).toMatchObject({ role: 'visitor' });
  });

  it('at the wrong door is told where the right one is', async () => {
    const visitor = under.line({ door: 'desk', origin: 'http://127.0.0.1' });
    await visitor.raw(JSON.stringify(hello));
    expect(visitor.last('error')).toMatchObject({ code: 'bad-site', detail: 'Visitors connect at /v1/socket.' });
    const agent = under.line();
    await agent.raw(
      JSON.stringify({ type: 'hello', role: 'agent', versions: [1], client: 'test', ticket: 'ticket-ada' }),
    );
    expect(agent.last('error')).toMatchObject({ code: 'bad-origin', detail: 'Agents connect at /desk/socket.' });
  });
});
