import { plainLine } from '../domain/plain-line.ts';

const MAX_CHARS = 120;
const MAX_ENDING = 10;
/** What names of files may not have on one system or another, or what leads elsewhere. */
const FORBIDDEN = /[\\/:*?"<>|%;]/g;
/** Names that Windows keeps to its devices. */
const DEVICES = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
const FALLBACK = 'file';

/** The letters after the last dot of a name, in small letters; empty without one. */
export function endingOf(name: string): string {
  return /\.([a-z0-9]+)$/.exec(plainName(name).toLowerCase())?.[1] ?? '';
}

/**
 * The name of a file as it is kept and shown: its last part when it is a path, on one line, without anything that cannot be seen, turns the direction of writing, or
 * means something to a system; with an ending that fits what the file is. At most 120 characters.
 */
export function fileName(given: string, endings: readonly string[]): string {
  const name = plainName(given);
  const ending = endingOf(name);
  const isRight = endings.includes(ending);
  const last = isRight ? ending : (endings[0] ?? '');
  const stem = isRight && ending !== '' ? name.slice(0, -ending.length - 1) : name;
  // Cut between characters, as `plainLine` does.
  const cut = plainLine(stem, MAX_CHARS - MAX_ENDING).replace(/[. ]+$/, '') || FALLBACK;
  return last === '' ? cut : `${cut}.${last}`;
}

function plainName(given: string): string {
  const last = given.slice(0, 4_096).split(/[\\/]/).at(-1) ?? '';
  const line = plainLine(last.replace(/[\u200c\u200d]/g, '').replace(FORBIDDEN, '_'), 1_000)
    // No hidden file, and nothing that ends in a way that some systems drop.
    .replace(/^[. ]+|[. ]+$/g, '');
  return DEVICES.test(line) ? `_${line}` : line || FALLBACK;
}
