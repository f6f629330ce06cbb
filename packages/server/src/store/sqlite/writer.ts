import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { backupDatabase } from './backup.ts';
import { createCommits, openForWriting } from './commits.ts';
import type { FromWriter, Refusal, ToWriter, WriterData } from './jobs.ts';
import { CorruptDatabase, isFull, NewerDatabase, prepareDatabase } from './migrations.ts';

/**
 * The store's own threads, started by `writer-thread.ts`: one that writes, so that a slow disk never holds up pings, typing and HTTP, and one for
 * each backup. Imports nothing that only the relay's build could resolve.
 */

/** Bounds the work between two answers. */
const MAX_JOBS_PER_COMMIT = 256;

const { file, backupTo, maxPages } = workerData as WriterData;
if (backupTo !== undefined) await backupDatabase(file, backupTo);
else if (parentPort !== null) {
  const refused = prepared();
  if (refused === null) write(parentPort);
  else parentPort.postMessage({ refused } satisfies FromWriter);
}

/** Here and not on the relay's thread: a large database takes a while to be checked or brought up, and liveness is asked meanwhile. */
function prepared(): Refusal | null {
  try {
    prepareDatabase(file);
    return null;
  } catch (error) {
    if (error instanceof NewerDatabase) return { why: 'newer', found: error.found, known: error.known };
    if (error instanceof CorruptDatabase) return { why: 'corrupt', reason: error.reason, cause: error.cause };
    if (isFull(error)) return { why: 'full' };
    throw error;
  }
}

/** Takes everything that has arrived into one commit, then answers all of it at once. */
function write(port: MessagePort): void {
  const post = (message: FromWriter) => port.postMessage(message);
  const commits = createCommits(
    () => openForWriting(file, maxPages),
    (fault) => post({ fault }),
  );
  port.on('message', (first: ToWriter) => {
    const messages = [first];
    while (messages.length < MAX_JOBS_PER_COMMIT && messages.at(-1) !== 'close') {
      const next = receiveMessageOnPort(port) as { message: ToWriter } | undefined;
      if (next === undefined) break;
      messages.push(next.message);
    }
    const calls = messages.filter((message) => message !== 'close');
    if (calls.length > 0) {
      const outcomes = commits.run(calls.map(({ job }) => job));
      post({ answers: calls.map(({ call }, index) => ({ call, outcome: outcomes[index]! })) });
    }
    if (messages.at(-1) !== 'close') return;
    commits.close();
    port.close();
  });
  post({ answers: [] });
}
