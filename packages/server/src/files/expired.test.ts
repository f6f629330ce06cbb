import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RelayUnderTest, relayUnderTest } from '../testing/relay-under-test.ts';
import type { Person } from './files.ts';
import { FILE_DEFAULTS } from './settings.ts';
import { fileBlock } from './testing/uploading.ts';

const WORDS = Buffer.from('Where is my order?');
const { keepUnsentMs } = FILE_DEFAULTS;

let under: RelayUnderTest;
let mia: Awaited<ReturnType<RelayUnderTest['visitor']>>;
beforeEach(async () => {
  under = await relayUnderTest();
  mia = await under.visitor();
});
afterEach(() => under.relay.stop());

async function uploaded(): Promise<string> {
  const welcome = mia.last('welcome');
  const id = welcome.role === 'visitor' ? welcome.visitor.id : '';
  const by: Person = { kind: 'visitor', id, site: 'pk_shop_test', address: '192.0.2.7' };
  const upload = await under.relay.files.create(by, { name: 'order.txt', size: WORDS.length });
  if ('refused' in upload) throw new Error(upload.refused);
  expect(await under.relay.files.append(by, upload.id, 0, WORDS)).toMatchObject({ offset: WORDS.length });
  return upload.id;
}
const send = (id: string, file: string): Promise<void> =>
  mia.send({ type: 'send', id, conversation: 'conversation-1', blocks: [fileBlock(file)] });

it('is sent until its time is over, then refused, and can be uploaded again', async () => {
  const [early, late] = [await uploaded(), await uploaded()];
  under.clock.jump(keepUnsentMs - 1);
  await send('message-1', early);
  expect(mia.last('ack').id).toBe('message-1');
  under.clock.jump(1);
  await send('message-2', late);
  expect(mia.last('nack')).toMatchObject({ id: 'message-2', code: 'no-such-file', retry: 'never' });
  await send('message-3', await uploaded());
  expect(mia.last('ack').id).toBe('message-3');
});

it('is removed a little after it could be sent last: its message may be on its way to the disk', async () => {
  const file = await uploaded();
  under.clock.jump(keepUnsentMs + 59_000);
  await under.relay.files.purge();
  expect(await under.store.files([file])).toHaveLength(1);
  under.clock.jump(2_000);
  await under.relay.files.purge();
  expect(await under.store.files([file])).toEqual([]);
});
