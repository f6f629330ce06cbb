import { crc32, deflateSync } from 'node:zlib';

/** One repeat of a border, as knitters draw it: a square for each stitch. */
const STITCHES = [
  '........#........',
  '.......###.......',
  '......##.##......',
  '.....##.#.##.....',
  '#...##.###.##...#',
  '##.##.##.##.##.##',
  '.###.##.#.##.###.',
  '##.##.##.##.##.##',
  '#...##.###.##...#',
  '.....##.#.##.....',
  '......##.##......',
  '.......###.......',
  '........#........',
];
const REPEATS = 2;
const SQUARE = 14;
const COLOURS = Buffer.from([0xf6, 0xf1, 0xe4, 0x8c, 0x2f, 0x39, 0xcf, 0xc6, 0xb2]);
const WOOL = 0;
const RED = 1;
const LINE = 2;

export const CHART_WIDTH = (STITCHES[0]?.length ?? 0) * REPEATS * SQUARE;
export const CHART_HEIGHT = STITCHES.length * SQUARE;

/** A picture that somebody of the demo sends, as PNG. */
export function borderChart(): Uint8Array {
  const pixels = Buffer.alloc((CHART_WIDTH + 1) * CHART_HEIGHT);
  for (let y = 0; y < CHART_HEIGHT; y++) {
    const row = STITCHES[Math.floor(y / SQUARE)] ?? '';
    for (let x = 0; x < CHART_WIDTH; x++) {
      const isLine = x % SQUARE === 0 || y % SQUARE === 0;
      const stitch = row[Math.floor(x / SQUARE) % row.length];
      pixels[y * (CHART_WIDTH + 1) + 1 + x] = isLine ? LINE : stitch === '#' ? RED : WOOL;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(CHART_WIDTH, 0);
  header.writeUInt32BE(CHART_HEIGHT, 4);
  header.set([8, 3, 0, 0, 0], 8); // 8 bits a pixel, out of a palette
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [part('IHDR', header), part('PLTE', COLOURS), part('IDAT', deflateSync(pixels)), part('IEND')];
  return Buffer.concat([signature, ...parts]);
}

function part(name: string, data: Uint8Array = new Uint8Array()): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
