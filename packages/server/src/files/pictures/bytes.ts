/** What a picture may be, so that showing it costs a reader little. */
const MAX_SIDE = 16_384;
const MAX_PIXELS = 50_000_000;
const MAX_FRAMES = 500;
/** Of all frames together. */
const MAX_MOVING_PIXELS = 500_000_000;
/** Pictures have dozens, or one for each few thousand bytes of pixels. One that is made of nothing else would hold up everybody while it is looked at. */
const MAX_PARTS = 50_000;

/** The bytes are not what they begin as, or more than may be shown. Caught where pictures are read; nobody else sees it. */
export class BadPicture extends Error {
  override readonly name = 'BadPicture';
}

/** A picture without anything but what is seen. */
export interface Picture {
  bytes: Uint8Array;
  width: number;
  height: number;
}

export function mustBeShowable(width: number, height: number, frames = 1): void {
  const pixels = width * height;
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE || pixels > MAX_PIXELS)
    throw new BadPicture('too many pixels, or none');
  if (frames > MAX_FRAMES || frames * pixels > MAX_MOVING_PIXELS) throw new BadPicture('too many frames');
}

/** Called for each chunk, segment or extension of a picture, kept or not. */
export function partCounter(): () => void {
  let left = MAX_PARTS;
  return () => {
    if (--left < 0) throw new BadPicture('too many parts');
  };
}

/** Reads bytes from the beginning to the end, and never beyond it. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }
  skip(count: number): void {
    if (count > this.left) throw new BadPicture('it ends too early');
    this.at += count;
  }
  take(count: number): Uint8Array {
    this.skip(count);
    return this.bytes.subarray(this.at - count, this.at);
  }
  u8(): number {
    this.skip(1);
    return this.bytes[this.at - 1] as number;
  }
  u16(isLittle = false): number {
    this.skip(2);
    return this.#view.getUint16(this.at - 2, isLittle);
  }
  u24(): number {
    return this.u16(true) | (this.u8() << 16);
  }
  u32(isLittle = false): number {
    this.skip(4);
    return this.#view.getUint32(this.at - 4, isLittle);
  }
  text(count: number): string {
    let text = '';
    for (let left = count; left > 0; left--) text += String.fromCharCode(this.u8());
    return text;
  }
}

/** Joins what is kept. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
