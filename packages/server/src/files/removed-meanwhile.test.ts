import { afterEach, beforeEach, expect, it } from 'vitest';
import { noAudit } from '../audit/audit.ts';
import { createIds } from '../ids.ts';
import { createRateLimiter } from '../limits.ts';
import { silentLog } from '../log.ts';
import type { FileStore, Store } from '../ports.ts';
import { fleetingSecrets } from '../secrets/kept-secrets.ts';
import { logOf } from '../store/contract.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { type ManualClock, manualClock } from '../test-support/manual-clock.ts';
import { createFiles, type Files, type Person } from './files.ts';
import { createMemoryFiles } from './memory.ts';
import { removeAll } from './remove.ts';
import { FILE_DEFAULTS } from './settings.ts';

const MIA: Person = { kind: 'visitor', id: 'mia', site: 'pk_shop', address: '192.0.2.7' };
const WORDS = Buffer.from('Where is my order?');

let store: Store;
let places: FileStore;
let files: Files;
let clock: ManualClock;
beforeEach(async () => {
  clock = manualClock();
  store = createMemoryStore();
  places = createMemoryFiles();
  files = await createFiles({
    ...{ config: { files: FILE_DEFAULTS }, store, files: places, clock, log: silentLog, audit: noAudit },
    ids: createIds(clock),
    limiter: createRateLimiter(clock),
    secrets: fleetingSecrets({ store, clock }),
    masking: { text: (text) => text },
    rowOf: async () => null,
    currentOf: () => undefined,
  });
});
afterEach(() => files.stop());

async function begun(): Promise<string> {
  const upload = await files.create(MIA, { name: 'order.txt', size: WORDS.length });
  if ('refused' in upload) throw new Error(upload.refused);
  return upload.id;
}
async function kept(): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of places.list('')) keys.push(key);
  return keys;
}
/** As when she is forgotten at this moment. */
async function takeAway(): Promise<void> {
  await removeAll(await store.filesOf({ visitor: 'mia' }), { store, files: places });
}

it.each([
  ['its only part is stored', 0],
  ['it is stored whole', 1],
])('leaves no bytes when it is taken away while %s', async (_when, puts) => {
  const id = await begun();
  const { put } = places;
  let left = puts;
  places.put = async (key, bytes) => {
    if (left-- === 0) await takeAway();
    await put(key, bytes);
  };
  expect(await files.append(MIA, id, 0, WORDS)).toEqual({ refused: 'no-such-file' });
  expect(await kept()).toEqual([]);
});

it('leaves no bytes when they come while it is taken away', async () => {
  const id = await begun();
  const { removeFiles } = store;
  store.removeFiles = async (ids) => {
    expect(await files.append(MIA, id, 0, WORDS.subarray(0, 5))).toEqual({ offset: 5, file: null });
    await removeFiles(ids);
  };
  await takeAway();
  expect(await kept()).toEqual([]);
  expect(await files.append(MIA, id, 5, WORDS.subarray(5))).toEqual({ refused: 'no-such-file' });
});

it('leaves a file that is sent after a day while others that were not are removed', async () => {
  const sent = await begun();
  const forgotten = await begun();
  for (const id of [sent, forgotten])
    expect(await files.append(MIA, id, 0, WORDS)).toMatchObject({ offset: WORDS.length });
  clock.advance(2 * FILE_DEFAULTS.keepUnsentMs);
  const { delete: remove } = places;
  const [first] = await store.unsentFiles(clock.now(), 1);
  const [rest] = [sent, forgotten].filter((id) => id !== first?.id);
  places.delete = async (keys) => {
    places.delete = remove;
    const log = logOf('conv-one', 'mia');
    const block = {
      kind: 'file' as const,
      id: String(rest),
      text: '',
      name: 'order.txt',
      type: 'text/plain',
      size: 18,
    };
    await store.append(log.start(1));
    await store.append(log.next(2, ['v:mia', { kind: 'message', blocks: [block] }]));
    await remove(keys);
  };
  await files.purge();
  expect((await store.files([sent, forgotten])).map(({ id }) => id)).toEqual([rest]);
  expect(await kept()).toHaveLength(1);
});
