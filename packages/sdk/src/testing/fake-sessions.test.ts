import { readdirSync, readFileSync } from 'node:fs';
import { playSession } from '@sveiki/protocol/testing';
import { describe, expect, it } from 'vitest';
import { cast } from './cast.ts';
import { testClock } from './clock.ts';
import { fakeServer } from './fake-server.ts';

const folder = new URL('../../../protocol/sessions/', import.meta.url);

describe('recorded sessions against the fake server', () => {
  it.each(readdirSync(folder))('%s', async (file) => {
    const clock = testClock();
    // What the sessions name, as the relay has it where it plays them.
    const server = fakeServer({
      clock,
      bots: [
        { id: 'robin', name: 'Robin', drafts: true },
        { id: 'wren', name: 'Wren' },
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
      agents: [
        { ...cast.agents.ada, teams: ['sales', 'billing'] },
        cast.agents.ben,
        { ...cast.agents.cleo, teams: ['sales'] },
      ],
      offersIn: ['billing'],
    });
    await playSession(readFileSync(new URL(file, folder), 'utf8'), (_who, door) => {
      const frames: object[] = [];
      let code = 0;
      const handlers = server.accept({
        url: door === 'desk' ? 'wss://chat.example.com/desk/socket' : 'wss://chat.example.com/v1/socket',
        send: (text) => frames.push(JSON.parse(text) as object),
        close: (closedWith) => {
          code = closedWith;
        },
      });
      return {
        send: (text) => handlers.message(text),
        async next() {
          await clock.settle();
          return frames.shift() ?? null;
        },
        end: () => handlers.closed(),
        closedWith: async () => code,
      };
    });
    for (const id of server.conversations.keys())
      expect(server.log(id, 'visitor').events.map(({ seq }) => seq)).toEqual(
        [...server.log(id, 'visitor').events.keys()].map((i) => i + 1),
      );
  });
});
