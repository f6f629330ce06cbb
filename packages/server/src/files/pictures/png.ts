import { crc32 } from 'node:zlib';
import { BadPicture, ByteReader, join, mustBeShowable, type Picture, partCounter } from './bytes.ts';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** What pixels and their colours need. Texts, times, profiles, camera data and further frames are none of it. */
const KEPT = new Set(['IHDR', 'PLTE', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'sBIT', 'bKGD', 'pHYs', 'IDAT', 'IEND']);
const HEADER_BYTES = 13;
/** Letters only; the first one is small when a reader may skip the chunk. */
const NAME = /^[A-Za-z]{4}$/;

/** @see https://www.w3.org/TR/png-3/#5DataRep @throws BadPicture */
export function cleanPng(bytes: Uint8Array): Picture {
  const reader = new ByteReader(bytes, SIGNATURE.length);
  const kept: Uint8Array[] = [SIGNATURE];
  let size: { width: number; height: number } | null = null;
  let hasPixels = false;
  const count = partCounter();
  for (;;) {
    count();
    const from = reader.at;
    const length = reader.u32();
    const name = reader.text(4);
    if (!NAME.test(name)) throw new BadPicture('a chunk has no name');
    const data = reader.take(length);
    if (reader.u32() !== crc32(bytes.subarray(from + 4, from + 8 + length))) throw new BadPicture('a wrong checksum');
    if ((name === 'IHDR') !== (size === null)) throw new BadPicture('its header is not first, or there twice');
    if (name === 'IHDR') {
      if (length !== HEADER_BYTES) throw new BadPicture('a wrong header');
      const header = new ByteReader(data);
      size = { width: header.u32(), height: header.u32() };
      mustBeShowable(size.width, size.height);
    }
    hasPixels ||= name === 'IDAT';
    if (KEPT.has(name)) kept.push(bytes.subarray(from, reader.at));
    else if (/^[A-Z]/.test(name)) throw new BadPicture('a chunk that nobody knows');
    if (name === 'IEND') break;
  }
  if (size === null || !hasPixels) throw new BadPicture('it has no pixels');
  // What stands behind the end is not taken along.
  return { ...size, bytes: join(kept) };
}
