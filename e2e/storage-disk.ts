import { createReadStream, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import type { Random } from '../tools/replay/random.ts';

/** What a process did to its files, in order; `told` is what it wrote to its standard output. */
export type Step =
  | { what: 'write'; file: string; at: number; bytes: Buffer }
  | { what: 'truncate'; file: string; size: number }
  | { what: 'sync' | 'unlink'; file: string }
  | { what: 'told'; text: string };

/** What `strace` is to be told for `readSteps` to understand what it writes. */
export const TRACE = '-f -y -x -s 131072 -e trace=pwrite64,write,fsync,fdatasync,ftruncate,unlink -e signal=none'.split(
  ' ',
);

/** Steps with the files named, from what `strace` wrote. One that another thread interrupted counts when it is done; what is told, when it begins. */
export async function* readSteps(trace: string, files: readonly string[]): AsyncGenerator<Step> {
  const begun = new Map<string, string>();
  for await (const line of createInterface({ input: createReadStream(trace, 'latin1') })) {
    const [, pid = '', call = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (call.startsWith('write(1<')) {
      yield { what: 'told', text: unquoted(/, "(.*?)"/.exec(call)?.[1] ?? '').toString('latin1') };
      continue;
    }
    if (call.endsWith(' <unfinished ...>')) {
      begun.set(pid, call.slice(0, -' <unfinished ...>'.length));
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(call);
    const step = stepOf(resumed === null ? call : (begun.get(pid) ?? '') + resumed[1]);
    if (step !== null && files.includes(step.file)) yield step;
  }
}

function stepOf(call: string): Exclude<Step, { what: 'told' }> | null {
  if (/= -1 /.test(call.slice(-80))) return null;
  const write = /^pwrite64\(\d+<([^>]*)>, "(.*)", \d+, (\d+)\)? *=/.exec(call);
  if (write !== null)
    return {
      what: 'write',
      file: basename(write[1] as string),
      bytes: unquoted(write[2] as string),
      at: Number(write[3]),
    };
  const truncated = /^ftruncate\(\d+<([^>]*)>, (\d+)\)? *=/.exec(call);
  if (truncated !== null)
    return { what: 'truncate', file: basename(truncated[1] as string), size: Number(truncated[2]) };
  const synced = /^f(?:data)?sync\(\d+<([^>]*)>\)? *=/.exec(call);
  if (synced !== null) return { what: 'sync', file: basename(synced[1] as string) };
  const gone = /^unlink\("([^"]*)"\)? *=/.exec(call);
  return gone === null ? null : { what: 'unlink', file: basename(gone[1] as string) };
}

/** Bytes of a string as `strace -x` writes it. */
function unquoted(text: string): Buffer {
  if (/^(\\x[0-9a-f]{2})*$/.test(text)) return Buffer.from(text.replaceAll('\\x', ''), 'hex');
  const named: Record<string, string> = { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f' };
  const plain = text.replaceAll(/\\(x[0-9a-f]{2}|[0-7]{1,3}|.)/g, (_all, code: string) => {
    if (/^x/.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
    return named[code] ?? code;
  });
  return Buffer.from(plain, 'latin1');
}

/** Sectors are written whole or not at all. */
const SECTOR = 512;

type Change = Extract<Step, { what: 'write' | 'truncate' }>;
/** The bytes of a file, with room to grow. */
interface Image {
  room: Buffer;
  size: number;
}
interface Inode {
  /** What is on the platter for sure; null: not even its name. */
  durable: Image | null;
  /** What the process did since: any of it may be there. */
  loose: Change[];
}

/** How much of what was not synced survives: nothing, all, or what chance says, down to single sectors. */
export type Loss = 'all' | 'none' | 'random';

/** A disk that may lose power after any step. */
export function createDisk(start: ReadonlyMap<string, Buffer>) {
  const inodes = new Map<string, Inode>(
    [...start].map(([name, durable]) => [name, { durable: imageOf(durable), loose: [] }]),
  );
  /** Removed, but perhaps not on the platter yet. */
  const removed = new Map<string, Inode>();

  return {
    apply(step: Step): void {
      if (step.what === 'told') return;
      if (step.what === 'unlink') {
        const inode = inodes.get(step.file);
        if (inode !== undefined) removed.set(step.file, inode);
        inodes.delete(step.file);
        return;
      }
      const inode = inodes.get(step.file) ?? { durable: null, loose: [] };
      inodes.set(step.file, inode);
      if (step.what === 'write' || step.what === 'truncate') {
        inode.loose.push(step);
        return;
      }
      inode.durable ??= imageOf(Buffer.alloc(0));
      for (const change of inode.loose) make(inode.durable, change);
      inode.loose = [];
      removed.delete(step.file);
    },
    /** Writes what somebody finds when the power is back. */
    leave(folder: string, loss: Loss, random: Random): void {
      const survives = (): boolean => loss === 'none' || (loss === 'random' && random.chance(0.5));
      for (const name of new Set([...inodes.keys(), ...removed.keys()])) {
        const inode = inodes.get(name);
        const isNew = inode !== undefined && (inode.durable !== null || survives());
        const found = isNew ? inode : removed.has(name) && !survives() ? removed.get(name) : undefined;
        rmSync(`${folder}/${name}`, { force: true });
        if (found === undefined) continue;
        const image = imageOf(found.durable === null ? Buffer.alloc(0) : bytesOf(found.durable));
        for (const change of found.loose) {
          const parts = loss === 'random' && change.what === 'write' ? sectorsOf(change) : [change];
          for (const part of parts) if (survives()) make(image, part);
        }
        writeFileSync(`${folder}/${name}`, bytesOf(image));
      }
    },
  };
}

function* sectorsOf({ bytes, at, file }: Extract<Step, { what: 'write' }>): Generator<Change> {
  for (let from = 0; from < bytes.length; ) {
    const to = Math.min(bytes.length, from + SECTOR - ((at + from) % SECTOR));
    yield { what: 'write', file, at: at + from, bytes: bytes.subarray(from, to) };
    from = to;
  }
}

const imageOf = (bytes: Buffer): Image => ({ room: Buffer.from(bytes), size: bytes.length });
const bytesOf = ({ room, size }: Image): Buffer => room.subarray(0, size);

function make(image: Image, change: Change): void {
  const size = change.what === 'truncate' ? change.size : Math.max(image.size, change.at + change.bytes.length);
  if (size > image.room.length) image.room = Buffer.concat([bytesOf(image)], size * 2);
  // What lies between the old end and what is written behind it is empty.
  else if (size > image.size) image.room.fill(0, image.size, size);
  image.size = size;
  if (change.what === 'write') change.bytes.copy(image.room, change.at);
}
