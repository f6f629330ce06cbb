import { BadPicture, ByteReader, join, mustBeShowable, type Picture, partCounter } from './bytes.ts';

/** What pixels need. Profiles, camera data, XMP and what nobody knows are none of it. */
const KEPT = new Set(['VP8X', 'VP8 ', 'VP8L', 'ALPH', 'ANIM', 'ANMF']);
const HEADER_BYTES = 12;
/** Flags of VP8X: profile, camera data, XMP. */
const METADATA_FLAGS = 0x20 | 0x08 | 0x04;

interface Size {
  width: number;
  height: number;
}

/** @see RFC 9649, section 2 @throws BadPicture */
export function cleanWebp(bytes: Uint8Array): Picture {
  const outer = new ByteReader(bytes, 4);
  const length = outer.u32(true);
  if (length + 8 > bytes.length || length < 4) throw new BadPicture('it ends too early');
  // What stands behind the end is not taken along.
  const reader = new ByteReader(bytes.subarray(0, length + 8), HEADER_BYTES);
  const kept: Uint8Array[] = [];
  let canvas: Size | null = null;
  let still: Size | null = null;
  let frames = 0;
  let isFirst = true;
  const count = partCounter();
  while (reader.left > 0) {
    count();
    const { name, data } = chunk(reader);
    const wasFirst = isFirst;
    isFirst = false;
    if (!KEPT.has(name)) continue;
    if (name === 'VP8X') {
      if (!wasFirst || data.length !== 10) throw new BadPicture('its header is not first');
      const header = new ByteReader(data, 4);
      canvas = { width: header.u24() + 1, height: header.u24() + 1 };
      mustBeShowable(canvas.width, canvas.height);
      const plain = Uint8Array.from(data);
      plain[0] = (plain[0] as number) & ~METADATA_FLAGS;
      kept.push(written(name, plain));
      continue;
    }
    if (name === 'VP8 ' || name === 'VP8L') {
      if (still !== null || frames > 0) throw new BadPicture('two pictures in one');
      still = sizeOf(name, data);
      mustBeShowable(still.width, still.height);
    }
    if (name === 'ANMF') {
      if (canvas === null || still !== null) throw new BadPicture('a frame out of its place');
      mustBeShowable(canvas.width, canvas.height, ++frames);
      kept.push(written(name, frame(data, count)));
      continue;
    }
    kept.push(written(name, data));
  }
  const size = canvas ?? still;
  if (size === null || (still === null && frames === 0)) throw new BadPicture('it has no pixels');
  const body = join(kept);
  const head = new Uint8Array(HEADER_BYTES);
  head.set(bytes.subarray(0, HEADER_BYTES));
  new DataView(head.buffer).setUint32(4, body.length + 4, true);
  return { ...size, bytes: join([head, body]) };
}

function chunk(reader: ByteReader): { name: string; data: Uint8Array } {
  const name = reader.text(4);
  const length = reader.u32(true);
  const data = reader.take(length);
  // Some writers leave the last filling byte out.
  if (length % 2 === 1 && reader.left > 0) reader.skip(1);
  return { name, data };
}

function written(name: string, data: Uint8Array): Uint8Array {
  const all = new Uint8Array(8 + data.length + (data.length % 2));
  for (let i = 0; i < name.length; i++) all[i] = name.charCodeAt(i);
  new DataView(all.buffer).setUint32(4, data.length, true);
  all.set(data, 8);
  return all;
}

const FRAME_HEADER_BYTES = 16;

/** A frame of a moving picture, with only the pixels in it. */
function frame(data: Uint8Array, count: () => void): Uint8Array {
  const reader = new ByteReader(data, FRAME_HEADER_BYTES);
  const parts = [data.subarray(0, FRAME_HEADER_BYTES)];
  let hasPixels = false;
  while (reader.left > 0) {
    count();
    const { name, data: inner } = chunk(reader);
    if (name === 'ALPH') parts.push(written(name, inner));
    if (name !== 'VP8 ' && name !== 'VP8L') continue;
    const { width, height } = sizeOf(name, inner);
    mustBeShowable(width, height);
    parts.push(written(name, inner));
    hasPixels = true;
  }
  if (!hasPixels) throw new BadPicture('a frame without pixels');
  return join(parts);
}

function sizeOf(name: string, data: Uint8Array): Size {
  const reader = new ByteReader(data);
  if (name === 'VP8L') {
    if (reader.u8() !== 0x2f) throw new BadPicture('its pixels do not begin');
    const bits = reader.u32(true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  reader.skip(3);
  if (reader.u24() !== 0x2a019d) throw new BadPicture('its pixels do not begin');
  return { width: reader.u16(true) & 0x3fff, height: reader.u16(true) & 0x3fff };
}
