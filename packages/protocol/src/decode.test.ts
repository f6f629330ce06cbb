import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { decodeFromClient } from './decode.ts';
import { sendSchema } from './from-client/send.ts';
import { negotiateVersion, OLDEST_SUPPORTED, PROTOCOL_VERSION } from './version.ts';

const send = {
  type: 'send',
  id: 'message-0001',
  conversation: 'conversation-1',
  blocks: [{ kind: 'text', text: 'Hello' }],
};

describe('decodeFromClient', () => {
  it('reads a frame as it is', () => {
    expect(decodeFromClient(send)).toEqual({ ok: true, frame: send });
  });

  it.each([
    ['null', null, ''],
    ['a string', 'send', ''],
    ['an array', [send], ''],
    ['no type', {}, 'type'],
    ['an inherited property', { type: 'toString' }, 'type'],
    ['a type that is no string', { type: ['send'] }, 'type'],
    ['a short id', { ...send, id: 'x' }, 'id'],
    ['an id with a space', { ...send, id: 'message 0001' }, 'id'],
    ['no blocks', { ...send, blocks: [] }, 'blocks'],
    ['too many blocks', { ...send, blocks: Array(9).fill(send.blocks[0]) }, 'blocks'],
    ['a tree of the client’s own', { ...send, blocks: [{ kind: 'text', text: 'x', tree: [] }] }, 'blocks.0.tree'],
    ['an unknown field', { ...send, verified: true }, 'verified'],
    ['a fraction as position', { type: 'mark', conversation: 'conversation-1', read: 1.5 }, 'read'],
    ['a position below nothing', { type: 'mark', conversation: 'conversation-1', read: -1 }, 'read'],
    ['a position that is no safe number', { type: 'mark', conversation: 'conversation-1', read: 2 ** 60 }, 'read'],
  ])('refuses %s and says where', (_what, value, at) => {
    expect(decodeFromClient(value)).toMatchObject({ ok: false, at });
  });

  it('gives back the id of a frame it refuses, unless that is no id', () => {
    expect(decodeFromClient({ type: 'send', id: 'message-0001' })).toMatchObject({ id: 'message-0001' });
    expect(decodeFromClient({ type: 'send', id: 'x'.repeat(65) })).not.toHaveProperty('id');
    expect(decodeFromClient({ type: 'send', id: { toString: 1 } })).not.toHaveProperty('id');
  });

  it('takes of messages exactly what their schema takes', () => {
    const nearly = (value: unknown) =>
      fc.oneof(
        { weight: 6, arbitrary: fc.constant(value) },
        fc.constantFrom<unknown>('', 'x', 'message 0001', 'x'.repeat(65), 0, -1, 1.5, 2 ** 60, null, true, [], {}, [
          {},
        ]),
      );
    const block = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: nearly('text'), text: nearly('Hello') }) },
      fc.record({ kind: nearly('text') }),
      fc.record({ kind: nearly('text'), text: nearly('Hello'), tree: nearly([]) }),
      nearly(null),
    );
    const frame = fc.record(
      {
        type: fc.constant('send'),
        id: nearly(send.id),
        conversation: nearly(send.conversation),
        blocks: fc.oneof({ weight: 4, arbitrary: fc.array(block, { maxLength: 10 }) }, nearly(send.blocks)),
        ownership: nearly(3),
        before: nearly({ form: 'hello', answers: {} }),
        more: nearly(1),
      },
      { requiredKeys: ['type', 'blocks'] },
    );
    let taken = 0;
    const decides = (value: Record<string, unknown>): void => {
      const parsed = v.safeParse(sendSchema, value);
      const decoded = decodeFromClient(value);
      expect(decoded.ok).toBe(parsed.success);
      if (!decoded.ok || !parsed.success) return;
      expect(decoded.frame).toEqual(parsed.output);
      taken += 1;
    };
    fc.assert(fc.property(frame, decides), { numRuns: 2_000 });
    fc.assert(
      fc.property(
        frame.map(({ more: _, before: __, ...rest }) => ({ ...send, ...rest })),
        decides,
      ),
    );
    expect(taken).toBeGreaterThan(10);
  });

  it('never throws, whatever comes', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => typeof decodeFromClient(value).ok === 'boolean'));
    fc.assert(
      fc.property(
        fc.record(
          { type: fc.constantFrom('send', 'hello', 'mark', 'get-events', 'transfer', '__proto__') },
          { requiredKeys: ['type'] },
        ),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (frame, more) => typeof decodeFromClient({ ...more, ...frame }).ok === 'boolean',
      ),
    );
  });
});

describe('versions', () => {
  it('chooses the newest that both speak', () => {
    expect(negotiateVersion([PROTOCOL_VERSION + 1, PROTOCOL_VERSION, OLDEST_SUPPORTED])).toBe(PROTOCOL_VERSION);
    expect(negotiateVersion([OLDEST_SUPPORTED])).toBe(OLDEST_SUPPORTED);
    expect(negotiateVersion([0, 99])).toBeNull();
  });
});
