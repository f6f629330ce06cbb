// Writes five messages into the database named on the command line, each again until it is stored, and says of each try how it ended.
//
//   node --conditions=@sveiki/source e2e/storage-write-few.ts <database>
import { logOf } from '../packages/server/src/store/contract.ts';
import { openSqliteStore } from '../packages/server/src/store/sqlite/sqlite-store.ts';

const file = process.argv[2] ?? '';
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const store = await openSqliteStore({ file, onFault: () => say('stopped') });
const log = logOf('conv-one');
const batches = [log.start(1)];
for (let n = 1; n < 5; n += 1)
  batches.push(log.next(n, ['v:mia', { kind: 'message', blocks: [{ kind: 'text', text: `text ${n}` }] }]));
for (const batch of batches) {
  for (let tries = 0, isStored = false; tries < 3 && !isStored; tries += 1) {
    isStored = await store.append(batch).then(
      () => true,
      () => false,
    );
    say(`${isStored ? 'acked' : 'refused'} ${batch.events[0]?.id}`);
  }
}
await store.close();
say('closed');
