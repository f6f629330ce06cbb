import { BadPicture, ByteReader, join, mustBeShowable, type Picture, partCounter } from './bytes.ts';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
/** Baseline, extended, progressive: what every reader shows. */
const FRAMES = new Set([0xc0, 0xc1, 0xc2]);
const DHT = 0xc4;
const DQT = 0xdb;
const DRI = 0xdd;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP14 = 0xee;
const COM = 0xfe;
const JFIF_BYTES = 14;
const ADOBE_BYTES = 12;
const MAX_COMPONENTS = 4;

const isApp = (marker: number): boolean => marker >= APP0 && marker <= 0xef;
/** RST0 to RST7 stand inside of the pixels. */
const isRestart = (marker: number): boolean => marker >= 0xd0 && marker <= 0xd7;

/**
 * Keeps tables, frames and pixels, the size of a pixel (JFIF, without its thumbnail), how colours are meant (Adobe), and of the camera's data only which way is up: without that, photos
 * of telephones would lie on their side.
 *
 * @see ITU-T T.81, annex B @throws BadPicture
 */
export function cleanJpeg(bytes: Uint8Array): Picture {
  const reader = new ByteReader(bytes);
  const kept: Uint8Array[] = [Uint8Array.of(0xff, SOI)];
  let size: { width: number; height: number } | null = null;
  let turned: number | null = null;
  let hasPixels = false;
  const count = partCounter();
  if (nextMarker(reader) !== SOI) throw new BadPicture('it does not begin');
  for (;;) {
    count();
    const marker = nextMarker(reader);
    if (marker === EOI) break;
    if (marker === SOI || marker === 0x01 || isRestart(marker)) throw new BadPicture('a marker out of its place');
    const from = reader.at;
    const length = reader.u16();
    if (length < 2) throw new BadPicture('a segment without a length');
    const data = reader.take(length - 2);
    const keep = (): void => void kept.push(Uint8Array.of(0xff, marker), bytes.subarray(from, reader.at));
    if (FRAMES.has(marker)) {
      if (size !== null) throw new BadPicture('two frames');
      size = frameSize(data);
      keep();
    } else if (marker === SOS) {
      if (size === null) throw new BadPicture('pixels before their frame');
      hasPixels = true;
      keep();
      kept.push(pixels(reader));
    } else if (marker === DHT || marker === DQT || marker === DRI) keep();
    else if (marker === APP0 && startsWith(data, 'JFIF\0') && data.length >= JFIF_BYTES) {
      // The last two are the size of a thumbnail, which is left out.
      kept.push(segment(APP0, join([data.subarray(0, JFIF_BYTES - 2), Uint8Array.of(0, 0)])));
    } else if (marker === APP14 && startsWith(data, 'Adobe') && data.length >= ADOBE_BYTES) {
      kept.push(segment(APP14, data.subarray(0, ADOBE_BYTES)));
    } else if (marker === APP1 && startsWith(data, 'Exif\0\0')) turned ??= orientationIn(data.subarray(6));
    else if (!isApp(marker) && marker !== COM) throw new BadPicture('a segment that nobody knows');
  }
  if (size === null || !hasPixels) throw new BadPicture('it has no pixels');
  const up = turned === null || turned === 1 ? [] : [segment(APP1, orientation(turned))];
  const [start, ...rest] = kept as [Uint8Array, ...Uint8Array[]];
  const stood = turned !== null && turned >= 5 ? { width: size.height, height: size.width } : size;
  return { ...stood, bytes: join([start, ...up, ...rest, Uint8Array.of(0xff, EOI)]) };
}

/** Any number of 0xff may stand before a marker. */
function nextMarker(reader: ByteReader): number {
  if (reader.u8() !== 0xff) throw new BadPicture('a marker is missing');
  let marker = reader.u8();
  while (marker === 0xff) marker = reader.u8();
  if (marker === 0) throw new BadPicture('a marker is missing');
  return marker;
}

function frameSize(data: Uint8Array): { width: number; height: number } {
  const reader = new ByteReader(data);
  const precision = reader.u8();
  const height = reader.u16();
  const width = reader.u16();
  const components = reader.u8();
  if ((precision !== 8 && precision !== 12) || components < 1 || components > MAX_COMPONENTS)
    throw new BadPicture('a frame that nobody shows');
  mustBeShowable(width, height);
  return { width, height };
}

/** Up to the next marker that is no restart: 0xff is followed by 0 where it is meant as a byte. Byte by byte: to search for each 0xff costs more where all are. */
function pixels(reader: ByteReader): Uint8Array {
  const { bytes, at: from } = reader;
  for (let at = from; at + 1 < bytes.length; at++) {
    if (bytes[at] !== 0xff) continue;
    const next = bytes[at + 1] as number;
    if (next === 0 || isRestart(next)) at++;
    else if (next !== 0xff) {
      reader.at = at;
      return bytes.subarray(from, at);
    }
  }
  throw new BadPicture('its pixels do not end');
}

function startsWith(data: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (data[i] !== text.charCodeAt(i)) return false;
  return true;
}

function segment(marker: number, data: Uint8Array): Uint8Array {
  const length = data.length + 2;
  return join([Uint8Array.of(0xff, marker, length >> 8, length & 0xff), data]);
}

const ORIENTATION_TAG = 0x0112;
const SHORT = 3;
const MAX_ENTRIES = 500;

/** 1 to 8 out of the first folder of TIFF data; null when it is not there or makes no sense. */
function orientationIn(tiff: Uint8Array): number | null {
  try {
    const reader = new ByteReader(tiff);
    const order = reader.text(2);
    const isLittle = order === 'II';
    if ((!isLittle && order !== 'MM') || reader.u16(isLittle) !== 42) return null;
    reader.at = reader.u32(isLittle);
    for (let left = Math.min(reader.u16(isLittle), MAX_ENTRIES); left > 0; left--) {
      const tag = reader.u16(isLittle);
      const type = reader.u16(isLittle);
      reader.skip(4);
      const value = reader.u16(isLittle);
      reader.skip(2);
      if (tag === ORIENTATION_TAG) return type === SHORT && value >= 1 && value <= 8 ? value : null;
    }
    return null;
  } catch {
    return null;
  }
}

/** Camera data that says nothing but which way is up. */
function orientation(value: number): Uint8Array {
  const text = (part: string) => Uint8Array.from(part, (char) => char.charCodeAt(0));
  return join([
    text('Exif\0\0'),
    text('MM'),
    Uint8Array.of(0, 42, 0, 0, 0, 8, 0, 1),
    Uint8Array.of(ORIENTATION_TAG >> 8, ORIENTATION_TAG & 0xff, 0, SHORT, 0, 0, 0, 1, 0, value, 0, 0),
    Uint8Array.of(0, 0, 0, 0),
  ]);
}
