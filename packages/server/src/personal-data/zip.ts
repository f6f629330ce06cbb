import { pipeline } from 'node:stream/promises';
import { crc32, createDeflateRaw } from 'node:zlib';

/** One file of an archive. `path` has `/` between folders. */
export interface ZipEntry {
  path: string;
  /** Milliseconds since 1970. */
  at: number;
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** What the plain format can say; archives beyond need another one. */
const MAX_BYTES = 0xffffffff;
const MAX_ENTRIES = 0xffff;
/** Sizes follow the bytes; names are UTF-8. */
const FLAGS = 0x0808;
const DEFLATED = 8;
const VERSION = 20;

/**
 * A ZIP archive as it is made, in bounded memory: sizes stand behind each file. @see PKWARE APPNOTE 6.3.10, 4.3
 *
 * @throws when there is more than 4 GB or 65,535 files
 */
export async function* zip(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Uint8Array> {
  const directory: Buffer[] = [];
  let offset = 0;
  for await (const { path, at, bytes } of entries) {
    const name = Buffer.from(path);
    const fixed = { name, time: dosTime(at), offset };
    const header = localHeader(fixed);
    yield header;
    offset += header.length;
    const sums = { crc: 0, size: 0, packed: 0 };
    for await (const chunk of deflated(bytes, sums)) {
      sums.packed += chunk.length;
      yield chunk;
    }
    const after = Buffer.alloc(16);
    after.writeUInt32LE(0x08074b50, 0);
    writeSums(after, 4, sums);
    yield after;
    offset += sums.packed + after.length;
    if (offset > MAX_BYTES || sums.size > MAX_BYTES || directory.length >= MAX_ENTRIES)
      throw new Error('This is more than one archive can hold: 4 GB or 65,535 files.');
    directory.push(directoryEntry(fixed, sums));
  }
  const all = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(all.length, 12);
  end.writeUInt32LE(offset, 16);
  yield all;
  yield end;
}

interface Sums {
  crc: number;
  size: number;
  packed: number;
}

async function* deflated(bytes: ZipEntry['bytes'], sums: Sums): AsyncGenerator<Uint8Array> {
  const deflate = createDeflateRaw();
  async function* counted() {
    for await (const chunk of bytes) {
      sums.crc = crc32(chunk, sums.crc);
      sums.size += chunk.length;
      yield chunk;
    }
  }
  const fed = pipeline(counted, deflate);
  // Told to whoever reads: the stream fails with it.
  fed.catch(() => {});
  yield* deflate;
  await fed;
}

type Fixed = { name: Buffer; time: number; offset: number };

function localHeader({ name, time }: Fixed): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(VERSION, 4);
  header.writeUInt16LE(FLAGS, 6);
  header.writeUInt16LE(DEFLATED, 8);
  header.writeUInt32LE(time, 10);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function directoryEntry({ name, time, offset }: Fixed, sums: Sums): Buffer {
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(VERSION, 4);
  entry.writeUInt16LE(VERSION, 6);
  entry.writeUInt16LE(FLAGS, 8);
  entry.writeUInt16LE(DEFLATED, 10);
  entry.writeUInt32LE(time, 12);
  writeSums(entry, 16, sums);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt32LE(offset, 42);
  return Buffer.concat([entry, name]);
}

function writeSums(buffer: Buffer, at: number, { crc, packed, size }: Sums): void {
  buffer.writeUInt32LE(crc, at);
  buffer.writeUInt32LE(packed, at + 4);
  buffer.writeUInt32LE(size, at + 8);
}

/** Two seconds exact, in UTC, from 1980 on. */
function dosTime(at: number): number {
  const date = new Date(Math.max(at, Date.UTC(1980, 0, 1)));
  const day = ((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate();
  const time = (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1);
  return ((day << 16) | time) >>> 0;
}
