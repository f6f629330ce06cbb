/** A single address, or a range of them that shares its first bits. */
export interface Network {
  family: 4 | 6;
  bits: number;
  /** The shared bits. */
  prefix: bigint;
}

const SIZE = { 4: 32, 6: 128 } as const;

/** Reads `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`; bits behind the range are cut off. Null when it is none of them. */
export function readNetwork(text: string): Network | null {
  const [address = '', length, ...more] = text.trim().split('/');
  if (more.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return null;
  const read = readAddress(address);
  if (read === null) return null;
  const size = SIZE[read.family];
  const bits = length === undefined ? size : Number(length);
  if (bits > size) return null;
  return { family: read.family, bits, prefix: read.value >> BigInt(size - bits) };
}

/** How a network is written: one way for all that mean the same. */
export function networkText({ family, bits, prefix }: Network): string {
  const value = prefix << BigInt(SIZE[family] - bits);
  const address = family === 4 ? dotted(value) : colons(value);
  return bits === SIZE[family] ? address : `${address}/${bits}`;
}

/** Whether any of many networks has an address, in the time that it takes to look at each length once. */
export function networkFinder(networks: readonly Network[]): (address: string) => boolean {
  const lengths = { 4: new Map<number, Set<bigint>>(), 6: new Map<number, Set<bigint>>() };
  for (const { family, bits, prefix } of networks) {
    const known = lengths[family].get(bits);
    if (known === undefined) lengths[family].set(bits, new Set([prefix]));
    else known.add(prefix);
  }
  return (text) => {
    const read = readAddress(text);
    if (read === null) return false;
    const size = SIZE[read.family];
    for (const [bits, prefixes] of lengths[read.family])
      if (prefixes.has(read.value >> BigInt(size - bits))) return true;
    return false;
  };
}

function readAddress(text: string): { family: 4 | 6; value: bigint } | null {
  const value4 = readDotted(text);
  if (value4 !== null) return { family: 4, value: value4 };
  // A zone says which card of this machine it came in by, and a mapped address is the one it maps.
  const [bare = ''] = text.split('%');
  const mapped = readDotted(bare.replace(/^::ffff:/i, ''));
  if (mapped !== null) return { family: 4, value: mapped };
  const [head = '', tail, ...more] = bare.split('::');
  if (!bare.includes(':') || more.length > 0) return null;
  const left = readGroups(head);
  const right = tail === undefined ? [] : readGroups(tail);
  if (left === null || right === null) return null;
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...left, ...Array<bigint>(missing).fill(0n), ...right];
  return { family: 6, value: groups.reduce((value, group) => (value << 16n) | group, 0n) };
}

function readDotted(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return null;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function readGroups(text: string): bigint[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const last = readDotted(parts.at(-1) ?? '');
  const groups = last === null ? parts : parts.slice(0, -1);
  if (!groups.every((part) => /^[0-9a-f]{1,4}$/i.test(part))) return null;
  const values = groups.map((part) => BigInt(`0x${part}`));
  return last === null ? values : [...values, last >> 16n, last & 0xffffn];
}

function dotted(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}

/** As RFC 5952 writes it, but for mapped addresses, which are read as IPv4. */
function colons(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  const runs = [...groups.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].map(([run]) => run);
  const longest = runs.reduce((best, run) => (zeros(run) > zeros(best) ? run : best), '');
  if (longest === '') return groups.join(':');
  const at = groups.join(':').indexOf(longest);
  const text = groups.join(':');
  return `${text.slice(0, at)}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}

const zeros = (run: string): number => run.split(':').filter((group) => group === '0').length;
