import { expect, it } from 'vitest';
import { createTraceReader } from './ack-order.ts';

const row = (id: string) => `7  pwrite64(18</data/sveiki.db-wal>, "\\0\\3{${id}visitor", 4096, 32) = 4096`;
const ack = (id: string) => `5  write(21<socket:[9]>, "\\201\\23{\\"type\\":\\"ack\\",\\"id\\":\\"${id}\\"}", 21) = 21`;
const sync = '7  fdatasync(18</data/sveiki.db-wal>) = 0';
const begun = '7  fdatasync(18</data/sveiki.db-wal> <unfinished ...>';
const ended = '7  <... fdatasync resumed>) = 0';
const order = (...trace: string[]) => {
  const reader = createTraceReader(new Set(['0mtest-aa', '0mtest-bb']));
  for (const line of trace) reader.read(line);
  return reader.order;
};

it('counts acks that leave after the sync of their row', () => {
  expect(order(row('0mtest-aa'), sync, ack('0mtest-aa'))).toEqual({ acks: 1, early: 0, syncs: 1 });
  expect(order(row('0mtest-aa'), begun, ended, ack('0mtest-aa'))).toEqual({ acks: 1, early: 0, syncs: 1 });
});

it('sees an ack that leaves before the sync, while it runs, after it failed, or without a row', () => {
  expect(order(row('0mtest-aa'), ack('0mtest-aa'), sync).early).toBe(1);
  expect(order(row('0mtest-aa'), begun, ack('0mtest-aa'), ended).early).toBe(1);
  expect(order(row('0mtest-aa'), sync.replace('= 0', '= -1 EIO'), ack('0mtest-aa')).early).toBe(1);
  expect(order(sync, ack('0mtest-aa')).early).toBe(1);
});

it('does not take the sync of another row, of another file, or one begun before the row was written', () => {
  expect(order(row('0mtest-aa'), sync, row('0mtest-bb'), ack('0mtest-bb')).early).toBe(1);
  expect(order(row('0mtest-aa'), sync.replace('-wal', ''), ack('0mtest-aa')).early).toBe(1);
  expect(order(begun, row('0mtest-aa'), ended, ack('0mtest-aa')).early).toBe(1);
});
