import { BadPicture, ByteReader, join, mustBeShowable, type Picture, partCounter } from './bytes.ts';

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;
const CONTROL = 0xf9;
const APPLICATION = 0xff;
const COMMENT = 0xfe;
const PLAIN_TEXT = 0x01;
/** The one application whose data says something about how it is shown: how often it runs. */
const LOOP = ['NETSCAPE2.0', 'ANIMEXTS1.0'];
const HEADER_BYTES = 6;

/** Keeps palettes, frames and their times. @see https://www.w3.org/Graphics/GIF/spec-gif89a.txt @throws BadPicture */
export function cleanGif(bytes: Uint8Array): Picture {
  const reader = new ByteReader(bytes, HEADER_BYTES);
  const width = reader.u16(true);
  const height = reader.u16(true);
  const flags = reader.u8();
  reader.skip(2);
  reader.skip(paletteBytes(flags));
  mustBeShowable(width, height);
  const kept: Uint8Array[] = [bytes.subarray(0, reader.at)];
  const count = partCounter();
  let frames = 0;
  for (;;) {
    count();
    const from = reader.at;
    const kind = reader.u8();
    if (kind === TRAILER) break;
    if (kind === IMAGE) {
      reader.skip(4);
      const [w, h] = [reader.u16(true), reader.u16(true)];
      mustBeShowable(Math.max(w, 1), Math.max(h, 1));
      reader.skip(paletteBytes(reader.u8()));
      reader.u8();
      skipBlocks(reader);
      mustBeShowable(width, height, ++frames);
      kept.push(bytes.subarray(from, reader.at));
    } else if (kind === EXTENSION) {
      const label = reader.u8();
      const isLoop = label === APPLICATION && LOOP.includes(nameIn(reader));
      skipBlocks(reader);
      if (label === CONTROL || isLoop) kept.push(bytes.subarray(from, reader.at));
      else if (label !== APPLICATION && label !== COMMENT && label !== PLAIN_TEXT)
        throw new BadPicture('a part that nobody knows');
    } else throw new BadPicture('a part that nobody knows');
  }
  if (frames === 0) throw new BadPicture('it has no pixels');
  kept.push(Uint8Array.of(TRAILER));
  return { width, height, bytes: join(kept) };
}

const paletteBytes = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));

/** The name in the first block of an application, which is then read again with the others. */
function nameIn(reader: ByteReader): string {
  const { at } = reader;
  const name = reader.u8() === 11 ? reader.text(11) : '';
  reader.at = at;
  return name;
}

function skipBlocks(reader: ByteReader): void {
  for (let size = reader.u8(); size !== 0; size = reader.u8()) reader.skip(size);
}
