import { Worker } from 'node:worker_threads';

export interface Health {
  /** Longest answer so far, in ms, and how many did not come as they should. */
  worst(): Promise<{ worstMs: number; failed: number }>;
}

/** Asks again so long after an answer. */
const EVERY_MS = 100;

/** Asks the relay how it is, again and again, in a thread of its own: this one is busy being ten thousand people. */
export function watchHealth(server: string): Health {
  const worker = new Worker(
    `const { parentPort, workerData: { url, everyMs } } = require('node:worker_threads');
     let worstMs = 0, failed = 0;
     const ask = async () => {
       const at = performance.now();
       const isWell = await fetch(url).then((answer) => answer.ok, () => false);
       if (!isWell) failed++;
       worstMs = Math.max(worstMs, Math.round(performance.now() - at));
       setTimeout(ask, everyMs);
     };
     ask();
     parentPort.on('message', () => { parentPort.postMessage({ worstMs, failed }); process.exit(); });`,
    { eval: true, workerData: { url: `${server}/healthz`, everyMs: EVERY_MS } },
  );
  return {
    worst: () =>
      new Promise((done, fail) => {
        worker.once('error', fail);
        worker.once('message', done);
        worker.postMessage('worst');
      }),
  };
}
