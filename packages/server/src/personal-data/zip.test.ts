import { crc32, inflateRawSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { entriesIn } from '../test-support/read-zip.ts';
import { type ZipEntry, zip } from './zip.ts';

async function archiveOf(entries: ZipEntry[]): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of zip(
    (async function* () {
      yield* entries;
    })(),
  ))
    parts.push(part);
  return Buffer.concat(parts);
}

it('holds what went in, under its name, with its sum', async () => {
  const at = Date.UTC(2026, 10, 22, 9, 30, 2);
  const large = Buffer.alloc(300_000, 'Sveiki! ');
  const archive = await archiveOf([
    { path: 'person.json', at, bytes: [Buffer.from('{}')] },
    { path: 'files/čau.txt', at, bytes: [large.subarray(0, 7), large.subarray(7)] },
    { path: 'empty', at: 0, bytes: [] },
  ]);
  const found = entriesIn(archive);
  expect([...found.keys()]).toEqual(['person.json', 'files/čau.txt', 'empty']);
  expect(found.get('files/čau.txt')?.equals(large)).toBe(true);
  expect(found.get('empty')).toHaveLength(0);
  expect(archive.length).toBeLessThan(3_000);
  // The first file by the header before it, as a reader does who streams.
  expect(archive.readUInt32LE(0)).toBe(0x04034b50);
  const begin = 30 + archive.readUInt16LE(26);
  const first = inflateRawSync(archive.subarray(begin), { finishFlush: 2 });
  expect(first.toString()).toBe('{}');
  const after = archive.indexOf(Buffer.from('PK\x07\x08', 'latin1'));
  expect(archive.readUInt32LE(after + 4)).toBe(crc32('{}'));
});

it('fails when what goes in fails, and asks for no more than is read', async () => {
  async function* breaks() {
    yield Buffer.from('a');
    throw new Error('The disk is gone.');
  }
  await expect(archiveOf([{ path: 'a', at: 0, bytes: breaks() }])).rejects.toThrow('The disk is gone.');
  let asked = 0;
  async function* endless(): AsyncGenerator<ZipEntry> {
    for (;;) {
      asked += 1;
      yield { path: `${asked}`, at: 0, bytes: [Buffer.from('x')] };
    }
  }
  const reading = zip(endless());
  for (let i = 0; i < 3; i++) await reading.next();
  await reading.return(undefined);
  expect(asked).toBe(1);
});
