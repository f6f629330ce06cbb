import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createChat } from '../../packages/sdk/src/index.ts';
import { createRandom } from '../replay/random.ts';
import { fetchOf, socketsOf } from '../replay/site-socket.ts';
import { openStaff, pause } from '../replay/staff.ts';
import { diskInMemory } from '../replay/visitor.ts';
import { ORIGIN, openStage, SITE, type Stage } from './stage.ts';

export interface ChurnOptions {
  clients: number;
  seconds: number;
  /** Of a hundred visitors so many leave in a minute, and as many others come. */
  percent: number;
  seed: number;
  deadlineMs: number;
  tell?: (news: string) => void;
}

/** The relay after a collection of garbage. */
export interface Look {
  rss: number;
  heapUsed: number;
  timers: number;
  sockets: number;
  files: number;
}

export interface ChurnResult {
  clients: number;
  seconds: number;
  /** Visitors who came, said something, were answered for, and left. */
  visits: number;
  before: Look;
  after: Look;
  /** Megabytes an hour, by the least squares over all looks after the warm-up. */
  rssMbPerHour: number;
  heapMbPerHour: number;
  /** Heap that each visit left behind, in bytes, by the same. */
  heapBytesPerVisit: number;
}

const MB = 1_048_576;
const AGENTS = 4;
const TICK_MS = 1_000;
const LOOKS = 20;
/** This share of the time is for caches to fill. */
const WARM_UP = 0.25;
/** How long connections that have ended take to be gone on the other side. */
const SETTLE_MS = 8_000;

/** People come, say something, have it resolved, stay a while and leave, for a long time: nothing of them may stay in memory. */
export async function churn(options: ChurnOptions): Promise<ChurnResult> {
  const { clients, seconds, percent, seed, deadlineMs, tell = () => {} } = options;
  const random = createRandom(seed);
  const stage = await openStage({
    ...{ agents: AGENTS, capacity: 100 },
    node: ['--expose-gc', '--import', join(import.meta.dirname, 'inside.mjs')],
    env: (folder) => ({ FIRE_LOOK: join(folder, 'looks') }),
  });
  const ends = new AbortController();
  const deadline = setTimeout(() => ends.abort(new Error('The time for all of it is over.')), deadlineMs);
  const { signal } = ends;
  try {
    await stage.relay.start();
    await pause(SETTLE_MS, signal);
    const look = createLooks(stage, signal);
    const before = await look();
    const { server, codes } = stage;
    const Socket = socketsOf(server).Socket;
    const staff = await openStaff({ server, Socket, codes, atOnce: 50, wrapUp: 'done', random: random.fork(), signal });
    const visitors: { leave(): Promise<void> }[] = [];
    const site = { server, site: SITE, WebSocket: socketsOf(ORIGIN).Socket, fetch: fetchOf(ORIGIN) };
    let visits = 0;
    const come = async (): Promise<void> => {
      const chat = createChat({ ...site, storage: diskInMemory(), transport: 'websocket', locale: 'en' });
      const { conversation } = await chat.send(`visit ${visits++}`);
      await staff.resolve(conversation);
      visitors.push({ leave: () => chat.destroy() });
    };
    for (let left = clients; left > 0; left -= 50) await Promise.all(Array.from({ length: Math.min(50, left) }, come));
    tell(`${visitors.length} are there`);

    const looks: (Look & { at: number; visits: number })[] = [];
    const startedAt = performance.now();
    const elapsed = (): number => (performance.now() - startedAt) / 1_000;
    let due = 0;
    while (elapsed() < seconds && !signal.aborted) {
      await pause(TICK_MS, signal);
      due = (elapsed() / 60) * (percent / 100) * clients - (visits - clients);
      const leaving = Array.from(
        { length: Math.floor(due) },
        () => visitors.splice(random.whole(visitors.length), 1)[0],
      );
      await Promise.all(leaving.flatMap((visitor) => [visitor?.leave(), come()]));
      if (elapsed() < ((looks.length + 1) * seconds) / LOOKS) continue;
      const seen = await look();
      looks.push({ ...seen, at: elapsed(), visits });
      tell(`${Math.round(elapsed())} s, ${visits} visits, ${toMb(seen.rss)} MB, heap ${toMb(seen.heapUsed)} MB`);
    }
    await Promise.all(visitors.map((visitor) => visitor.leave()));
    await staff.leave();
    await pause(SETTLE_MS, signal);
    const after = await look();
    await stage.relay.stop();
    const warm = looks.slice(Math.floor(looks.length * WARM_UP));
    const perHour = (read: (look: Look) => number): number =>
      toMb(slope(warm.map((one) => [one.at / 3_600, read(one)])));
    return {
      ...{ clients, seconds, visits, before, after },
      rssMbPerHour: perHour(({ rss }) => rss),
      heapMbPerHour: perHour(({ heapUsed }) => heapUsed),
      heapBytesPerVisit: Math.round(slope(warm.map((one) => [one.visits, one.heapUsed]))),
    };
  } finally {
    clearTimeout(deadline);
    ends.abort(new Error('It has ended.'));
    await stage.close();
  }
}

/** Asks the relay to look at itself. */
function createLooks(stage: Stage, signal: AbortSignal): () => Promise<Look> {
  const file = join(stage.folder, 'looks');
  const lines = (): string[] => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
  return async () => {
    const count = lines().length;
    stage.relay.signal('SIGUSR2');
    while (lines().length === count) {
      if (signal.aborted) throw signal.reason as Error;
      await pause(100, signal);
    }
    return JSON.parse(lines().at(-1) as string) as Look;
  };
}

/** Of the line nearest to the points. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point[0])), mean(points.map((point) => point[1]))];
  const over = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return over / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}

const toMb = (bytes: number): number => Math.round((bytes / MB) * 100) / 100;
