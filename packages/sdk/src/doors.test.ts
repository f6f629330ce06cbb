import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);

/** Imports a door where touching anything of a page, a clock or the network throws. */
const code = (door: string) => `
  const touched = [];
  for (const name of ['window', 'document', 'location', 'navigator', 'localStorage', 'sessionStorage', 'WebSocket', 'BroadcastChannel', 'fetch', 'crypto', 'addEventListener']) {
    Object.defineProperty(globalThis, name, { configurable: true, get() { touched.push(name); return undefined; } });
  }
  for (const [object, name] of [[Date, 'now'], [Math, 'random'], [globalThis, 'setInterval']]) {
    const real = object[name];
    object[name] = (...args) => { touched.push(name); return real(...args); };
  }
  const door = await import(${JSON.stringify(new URL(door, import.meta.url).href)});
  console.log(JSON.stringify({ touched, names: Object.keys(door).sort() }));
`;

describe('each door', () => {
  it.each([
    [
      './index.ts',
      [
        'ChatError',
        'ERRORS',
        'LIMITS',
        'RATING_SCALES',
        'checkAnswers',
        'createChat',
        'findSite',
        'isKind',
        'pipeAnswers',
        'plainText',
        'startAnswers',
        'storedHistory',
        'systemClock',
        'textIn',
        'visibleFields',
      ],
    ],
    [
      './agent.ts',
      [
        'ChatError',
        'ERRORS',
        'LIMITS',
        'RATING_SCALES',
        'answerInWords',
        'createAgent',
        'inQueueOrder',
        'isKind',
        'pipeAnswers',
        'plainText',
        'queuePlaceOf',
        'systemClock',
        'textIn',
      ],
    ],
    [
      './bots.ts',
      [
        'ChatError',
        'ModelError',
        'botTexts',
        'botTicket',
        'chatCompletions',
        'createAgent',
        'defineBot',
        'faqBot',
        'fromBotFramework',
        'llmBot',
        'runBot',
        'toBotFramework',
      ],
    ],
    [
      './testing.ts',
      ['browserAt', 'cast', 'fakeHttp', 'fakeNetwork', 'fakeServer', 'memoryStorage', 'pair', 'testClock', 'until'],
    ],
    ['./webhooks.ts', ['WebhookError', 'signWebhook', 'verifyRouteRequest', 'verifyWebhook']],
  ])('%s imports alone in Node, touches nothing, and gives what it promises', async (door, names) => {
    const { stdout } = await run(process.execPath, [
      '--conditions=@sveiki/source',
      '--input-type=module',
      '-e',
      code(door),
    ]);
    expect(JSON.parse(stdout)).toEqual({ touched: [], names });
  });
});
