import { join } from 'node:path';
import { portOf, residentOf, startChild } from './child.ts';
import { startRelay, untilReady } from './relay.ts';
import { median, type Result, rounded } from './results.ts';

const bareServer = join(import.meta.dirname, 'servers', 'bare-ws.mjs');
const idleMs = 5_000;

/** From the start of the process until it serves, and what it holds when nobody is there; beside a bare `ws` server. */
export async function measureStartup({ quick }: { quick: boolean }): Promise<Result[]> {
  const rounds = quick ? 1 : 5;
  const times = { ours: [] as number[], bare: [] as number[] };
  const memory = { ours: [] as number[], bare: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    const bare = startChild(bareServer);
    const port = await portOf(bare);
    await untilReady(bare, port, performance.now() + 10_000);
    times.bare.push(performance.now() - startedAt);
    const relay = await startRelay({ plain: true });
    times.ours.push(relay.startMs);
    await new Promise((done) => setTimeout(done, idleMs));
    memory.bare.push(residentOf(bare.pid));
    memory.ours.push(residentOf(relay.child.pid));
    await bare.stop();
    await relay.stop();
  }
  return [
    {
      id: 'startup.ready',
      what: 'from the start of the process until the relay is ready, on a new database',
      value: rounded(median(times.ours)),
      unit: 'ms',
      baseline: rounded(median(times.bare)),
      ratio: rounded(median(times.ours) / median(times.bare)),
      goal: 2_000,
      floor: 4_000,
      compares: 'value',
      better: 'lower',
    },
    {
      id: 'startup.idle-memory',
      what: `resident memory of the relay ${idleMs / 1_000} s after its start, nobody connected`,
      value: rounded(median(memory.ours) / 1e6),
      unit: 'MB',
      baseline: rounded(median(memory.bare) / 1e6),
      ratio: rounded(median(memory.ours) / median(memory.bare)),
      goal: 120,
      floor: 130,
      compares: 'value',
      better: 'lower',
    },
  ];
}
