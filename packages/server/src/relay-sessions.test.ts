import { readdirSync, readFileSync } from 'node:fs';
import { playSession } from '@sveiki/protocol/testing';
import { describe, expect, it } from 'vitest';
import { relayUnderTest, turn } from './testing/relay-under-test.ts';

const folder = new URL('../../protocol/sessions/', import.meta.url);

describe('recorded sessions against the relay', () => {
  it.each(readdirSync(folder))('%s', async (file) => {
    const under = await relayUnderTest();
    await playSession(readFileSync(new URL(file, folder), 'utf8'), (_who, door) => {
      const line = under.line({ door, origin: door === 'desk' ? 'http://127.0.0.1' : 'https://shop.example' });
      let read = 0;
      return {
        send: (text) => line.raw(text),
        next: async () => {
          await turn();
          return line.frames[read++] ?? null;
        },
        end: () => line.cut(),
        closedWith: async () => line.closed?.code ?? 0,
      };
    });
    await under.checkEventLaw();
    await under.relay.stop();
    expect(under.relay.ready).toBe(false);
  });
});
