import { beforeEach, expect, it } from 'vitest';
import { silentLog } from './log.ts';
import { createReadiness } from './readiness.ts';
import { type ManualClock, manualClock } from './test-support/manual-clock.ts';

let clock: ManualClock;
let said: string[];
let asked: ((isWritable: boolean | Error) => void)[];
let relay: { ready: boolean };
let ask: () => Promise<string | null>;
beforeEach(() => {
  clock = manualClock();
  said = [];
  asked = [];
  relay = { ready: true };
  const say = (_what: object, text: string) => void said.push(text);
  const problem = createReadiness({ clock, log: { ...silentLog, info: say, warn: say } });
  const store = {
    writable: () =>
      new Promise<boolean>((resolve, reject) =>
        asked.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer))),
      ),
  };
  ask = () => problem({ relay, store });
});
/** Asks, and has the store answer if it is asked. */
function askAnd(answer: boolean | Error): Promise<string | null> {
  const question = ask();
  asked.at(-1)?.(answer);
  return question;
}

it('asks the store once a second, however often it is asked itself', async () => {
  for (let n = 0; n < 10; n += 1) expect(await askAnd(true)).toBe(null);
  expect(asked).toHaveLength(1);
  clock.advance(1_000);
  expect(await askAnd(false)).toBe('The store cannot be written.');
  expect(asked).toHaveLength(2);
});

it('follows a clock that is set back', async () => {
  expect(await askAnd(false)).toBe('The store cannot be written.');
  clock.set(clock.now() - 3_600_000);
  expect(await askAnd(true)).toBe(null);
});

it('is not ready within two seconds of a hanging disk, sends no second probe after the first, and is back with its answer', async () => {
  expect(await askAnd(true)).toBe(null);
  clock.advance(1_000);
  const hanging = ask();
  clock.advance(2_000);
  expect(await hanging).toBe('The store does not answer.');
  for (let n = 0; n < 3_600; n += 1) {
    clock.advance(1_000);
    expect(await ask()).toBe('The store does not answer.');
  }
  expect(asked).toHaveLength(2);
  asked[1]?.(true);
  await Promise.resolve();
  expect(await askAnd(true)).toBe(null);
  expect(asked).toHaveLength(3);
});

it('says in the log what has changed, and nothing as long as nothing does', async () => {
  for (const answer of [true, false, false, new Error('gone'), true, true]) {
    await askAnd(answer);
    clock.advance(1_000);
  }
  expect(said).toEqual(['The relay is not ready.', 'The relay is not ready.', 'The relay is ready again.']);
});

it('is not ready before the relay is there, nor while it stops, and asks nothing then', async () => {
  relay.ready = false;
  expect(await ask()).toBe('The relay is starting or stopping.');
  expect(asked).toHaveLength(0);
});
