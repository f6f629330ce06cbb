import type { WebSocketLike } from '../../packages/sdk/src/connection/types.ts';
import type { Random } from '../replay/random.ts';
import { SITE } from './clients.ts';
import type { History } from './history.ts';
import type { Network } from './network.ts';
import type { Step } from './plan.ts';

/** Somebody with a socket and no manners: what he sends, and what is never answered with anything that is not his. */
export function createHostile(parts: {
  network: Network;
  random: Random;
  history: History;
  /** Conversations of others that he may have learnt of. */
  conversations(): Promise<string[]>;
}): { act(step: Step): void } {
  const { network, random, history, conversations } = parts;
  let ids = 0;
  const newId = (): string => `eve-frame-${String(++ids).padStart(8, '0')}`;
  const text = (value: string) => [{ kind: 'text', text: value }];

  function line(options: {
    origin?: string;
    frames(): object[] | Promise<object[]>;
    later?: () => object[];
  }): WebSocketLike {
    const Socket = network.sockets({
      who: 'eve',
      kind: 'hostile',
      door: 'site',
      origin: options.origin ?? 'https://shop.example',
      address: '10.6.6.6',
    });
    const socket = new Socket('wss://chat.example/v1/socket');
    const say = (frames: readonly (object | string)[]): void => {
      for (const frame of frames) socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
    };
    let isWelcome = false;
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: 'hello', role: 'visitor', versions: [1], client: 'eve', site: SITE }));
      if (options.later === undefined) void Promise.resolve(options.frames()).then(say);
      else say(options.later());
    };
    socket.onmessage = ({ data }) => {
      if (isWelcome || !`${data as string}`.includes('"welcome"')) return;
      isWelcome = true;
      void Promise.resolve(options.frames()).then(say);
    };
    return socket;
  }

  const rubbish = (): string => {
    const words = [
      '{',
      '[]',
      'null',
      '{"type":"send"}',
      '[[[[',
      '"x"',
      '{"type":"hello"}',
      '{"__proto__":{"type":"pong"}}',
      '\u0000',
    ];
    return random.chance(0.5)
      ? random.pick(words)
      : JSON.stringify({ type: 'send', id: newId(), conversation: 7, blocks: {} });
  };

  /** Everything that names a conversation, as each role would send it. */
  const about = (conversation: string): object[] => [
    { type: 'get-events', id: newId(), conversation, after: 0 },
    { type: 'send', id: newId(), conversation, blocks: text('Let me in') },
    { type: 'mark', conversation, read: 5 },
    { type: 'typing', conversation, on: true },
    { type: 'request-human', id: newId(), conversation },
    { type: 'note', id: newId(), conversation, blocks: text(`eve~${ids}~noted~eve`) },
    { type: 'take', id: newId(), conversation },
    { type: 'watch', id: newId(), conversation },
    { type: 'resolve', id: newId(), conversation, ownership: 1, wrapUp: 'answered' },
    { type: 'transfer', id: newId(), conversation, ownership: 1, to: { kind: 'agent', id: 'ada' } },
    { type: 'get-list', id: newId(), view: 'open' },
  ];

  return {
    act({ do: what, chance }) {
      history.tell(`eve: ${what}`);
      switch (what) {
        case 'garbage':
          line({
            frames: () => [],
            later: () => Array.from({ length: 1 + Math.floor(chance * 12) }, rubbish) as never,
          });
          return;
        case 'foreign':
        case 'staff-frames':
          line({ frames: async () => (await conversations()).slice(0, 3).flatMap(about) });
          return;
        case 'origin':
          line({ origin: 'https://evil.example', frames: () => [] });
          return;
        case 'flood':
          line({
            frames: () =>
              Array.from({ length: 40 }, () => ({
                type: 'send',
                id: newId(),
                conversation: 'conversation-of-eve-1',
                blocks: text('Buy!'),
              })),
          });
          return;
        case 'early':
          line({
            frames: () => [],
            later: () =>
              Array.from({ length: 80 }, () => ({
                type: 'send',
                id: newId(),
                conversation: 'conversation-of-eve-2',
                blocks: text('Now!'),
              })),
          });
          return;
        case 'deaf':
          line({
            frames: () => {
              network.stall(({ who }) => who === 'eve', 'down');
              return Array.from({ length: 60 }, () => ({
                type: 'get-events',
                id: newId(),
                conversation: 'conversation-of-eve-1',
                after: 0,
              }));
            },
          });
          return;
        default:
          line({ frames: async () => (await conversations()).slice(0, 1).flatMap(about) });
      }
    },
  };
}
