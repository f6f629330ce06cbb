import { join } from 'node:path';
import { type Child, cpuOf, portOf, startChild, startServer } from './child.ts';
import type { RunReport, ServerKind, Setup } from './load/talkers.ts';
import { startRelay } from './relay.ts';
import { median, type Result, rounded } from './results.ts';

const here = import.meta.dirname;

interface Contestant {
  kind: ServerKind;
  server: Child;
  generator: Child;
  stop(): Promise<void>;
  rounds: { perSecond: number; cpuEach: number }[];
}

/**
 * Conversations of two, one message on its way in each: how many messages a second are acknowledged and arrive. The relay commits each to disk
 * before its ack; the others keep nothing. All servers are up all the time and take turns, so that whatever else the machine does meets all.
 */
export async function measureMessages({ quick }: { quick: boolean }): Promise<Result[]> {
  const conversations = 500;
  const rounds = quick ? 3 : 7;
  const roundMs = quick ? 1_000 : 3_000;
  const contestants: Contestant[] = [];
  try {
    for (const kind of ['bare-ws', 'socket-io', 'sveiki'] as const) {
      contestants.push(await enter(kind, conversations));
    }
    for (const contestant of contestants) await runOnce(contestant, roundMs); // warms up; does not count
    for (const contestant of contestants) contestant.rounds = [];
    for (let round = 0; round < rounds; round++) {
      for (const contestant of contestants) await runOnce(contestant, roundMs);
    }
  } finally {
    for (const { generator, stop } of contestants) {
      await generator.stop();
      await stop();
    }
  }
  const [ws, socketIo, sveiki] = contestants as [Contestant, Contestant, Contestant];
  const what = `durable acknowledged messages, ${conversations} conversations of two`;
  return [
    rateResult('messages.vs-ws', `${what}, beside bare ws without a store`, sveiki, ws, { goal: 0.5, floor: 0.4 }),
    rateResult('messages.vs-socket-io', `${what}, beside Socket.IO without a store`, sveiki, socketIo, {
      goal: 1,
      floor: 0.8,
    }),
    cpuResult('messages.cpu-vs-ws', 'CPU of the server for each message, beside bare ws', sveiki, ws),
    cpuResult('messages.cpu-vs-socket-io', 'CPU of the server for each message, beside Socket.IO', sveiki, socketIo),
  ];
}

async function enter(kind: ServerKind, conversations: number): Promise<Contestant> {
  const relay = kind === 'sveiki' ? await startRelay({ agents: conversations }) : null;
  const server = relay?.child ?? startServer(join(here, 'servers', `${kind}.mjs`));
  const port = relay?.port ?? (await portOf(server));
  const generator = startChild(join(here, 'load', 'talkers.ts'));
  const setup: Setup = { kind, port, conversations, ...(relay === null ? {} : { relay: relay.door }) };
  await generator.ask({ setup }, hasKey('ready'));
  return { kind, server, generator, rounds: [], stop: () => (relay ?? server).stop() };
}

async function runOnce({ kind, server, generator, rounds }: Contestant, ms: number): Promise<void> {
  const cpuBefore = await cpuOf(server);
  const { report } = (await generator.ask({ run: ms }, hasKey('report'))) as { report: RunReport };
  const cpu = (await cpuOf(server)) - cpuBefore;
  if (report.delivered !== report.acked)
    throw new Error(`${kind} acknowledged ${report.acked} and delivered ${report.delivered}.`);
  rounds.push({ perSecond: (report.acked / report.ms) * 1_000, cpuEach: cpu / report.acked });
}

/** The ratio is the median of the ratios of neighbouring rounds: what slows the machine down for a while slows both. */
function compared(ours: Contestant, theirs: Contestant, read: (round: Contestant['rounds'][number]) => number) {
  const [mine, yours] = [ours.rounds.map(read), theirs.rounds.map(read)];
  return {
    value: rounded(median(mine)),
    baseline: rounded(median(yours)),
    ratio: rounded(median(mine.map((value, round) => value / yours[round]!))),
  };
}

function rateResult(
  id: string,
  what: string,
  ours: Contestant,
  theirs: Contestant,
  bounds: { goal: number; floor: number },
): Result {
  const numbers = compared(ours, theirs, ({ perSecond }) => perSecond);
  return { id, what, unit: 'msg/s', ...numbers, ...bounds, compares: 'ratio', better: 'higher' };
}

function cpuResult(id: string, what: string, ours: Contestant, theirs: Contestant): Result {
  const numbers = compared(ours, theirs, ({ cpuEach }) => cpuEach);
  return { id, what, unit: 'µs', ...numbers, goal: null, floor: null, compares: 'ratio', better: 'lower' };
}

function hasKey(key: string) {
  return (message: unknown): message is object => typeof message === 'object' && message !== null && key in message;
}
