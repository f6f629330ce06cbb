// Writes messages into the database named on the command line and says each id once it is stored, as an ack would. Closes and opens now and then.
//
//   node --conditions=@sveiki/source e2e/storage-write-and-tell.ts <database> <rounds> <messages in a round> <messages in the last round>
import { writeSync } from 'node:fs';
import { logOf } from '../packages/server/src/store/contract.ts';
import { openSqliteStore } from '../packages/server/src/store/sqlite/sqlite-store.ts';

const [file = '', ...numbers] = process.argv.slice(2);
const [rounds = 0, each = 0, last = 0] = numbers.map(Number);
for (let round = 0; round <= rounds; round += 1) {
  const store = await openSqliteStore({ file });
  const logs = Array.from({ length: 4 }, (_, n) => logOf(`conv-${round}-${n}`, `visitor-${round}-${n}`));
  for (const log of logs) await store.append(log.start(1));
  let next = 0;
  const count = round === rounds ? last : each;
  // Four at a time, so that some share a commit.
  await Promise.all(
    logs.map(async (log, n) => {
      while (next++ < count) {
        const text = `${next} `.padEnd(300 + (next % 7) * 500, 'x');
        const batch = log.next(next, [
          `v:visitor-${round}-${n}`,
          { kind: 'message', blocks: [{ kind: 'text', text }] },
        ]);
        await store.append(batch);
        writeSync(1, `${batch.events[0]?.id}\n`);
      }
    }),
  );
  await store.close();
}
