// Loaded into the relay with `--import`: at SIGUSR2 it collects garbage and writes a line about its own process. Timers that keep no process alive
// are in no list that Node has, so objects of their class are counted.
import { appendFileSync, readdirSync } from 'node:fs';
import { Socket } from 'node:net';
import { queryObjects } from 'node:v8';

const Timer = setTimeout(() => {}, 0).constructor;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function look() {
  // What one collection frees lets the next one give pages back.
  for (let i = 0; i < 4; i++) {
    globalThis.gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    await pause(100);
  }
  const { rss, heapUsed } = process.memoryUsage();
  const timers = queryObjects(Timer, { format: 'count' });
  const sockets = queryObjects(Socket, { format: 'count' });
  const files = readdirSync('/proc/self/fd').length;
  appendFileSync(process.env.FIRE_LOOK, `${JSON.stringify({ rss, heapUsed, timers, sockets, files })}\n`);
}

process.on('SIGUSR2', () => void look());
