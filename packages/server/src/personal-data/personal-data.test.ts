import { expect, it } from 'vitest';
import { noAudit } from '../audit/audit.ts';
import { createMemoryFiles } from '../files/memory.ts';
import { createIds } from '../ids.ts';
import { silentLog } from '../log.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { manualClock } from '../test-support/manual-clock.ts';
import { personalDataOffline } from './offline.ts';

it('tells the operator why an archive broke off, for whoever waits for it only sees that it did', async () => {
  const [store, clock, files] = [createMemoryStore(), manualClock(), createMemoryFiles()];
  const seen = { firstSeenAt: 1, lastSeenAt: 1, locale: null, timeZone: null, visit: null };
  const mia = { id: 'mia', site: 'pk_shop_test', name: null, email: null, externalId: null, ...seen };
  await store.append({ events: [], conversations: [], visitors: [mia], visitorSessions: [], cursors: [] });
  const key = '0'.repeat(32);
  await store.saveFile({
    ...{
      id: 'file-1',
      key,
      site: mia.site,
      author: 'v:mia',
      name: 'cat.png',
      type: 'image/png',
      width: null,
      height: null,
    },
    ...{ size: 9, received: 9, ready: true, createdAt: 1, sent: null },
  });
  files.get = () => Promise.reject(new Error('The object store is away.'));
  const said: object[] = [];
  const people = await personalDataOffline({
    ...{ store, files, clock, ids: createIds(clock), audit: noAudit, rules: [] },
    log: { ...silentLog, error: (fields, message) => void said.push({ ...fields, message }) },
    list: { add: async () => {}, persons: async () => [] },
  });
  const archive = await people.ownArchive('mia');
  if ('refused' in archive) throw new Error(archive.refused);
  const whole = (async () => {
    for await (const _ of archive.bytes);
  })();
  await expect(whole).rejects.toThrow('away');
  expect(said).toEqual([
    { error: new Error('The object store is away.'), message: 'An archive of a person broke off' },
  ]);
});
