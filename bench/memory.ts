import { join } from 'node:path';
import { memoryOf, portOf, startChild, startServer } from './child.ts';
import type { IdleSetup } from './load/idlers.ts';
import { startRelay } from './relay.ts';
import { median, type Result, rounded } from './results.ts';

const here = import.meta.dirname;
/** Connections made and ended before anything is measured: what a server makes once must not count for each. */
const warmUp = 500;
const settleMs = 2_000;

/** What an idle visitor costs a server in resident memory, after garbage was collected, beside a connection that `ws` alone holds. */
export async function measureMemory({ quick }: { quick: boolean }): Promise<Result[]> {
  const count = quick ? 5_000 : 10_000;
  const rounds = quick ? 1 : 3;
  // Longer than a heartbeat and its grace time: who is still there then has answered.
  const stayMs = quick ? 3_000 : 40_000;
  const ours: Cost[] = [];
  const bare: Cost[] = [];
  let stayed = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    bare.push((await idle('bare-ws', count, settleMs)).cost);
    const crowd = await idle('sveiki', count, round === 0 ? stayMs : settleMs);
    ours.push(crowd.cost);
    stayed = Math.min(stayed, crowd.stayed);
  }
  const compared = (read: (cost: Cost) => number) => ({
    value: rounded(median(ours.map(read))),
    unit: 'B',
    baseline: rounded(median(bare.map(read))),
    ratio: rounded(median(ours.map((cost, round) => read(cost) / read(bare[round]!)))),
    compares: 'ratio' as const,
    better: 'lower' as const,
  });
  return [
    {
      id: 'memory.idle-visitor',
      what: `resident memory for each of ${count} idle visitors, beside a bare ws connection`,
      ...compared(({ bytes }) => bytes),
      goal: 1.5,
      floor: 1.8,
    },
    {
      id: 'memory.idle-visitor-roomy',
      what: 'the same with the room that V8 grew for new objects while they connected',
      ...compared(({ roomyBytes }) => roomyBytes),
      goal: null,
      floor: null,
    },
    {
      id: 'memory.visitors-stay',
      what: `idle visitors that are still connected after ${stayMs / 1_000} s`,
      value: stayed,
      unit: 'visitors',
      baseline: count,
      ratio: stayed / count,
      goal: 1,
      floor: 1,
      compares: 'ratio',
      better: 'higher',
    },
  ];
}

/** What each connection added to the server. */
interface Cost {
  bytes: number;
  roomyBytes: number;
}

async function idle(kind: IdleSetup['kind'], count: number, stayMs: number): Promise<{ cost: Cost; stayed: number }> {
  const relay = kind === 'sveiki' ? await startRelay() : null;
  const server = relay?.child ?? startServer(join(here, 'servers', 'bare-ws.mjs'));
  const port = relay?.port ?? (await portOf(server));
  const crowd = startChild(join(here, 'load', 'idlers.ts'));
  const ask = async (question: object): Promise<number> => (await crowd.ask(question, saysOpen)).open;
  try {
    const door = relay === null ? {} : { site: relay.door.site, origin: relay.door.origins.visitor };
    const setup = { kind, port, ...door };
    await ask({ connect: { ...setup, count: warmUp } });
    await ask({ leave: true });
    await pause(settleMs);
    const before = await memoryOf(server);
    await ask({ connect: { ...setup, count } });
    await pause(stayMs);
    const stayed = await ask({ count: true });
    const after = await memoryOf(server);
    const cost = {
      bytes: (after.memory - before.memory) / count,
      roomyBytes: (after.roomy - before.roomy) / count,
    };
    return { cost, stayed };
  } finally {
    await crowd.stop();
    await (relay ?? server).stop();
  }
}

function saysOpen(message: unknown): message is { open: number } {
  return typeof message === 'object' && message !== null && 'open' in message;
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
