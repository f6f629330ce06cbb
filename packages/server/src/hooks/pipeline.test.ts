import { describe, expect, it } from 'vitest';
import { manualClock } from '../test-support/manual-clock.ts';
import { createPipeline, type HookRun } from './pipeline.ts';
import { createRecentFailures } from './recent.ts';

function house() {
  const clock = manualClock(1_000);
  const runs: HookRun[] = [];
  return { clock, runs, pipeline: createPipeline({ clock, report: (run) => void runs.push(run) }) };
}
const isNumber = (value: unknown): boolean => typeof value === 'number';

describe('a hook that is asked', () => {
  it('gives its answer', async () => {
    const { pipeline, runs } = house();
    const asked = await pipeline.decide({ name: 'double', stage: 'test', run: (n: number) => n * 2 }, 21, {
      otherwise: 0,
      check: isNumber,
      conversation: 'c1',
    });
    expect(asked).toEqual({ value: 42, fellBack: false, outcome: 'done', error: null });
    expect(runs).toEqual([{ hook: 'double', stage: 'test', outcome: 'done', ms: 0, conversation: 'c1', error: null }]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
      'failed',
    ],
    ['rejects', () => Promise.reject(new Error('no')), 'failed'],
    ['answers nonsense', () => 'many', 'nonsense'],
  ])('falls back to what was declared when it %s', async (_what, run, outcome) => {
    const { pipeline, runs } = house();
    const asked = await pipeline.decide({ name: 'bad', stage: 'test', run }, null, {
      otherwise: 7,
      check: isNumber,
    } as never);
    expect(asked).toMatchObject({ value: 7, fellBack: true, outcome });
    expect(runs).toMatchObject([{ hook: 'bad', outcome, conversation: null }]);
  });

  it('falls back when its check throws', async () => {
    const { pipeline } = house();
    const check = () => {
      throw new Error('boo');
    };
    const asked = await pipeline.decide({ name: 'bad', stage: 'test', run: () => 1 }, null, { otherwise: 7, check });
    expect(asked).toMatchObject({ value: 7, outcome: 'failed' });
  });

  it('is given up at its deadline, hears so, and what it says later is nothing', async () => {
    const { pipeline, clock, runs } = house();
    let late = (_value: number): void => {};
    let heard: AbortSignal | undefined;
    const run = (_input: null, { signal }: { signal: AbortSignal }) => {
      heard = signal;
      return new Promise<number>((resolve) => {
        late = resolve;
      });
    };
    const asking = pipeline.decide({ name: 'slow', stage: 'test', run, deadlineMs: 50 }, null, { otherwise: 7 });
    await Promise.resolve();
    clock.advance(49);
    expect(heard?.aborted).toBe(false);
    clock.advance(1);
    expect(await asking).toMatchObject({ value: 7, fellBack: true, outcome: 'late' });
    expect(heard?.aborted).toBe(true);
    late(42);
    await Promise.resolve();
    expect(runs).toMatchObject([{ outcome: 'late', ms: 50, error: new Error('"slow" did not answer in 50 ms.') }]);
  });

  it('can change nothing of ours when it is somebody else’s', async () => {
    const { pipeline } = house();
    const input = { agents: ['ada'] };
    const run = (given: typeof input): number => given.agents.push('thief');
    const hook = { name: 'thief', stage: 'test', run };
    await pipeline.decide({ ...hook, isForeign: true }, input, { otherwise: 0 });
    expect(input).toEqual({ agents: ['ada'] });
    await pipeline.decide(hook, input, { otherwise: 0 });
    expect(input.agents).toHaveLength(2);
  });

  it('is called off by whoever asked, before and while it runs', async () => {
    const { pipeline } = house();
    const asker = new AbortController();
    const run = () => new Promise<number>(() => {});
    const asking = pipeline.decide({ name: 'slow', stage: 'test', run }, null, { otherwise: 7, signal: asker.signal });
    asker.abort();
    expect(await asking).toMatchObject({ value: 7, outcome: 'called-off' });
    let ran = false;
    const again = pipeline.decide(
      {
        name: 'slow',
        stage: 'test',
        run: () => {
          ran = true;
          return 1;
        },
      },
      null,
      { otherwise: 7, signal: asker.signal },
    );
    expect(await again).toMatchObject({ outcome: 'called-off' });
    expect(ran).toBe(false);
  });
});

describe('recent failures', () => {
  it('keep the newest hundred that fell back, and words only', () => {
    const recent = createRecentFailures();
    const run: HookRun = {
      hook: 'crm',
      stage: 'event',
      outcome: 'failed',
      ms: 1,
      conversation: 'c1',
      error: new Error('x'.repeat(999)),
    };
    recent.note({ ...run, outcome: 'done' }, 1);
    recent.note({ ...run, outcome: 'called-off' }, 2);
    for (let at = 3; at < 153; at++) recent.note(run, at);
    const list = recent.list();
    expect(list).toHaveLength(100);
    expect(list[0]).toEqual({ hook: 'crm', stage: 'event', at: 152, message: 'x'.repeat(300), conversation: 'c1' });
    expect(list.at(-1)?.at).toBe(53);
  });
});
