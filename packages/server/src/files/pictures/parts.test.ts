import { describe, expect, it, vi } from 'vitest';
import { recognise } from '../recognise.ts';
import {
  gif,
  gifExtension,
  jpeg,
  jpegSegment,
  png,
  pngChunk,
  webp,
  webpChunk,
  webpPixels,
} from '../testing/pictures.ts';

const NOTHING = new Uint8Array();
const MANY = 60_000;
const times = (part: Buffer, count = MANY): Buffer => Buffer.alloc(count * part.length, part);

describe('a picture of more parts than anybody makes', () => {
  it.each([
    ['png', 'chunks of text', png({ extra: [times(pngChunk('tEXt', NOTHING))] })],
    ['png', 'pixels in pieces of nothing', png({ extra: [times(pngChunk('IDAT', NOTHING))] })],
    ['jpg', 'comments', jpeg({ extra: [times(jpegSegment(0xfe, NOTHING))] })],
    ['jpg', 'tables', jpeg({ extra: [times(jpegSegment(0xdb, NOTHING))] })],
    ['gif', 'comments', gif({ extra: [times(gifExtension(0xfe, 'a'))] })],
    ['webp', 'chunks of text', webp({ chunks: [times(webpChunk('XMP ', NOTHING)), webpPixels()] })],
    [
      'webp',
      'chunks in a frame',
      webp({
        flags: 2,
        chunks: [webpChunk('ANMF', Buffer.concat([Buffer.alloc(16), times(webpChunk('ALPH', NOTHING)), webpPixels()]))],
      }),
    ],
  ])('is refused before they have held up everybody: %s, %s', (ending, _what, bytes) => {
    expect(recognise(bytes, ending)).toBeNull();
  });
});

/** How many views of bytes are made while it is looked at. */
function viewsOf(bytes: Buffer, ending: string): number {
  const plain = Uint8Array.from(bytes);
  const made = vi.spyOn(Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array, 'subarray');
  expect(recognise(plain, ending)).not.toBeNull();
  const { length } = made.mock.calls;
  made.mockRestore();
  return length;
}

describe('a picture whose pixels come in small pieces', () => {
  it('costs no more than one whose pixels are one', () => {
    const pieces = (count: number): Buffer => {
      const whole = gif();
      const pixels = times(Buffer.of(1, 7), count);
      // Before the end of its blocks, and of itself.
      return Buffer.concat([whole.subarray(0, -2), pixels, whole.subarray(-2)]);
    };
    expect(viewsOf(pieces(10_000), 'gif')).toBe(viewsOf(pieces(0), 'gif'));
  });
});
