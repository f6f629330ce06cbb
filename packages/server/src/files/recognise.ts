import { isUtf8 } from 'node:buffer';
import { BadPicture, type Picture } from './pictures/bytes.ts';
import { cleanGif } from './pictures/gif.ts';
import { cleanJpeg } from './pictures/jpeg.ts';
import { cleanPng } from './pictures/png.ts';
import { cleanWebp } from './pictures/webp.ts';

/** What a file is, by its bytes, and as it is stored. */
export interface Recognised {
  type: string;
  /** Endings that a name of this type may have; the first is given to a name with another one. */
  endings: readonly string[];
  bytes: Uint8Array;
  width: number | null;
  height: number | null;
}

/** Types that may open in a page. Each is read whole here, and holds nothing but pixels when it is stored. */
const PICTURES: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif']);

export function opensInPage(type: string): boolean {
  return PICTURES.has(type);
}

interface Kind {
  type: string;
  endings: readonly [string, ...string[]];
  is(bytes: Uint8Array, ending: string): boolean;
  /** For pictures. */
  clean?(bytes: Uint8Array): Picture;
}

const at = (bytes: Uint8Array, offset: number, text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (bytes[offset + i] !== text.charCodeAt(i)) return false;
  return true;
};
const isRiff = (bytes: Uint8Array, what: string): boolean => at(bytes, 0, 'RIFF') && at(bytes, 8, what);
/** A file of the ISO base format, by the brand it names first. */
const hasBrand = (bytes: Uint8Array, brands: readonly string[]): boolean =>
  at(bytes, 4, 'ftyp') && brands.some((brand) => at(bytes, 8, brand));
/** MPEG-1 or 2, layer III, with a rate that exists. */
const isMp3Frame = (bytes: Uint8Array): boolean => {
  const [a = 0, b = 0, c = 0] = bytes;
  return a === 0xff && (b & 0xe6) === 0xe2 && (b & 0x18) !== 0x08 && c >> 4 !== 0 && c >> 4 !== 15 && (c & 0x0c) !== 12;
};
const isZip = (bytes: Uint8Array): boolean => at(bytes, 0, 'PK\x03\x04') || at(bytes, 0, 'PK\x05\x06');

const office = (ending: string, type: string): Kind => ({
  type,
  endings: [ending],
  is: (bytes, given) => given === ending && isZip(bytes),
});

/**
 * Everything that is taken, and nothing else is. What is packed is never unpacked: a name chooses only among types that are downloaded all the same.
 */
const KINDS: readonly Kind[] = [
  { type: 'image/png', endings: ['png'], is: (b) => at(b, 0, '\x89PNG\r\n\x1a\n'), clean: cleanPng },
  { type: 'image/jpeg', endings: ['jpg', 'jpeg', 'jfif'], is: (b) => at(b, 0, '\xff\xd8\xff'), clean: cleanJpeg },
  { type: 'image/gif', endings: ['gif'], is: (b) => at(b, 0, 'GIF87a') || at(b, 0, 'GIF89a'), clean: cleanGif },
  { type: 'image/webp', endings: ['webp'], is: (b) => isRiff(b, 'WEBP'), clean: cleanWebp },
  { type: 'application/pdf', endings: ['pdf'], is: (b) => at(b, 0, '%PDF-') },
  { type: 'audio/wav', endings: ['wav'], is: (b) => isRiff(b, 'WAVE') },
  { type: 'audio/ogg', endings: ['ogg', 'oga', 'opus'], is: (b) => at(b, 0, 'OggS\0') },
  { type: 'audio/mp4', endings: ['m4a'], is: (b) => hasBrand(b, ['M4A ', 'M4B ']) },
  {
    type: 'video/mp4',
    endings: ['mp4', 'm4v'],
    is: (b) => hasBrand(b, ['isom', 'iso2', 'iso4', 'iso5', 'iso6', 'mp41', 'mp42', 'avc1', 'M4V ', 'MSNV']),
  },
  { type: 'video/quicktime', endings: ['mov'], is: (b) => hasBrand(b, ['qt  ']) },
  { type: 'audio/mpeg', endings: ['mp3'], is: (b) => (at(b, 0, 'ID3') && (b[3] ?? 9) < 5) || isMp3Frame(b) },
  office('docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'),
  office('xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'),
  office('pptx', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'),
  office('odt', 'application/vnd.oasis.opendocument.text'),
  office('ods', 'application/vnd.oasis.opendocument.spreadsheet'),
  { type: 'application/zip', endings: ['zip'], is: isZip },
  { type: 'text/csv', endings: ['csv'], is: (b, ending) => ending === 'csv' && isPlainText(b) },
  {
    type: 'text/plain',
    endings: ['txt', 'log', 'md', 'text'],
    is: (b, ending) => ['', 'txt', 'log', 'md', 'text'].includes(ending) && isPlainText(b),
  },
];

/** Null for what is not taken: of another kind, broken, or more than a reader could bear. @param ending of the name, in small letters */
export function recognise(bytes: Uint8Array, ending: string): Recognised | null {
  const kind = KINDS.find(({ is }) => is(bytes, ending));
  if (kind === undefined) return null;
  const { type, endings, clean } = kind;
  if (clean === undefined) return { type, endings, bytes, width: null, height: null };
  try {
    return { type, endings, ...clean(bytes) };
  } catch (error) {
    if (error instanceof BadPicture) return null;
    throw error;
  }
}

/** UTF-8 without characters that are no text. Who reads it, reads it as text: nothing that looks like a page is one. */
function isPlainText(bytes: Uint8Array): boolean {
  // Every byte of a large file: a function called for each would hold up everybody.
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13) return false;
  }
  return isUtf8(bytes);
}
