import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { hasRoom } from './room.ts';

it('says that there is no room while there is still a little', async () => {
  const measured: string[] = [];
  const of = (bytes: number) => (folder: string) => {
    measured.push(folder);
    return Promise.resolve(bytes);
  };
  expect(await hasRoom('/data', of(8 * 1024 * 1024))).toBe(true);
  expect(await hasRoom('/data', of(8 * 1024 * 1024 - 1))).toBe(false);
  expect(measured).toEqual(['/data', '/data']);
});

it('leaves it to the writing where a disk does not say', async () => {
  expect(await hasRoom('/data', () => Promise.reject(new Error('not supported')))).toBe(true);
});

it('asks the disk itself', async () => {
  expect(await hasRoom(tmpdir())).toBe(true);
});
