import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import type { Random } from './random.ts';

/** A bad network: passes bytes to the relay and back, and breaks connections. */
export interface CuttingProxy {
  readonly port: number;
  /** Connections broken so far. */
  readonly cuts: number;
  startCutting(): void;
  stopCutting(): void;
  close(): Promise<void>;
}

interface Pair {
  near: Socket;
  far: Socket;
  /** The next bytes in this direction go through in part only, and then it breaks. */
  doomed: { direction: 'up' | 'down'; share: number } | null;
}

/** While nothing is connected, whether something is by now is looked at this often. */
const lookAgainMs = 100;

/**
 * Breaks connections, each about once in `lifeMs`: at once, in the middle of a frame that goes up or comes down, or after the relay got
 * everything and before its answer came through.
 */
export async function openCuttingProxy(options: {
  target: number;
  lifeMs: number;
  random: Random;
}): Promise<CuttingProxy> {
  const { target, lifeMs, random } = options;
  const pairs = new Set<Pair>();
  let cuts = 0;
  let timer: NodeJS.Timeout | null = null;

  const end = (pair: Pair): void => {
    pairs.delete(pair);
    pair.near.destroy();
    pair.far.destroy();
  };
  const cut = (pair: Pair): void => {
    if (!pairs.delete(pair)) return;
    cuts++;
    // Some ends are orderly, some are a reset that throws away what was on its way.
    for (const socket of [pair.near, pair.far]) {
      if (random.chance(0.5)) socket.resetAndDestroy();
      else socket.destroy();
    }
  };
  const pass = (pair: Pair, direction: 'up' | 'down'): void => {
    const [from, to] = direction === 'up' ? [pair.near, pair.far] : [pair.far, pair.near];
    from.on('data', (chunk: Buffer) => {
      if (pair.doomed?.direction === direction) {
        const part = chunk.subarray(0, Math.floor(chunk.length * pair.doomed.share));
        from.pause();
        if (part.length === 0) cut(pair);
        else to.write(part, () => cut(pair));
      } else if (!to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    from.on('end', () => to.end());
    from.on('error', () => end(pair));
    from.on('close', () => end(pair));
  };

  const server = createServer((near) => {
    const pair: Pair = { near, far: connect(target, '127.0.0.1'), doomed: null };
    near.setNoDelay(true);
    pair.far.setNoDelay(true);
    pairs.add(pair);
    pass(pair, 'up');
    pass(pair, 'down');
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', done);
  });

  const schedule = (): void => {
    const everyMs = pairs.size === 0 ? lookAgainMs : lifeMs / pairs.size;
    timer = setTimeout(
      () => {
        const whole = [...pairs].filter((pair) => pair.doomed === null);
        if (whole.length > 0) {
          const pair = random.pick(whole);
          const way = random.whole(4);
          if (way === 0) cut(pair);
          else if (way === 1) pair.doomed = { direction: 'down', share: 0 };
          else pair.doomed = { direction: way === 2 ? 'up' : 'down', share: 0.1 + 0.8 * random.next() };
        }
        schedule();
      },
      everyMs * 2 * random.next(),
    );
  };

  const stopCutting = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    for (const pair of pairs) pair.doomed = null;
  };
  return {
    port: (server.address() as AddressInfo).port,
    get cuts() {
      return cuts;
    },
    startCutting: schedule,
    stopCutting,
    close() {
      stopCutting();
      for (const pair of [...pairs]) end(pair);
      return new Promise((done) => server.close(() => done()));
    },
  };
}
