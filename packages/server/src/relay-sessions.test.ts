import { readdirSync, readFileSync } from 'node:fs';
import { playSession } from '@sveiki/protocol/testing';
import { describe, expect, it } from 'vitest';
import type { Config } from './config-types.ts';
import { relayUnderTest, turn } from './testing/relay-under-test.ts';

const folder = new URL('../../protocol/sessions/', import.meta.url);

/** What the sessions name, as the fake server has it where it plays them. */
const config: Partial<Config> = {
  teams: [
    { id: 'sales', name: 'Sales', strategy: 'manual' },
    { id: 'billing', name: 'Billing', strategy: 'ring-all' },
  ],
  bots: [
    { id: 'robin', name: 'Robin', drafts: true, code: null, tokenHash: null },
    { id: 'wren', name: 'Wren', drafts: false, code: null, tokenHash: null },
  ],
  forms: [
    {
      id: 'order',
      purpose: 'in-chat',
      fields: [
        { id: 'number', kind: 'text', label: 'Order number', required: true },
        { id: 'why', kind: 'textarea', label: 'What happened' },
      ],
    },
  ],
};

describe('recorded sessions against the relay', () => {
  it.each(readdirSync(folder))('%s', async (file) => {
    const under = await relayUnderTest({ config });
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
