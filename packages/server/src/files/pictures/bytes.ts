/** What a picture may be, so that showing it costs a reader little. */
const MAX_SIDE = 16_384;
const MAX_PIXELS = 50_000_000;
const MAX_FRAMES = 500;
/** Of all frames together. */
const MAX_MOVING_PIXELS = 500_000_000;

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
  take(count: number): Uint8Array {
    if (count > this.left) throw new BadPicture('it ends too early');
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
  u8(): number {
    return this.take(1)[0] as number;
  }
  u16(isLittle = false): number {
    this.take(2);
    return this.#view.getUint16(this.at - 2, isLittle);
  }
  u24(): number {
    const [a = 0, b = 0, c = 0] = this.take(3);
    return a | (b << 8) | (c << 16);
  }
  u32(isLittle = false): number {
    this.take(4);
    return this.#view.getUint32(this.at - 4, isLittle);
  }
  text(count: number): string {
    return String.fromCharCode(...this.take(count));
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
