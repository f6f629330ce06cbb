import { crc32, deflateSync } from 'node:zlib';

/** Small real pictures, made of bytes, with whatever a test wants to have in them. */

const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const u16 = (value: number, isLittle = false): Buffer => {
  const bytes = Buffer.alloc(2);
  if (isLittle) bytes.writeUInt16LE(value);
  else bytes.writeUInt16BE(value);
  return bytes;
};
const u32 = (value: number, isLittle = false): Buffer => {
  const bytes = Buffer.alloc(4);
  if (isLittle) bytes.writeUInt32LE(value);
  else bytes.writeUInt32BE(value);
  return bytes;
};

export function pngChunk(name: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([text(name), data]);
  return Buffer.concat([u32(data.length), named, u32(crc32(named))]);
}

/** A red rectangle. `extra` chunks stand before its pixels; `after` behind its end. */
export function png(options: { width?: number; height?: number; extra?: Buffer[]; after?: Uint8Array } = {}): Buffer {
  const { width = 4, height = 3, extra = [], after = Buffer.alloc(0) } = options;
  const row = Buffer.concat([Buffer.of(0), Buffer.alloc(Math.min(width, 64) * 3, Buffer.of(200, 30, 30))]);
  const rows = Buffer.concat(Array.from({ length: Math.min(height, 64) }, () => row));
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', Buffer.concat([u32(width), u32(height), Buffer.of(8, 2, 0, 0, 0)])),
    ...extra,
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
    after,
  ]);
}

export function jpegSegment(marker: number, data: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(0xff, marker), u16(data.length + 2), data]);
}

/** Camera data with an orientation and an address. */
export function exif(orientation: number, gps = 'GPS-57.0N-24.1E'): Buffer {
  const entry = (tag: number, type: number, count: number, value: Buffer) =>
    Buffer.concat([u16(tag), u16(type), u32(count), value]);
  return Buffer.concat([
    text('Exif\0\0MM'),
    u16(42),
    u32(8),
    u16(2),
    entry(0x0112, 3, 1, Buffer.concat([u16(orientation), u16(0)])),
    entry(0x010e, 2, gps.length + 1, u32(38)),
    u32(0),
    text(`${gps}\0`),
  ]);
}

/** A grey square of 8 pixels that every decoder takes. */
export function jpeg(options: { extra?: Buffer[]; after?: Uint8Array; width?: number; height?: number } = {}): Buffer {
  const { extra = [], after = Buffer.alloc(0), width = 8, height = 8 } = options;
  return Buffer.concat([
    Buffer.of(0xff, 0xd8),
    jpegSegment(0xe0, Buffer.concat([text('JFIF\0'), Buffer.of(1, 1, 0, 0, 1, 0, 1, 0, 0)])),
    ...extra,
    jpegSegment(0xdb, Buffer.concat([Buffer.of(0), Buffer.alloc(64, 1)])),
    jpegSegment(0xc0, Buffer.concat([Buffer.of(8), u16(height), u16(width), Buffer.of(1, 1, 0x11, 0)])),
    // One code of one bit for each table: difference 0, end of block.
    jpegSegment(0xc4, Buffer.concat([Buffer.of(0x00, 1), Buffer.alloc(15), Buffer.of(0)])),
    jpegSegment(0xc4, Buffer.concat([Buffer.of(0x10, 1), Buffer.alloc(15), Buffer.of(0)])),
    jpegSegment(0xda, Buffer.of(1, 1, 0, 0, 63, 0)),
    Buffer.of(0x3f),
    Buffer.of(0xff, 0xd9),
    after,
  ]);
}

const GIF_FRAME = Buffer.concat([
  Buffer.from('21f904000a000000', 'hex'),
  Buffer.from('2c000000000100010000', 'hex'),
  Buffer.from('0202440100', 'hex'),
]);

export function gif(
  options: { frames?: number; extra?: Buffer[]; after?: Uint8Array; width?: number; height?: number } = {},
): Buffer {
  const { frames = 1, extra = [], after = Buffer.alloc(0), width = 1, height = 1 } = options;
  return Buffer.concat([
    text('GIF89a'),
    u16(width, true),
    u16(height, true),
    Buffer.of(0x80, 0, 0),
    Buffer.from('ff0000000000', 'hex'),
    ...extra,
    ...Array.from({ length: frames }, () => GIF_FRAME),
    Buffer.of(0x3b),
    after,
  ]);
}

/** A part of a GIF that is no frame, in blocks. */
export function gifExtension(label: number, ...blocks: (string | Buffer)[]): Buffer {
  const parts = blocks.map((block) => {
    const bytes = typeof block === 'string' ? text(block) : block;
    return Buffer.concat([Buffer.of(bytes.length), bytes]);
  });
  return Buffer.concat([Buffer.of(0x21, label), ...parts, Buffer.of(0)]);
}

export function webpChunk(name: string, data: Uint8Array): Buffer {
  return Buffer.concat([text(name), u32(data.length, true), data, Buffer.alloc(data.length % 2)]);
}

const u24 = (value: number): Buffer => u32(value, true).subarray(0, 3);
/** One white pixel without loss. */
const VP8L = Buffer.from('2f00000000073020ff1fc9ff0300', 'hex').subarray(0, 12);

/** `chunks` in place of the one that is its pixels; `flags` of its header, when it has one. */
export function webp(options: { flags?: number; chunks?: Buffer[]; after?: Uint8Array; width?: number } = {}): Buffer {
  const { flags, chunks = [webpChunk('VP8L', VP8L)], after = Buffer.alloc(0), width = 1 } = options;
  const header =
    flags === undefined ? [] : [webpChunk('VP8X', Buffer.concat([Buffer.of(flags, 0, 0, 0), u24(width - 1), u24(0)]))];
  const body = Buffer.concat([text('WEBP'), ...header, ...chunks]);
  return Buffer.concat([text('RIFF'), u32(body.length, true), body, after]);
}

export const webpPixels = (): Buffer => webpChunk('VP8L', VP8L);
/** A frame of a moving picture. */
export const webpFrame = (): Buffer =>
  webpChunk('ANMF', Buffer.concat([u24(0), u24(0), u24(0), u24(0), u24(100), Buffer.of(0), webpPixels()]));
