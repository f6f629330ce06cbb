import { Worker } from 'node:worker_threads';
import { AppendConflict, StorageFull } from '../../ports.ts';
import type { FromWriter, Job, Outcome, Refusal, ToWriter, WriterData } from './jobs.ts';
import { CorruptDatabase, NewerDatabase } from './migrations.ts';

/** This side of the writer's thread. */
export interface WriterThread {
  /** One transaction. @throws AppendConflict, StorageFull */
  commit(job: Job): Promise<Stored>;
  /** Ends the thread after everything it was given. */
  close(): Promise<void>;
}

type Stored = Extract<Outcome, { ok: true }>;

interface Pending {
  resolve(stored: Stored): void;
  reject(error: Error): void;
}

/**
 * Resolves when the thread has made sure of the database and opened it. `onFault` is called once when it can write no more: the relay should end.
 *
 * @throws NewerDatabase, CorruptDatabase, StorageFull
 */
export async function startWriter(data: WriterData, onFault: (error: Error) => void): Promise<WriterThread> {
  const worker = startThread(data);
  const pending = new Map<number, Pending>();
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const opened = new Promise<void>((resolve) => worker.once('message', () => resolve()));
  let calls = 0;
  let isStarted = false;
  let isClosing = false;
  /** Why nothing can be written any more. */
  let end: Error | null = null;

  function fail(error: Error): void {
    if (end !== null) return;
    end = error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
    if (isStarted) onFault(error);
  }

  worker.on('message', (message: FromWriter) => {
    if ('refused' in message) return fail(refusalOf(message.refused, data.file));
    if ('fault' in message) return fail(new Error(`${data.file} can be written no more: ${message.fault}`));
    for (const { call, outcome } of message.answers) {
      const waiting = pending.get(call);
      pending.delete(call);
      if (outcome.ok) waiting?.resolve(outcome);
      else waiting?.reject(errorOf(outcome, data.file));
    }
  });
  // What was pending then may or may not be stored: whoever sends it again with the same id finds out.
  worker.on('error', (error) =>
    fail(
      isStarted || !(error instanceof Error)
        ? new Error(`The writer of ${data.file} has crashed: ${messageOf(error)}`, { cause: error })
        : error,
    ),
  );
  worker.on('exit', () => {
    if (!isClosing) fail(new Error(`The writer of ${data.file} has ended.`));
  });

  await Promise.race([opened, exited]);
  if (end !== null) throw end as Error;
  isStarted = true;

  return {
    commit: (job) =>
      new Promise((resolve, reject) => {
        if (end !== null) return reject(end);
        calls += 1;
        pending.set(calls, { resolve, reject });
        worker.postMessage({ call: calls, job } satisfies ToWriter);
      }),
    close: async () => {
      if (!isClosing) worker.postMessage('close' satisfies ToWriter);
      isClosing = true;
      await exited;
    },
  };
}

/** Runs a backup in a thread of its own: its last step waits for the disk to confirm the whole copy. */
export function backupInThread(file: string, backupTo: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = startThread({ file, backupTo });
    worker.once('error', (error) => reject(error));
    worker.once('exit', () => resolve());
  });
}

function startThread(workerData: WriterData): Worker {
  // Beside the sources lies writer.ts, beside the build writer.js.
  const file = import.meta.url.endsWith('.ts') ? './writer.ts' : './writer.js';
  // Without the flags of this process: some of them (--input-type, --eval) no thread starts with.
  return new Worker(new URL(file, import.meta.url), { workerData, execArgv: [] });
}

function errorOf(outcome: Exclude<Outcome, { ok: true }>, file: string): Error {
  if (outcome.why === 'conflict') return new AppendConflict(outcome.conversations);
  if (outcome.why === 'error') return new Error(outcome.message);
  return new StorageFull(
    `There is no room for ${file}. Make room on its disk; reading goes on, and writing does again by itself.`,
  );
}

function refusalOf(refusal: Refusal, file: string): Error {
  if (refusal.why === 'newer') return new NewerDatabase(file, refusal.found, refusal.known);
  if (refusal.why === 'corrupt') return new CorruptDatabase(file, refusal.reason, refusal.cause);
  return new StorageFull(`There is no room to open ${file}. Make room on its disk, and start again.`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
