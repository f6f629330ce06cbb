import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Crowd, openCrowd } from './crowd.ts';
import { mustHave } from './must-have.ts';
import { openStage, type StageOptions } from './stage.ts';

export interface AckOrder {
  /** Acks that were seen on their way to a socket. */
  acks: number;
  /** Of those, how many began to leave before the log with their row was synced. */
  early: number;
  /** Times the log was synced. */
  syncs: number;
}

export interface AckTraceOptions {
  /** Traces until so many messages were acknowledged. */
  acks: number;
  clients: number;
  seed: number;
  deadlineMs: number;
  /** Changes the relay, for the counter-proof. */
  patch?: NonNullable<StageOptions['patch']>;
}

const CALLS = 'write,writev,sendto,sendmsg,pwrite64,fsync,fdatasync';
/** More than a page of the log, or a batch of frames, has. */
const SHOWN_BYTES = 65_536;
const AGENTS = 2;

/**
 * Runs the relay under strace and looks at the order of its system calls: the row of a message goes into the write-ahead log, the log is synced, and
 * only then the ack may be written to a socket.
 */
export async function traceAcks(options: AckTraceOptions): Promise<AckOrder> {
  const { acks, clients, seed, deadlineMs, patch } = options;
  mustHave('strace');
  const folder = mkdtempSync(join(tmpdir(), 'sveiki-trace-'));
  const file = join(folder, 'calls');
  // -D: the relay stays our own child, and strace looks on from aside; -y: the file behind each descriptor.
  const look = ['-D', '-f', '-qq', '-y', '-s', `${SHOWN_BYTES}`, '-e', `trace=${CALLS}`, '-e', 'signal=none'];
  let crowd: Crowd | null = null;
  try {
    const under = ['strace', ...look, '-o', file];
    const stage = await openStage({ agents: AGENTS, under, ...(patch === undefined ? {} : { patch }) });
    try {
      await stage.relay.start();
      crowd = await openCrowd({ stage, talkers: clients - AGENTS, everyMs: 30, reloadOneIn: 0, seed, deadlineMs });
      await crowd.untilAcked(acks);
    } finally {
      await crowd?.close();
      await stage.relay.stop();
      await stage.close();
    }
    return await readTrace(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const lines = (file: string) => createInterface({ input: createReadStream(file, 'latin1') });
/** The first field of an ack as strace shows it. */
const ACK = /\{\\"type\\":\\"ack\\",\\"id\\":\\"([^\\"]+)/g;

async function readTrace(file: string): Promise<AckOrder> {
  const acked = new Set<string>();
  for await (const line of lines(file)) for (const [, id = ''] of line.matchAll(ACK)) acked.add(id);
  const reader = createTraceReader(acked);
  for await (const line of lines(file)) reader.read(line);
  return reader.order;
}

/**
 * Reads a trace line by line: `4711  fdatasync(18</data/sveiki.db-wal>) = 0`. A call that another thread's call came in between stands on two lines,
 * where it began (`<unfinished ...>`) and where it ended (`<... fdatasync resumed>`).
 */
export function createTraceReader(ids: ReadonlySet<string>): { read(line: string): void; readonly order: AckOrder } {
  const order: AckOrder = { acks: 0, early: 0, syncs: 0 };
  // Ids of one time begin alike and are equally long, so a page need not be searched for each of them.
  const [some = ''] = ids;
  const beginning = some.slice(0, 4);
  const written = new Set<string>();
  const synced = new Set<string>();
  /** By thread: the rows that a sync that has begun is for. */
  const syncing = new Map<string, string[]>();

  const idsIn = (line: string): string[] => {
    const found: string[] = [];
    for (let at = line.indexOf(beginning); at !== -1; at = line.indexOf(beginning, at + 1)) {
      const id = line.slice(at, at + some.length);
      if (ids.has(id)) found.push(id);
    }
    return found;
  };
  const endSync = (thread: string, line: string): void => {
    if (!/= 0$/.test(line)) return;
    order.syncs++;
    for (const id of syncing.get(thread) ?? []) synced.add(id);
    syncing.delete(thread);
  };

  return {
    order,
    read(line) {
      const [, thread = '', call = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
      if (/^pwrite64\(\d+<[^>]*-wal>/.test(call)) {
        for (const id of idsIn(call)) if (!synced.has(id)) written.add(id);
      } else if (/^f(data)?sync\(\d+<[^>]*-wal>/.test(call)) {
        syncing.set(thread, [...written]);
        written.clear();
        if (!call.includes('<unfinished')) endSync(thread, call);
      } else if (/^<\.\.\. f(data)?sync resumed>/.test(call)) {
        if (syncing.has(thread)) endSync(thread, call);
      } else {
        for (const [, id = ''] of call.matchAll(ACK)) {
          order.acks++;
          if (!synced.has(id)) order.early++;
        }
      }
    },
  };
}
