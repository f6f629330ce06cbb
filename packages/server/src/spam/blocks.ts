import { type Refusal, refuse } from '../domain/refusal.ts';
import { type Network, networkFinder, networkText, readNetwork } from '../domain/spam/networks.ts';
import type { BlockRow, Bus, Clock, Ids, Store } from '../ports.ts';

/** More than anybody reads; ranges are there for more. */
const MAX_BLOCKS = 10_000;
/** Visitors of whom it is remembered where they wrote from, so that an agent can block that. In memory only. */
const MAX_PLACES = 10_000;
const PLACE_FOR_MS = 86_400_000;
/** A whole provider may not be shut out by a slip: at most a /8, or a /16 of IPv6. */
const FEWEST_BITS = { 4: 8, 6: 16 } as const;
const HOUSEHOLD_BITS = 64;

/** Who may not write: visitors, addresses and ranges, each for a reason and for a time. What holds is in memory, and in the store for the next start. */
export interface Blocks {
  /** Whether somebody, or the address he comes from, is blocked now. */
  has(visitor: string | null, address: string): boolean;
  /** Those that hold, newest first. */
  list(): BlockRow[];
  block(what: NewBlock): Promise<Refusal | BlockRow>;
  /** Does something and blocks, or neither: they are stored before it and hold after it; when it is refused or fails, none is left. */
  blockWith(list: readonly NewBlock[], deed: () => Promise<Refusal | null>): Promise<Refusal | BlockRow[]>;
  /** False when there is no such block. */
  unblock(ids: readonly string[]): Promise<boolean>;
  /** Remembers for a day where a visitor wrote from. */
  wrote(visitor: string, address: string): void;
  /** The network he wrote from last, as a block of his address would have it; null when that is not known any more. */
  placeOf(visitor: string): string | null;
  /** Reads the store again. */
  reload(): Promise<void>;
}

type NewBlock = Omit<BlockRow, 'id' | 'createdAt'>;

export async function createBlocks(parts: { store: Store; bus: Bus; clock: Clock; ids: Ids }): Promise<Blocks> {
  const { store, bus, clock, ids } = parts;
  let rows: BlockRow[] = [];
  let visitors = new Set<string>();
  let isInNetwork: ((address: string) => boolean) | null = null;
  /** When the first of them ends. */
  let endsAt = Number.POSITIVE_INFINITY;
  /** How often somebody was blocked or let in here. */
  let changes = 0;
  /** Who wrote last is last. */
  const places = new Map<string, { address: string; at: number }>();
  let isForgetting = false;

  const holds = ({ expiresAt }: BlockRow): boolean => expiresAt === null || expiresAt > clock.now();
  function use(next: readonly BlockRow[]): void {
    rows = next.filter(holds);
    visitors = new Set(rows.flatMap(({ kind, target }) => (kind === 'visitor' ? [target] : [])));
    const networks = rows.flatMap(({ kind, target }): Network[] => {
      const network = kind === 'network' ? readNetwork(target) : null;
      return network === null ? [] : [network];
    });
    isInNetwork = networks.length === 0 ? null : networkFinder(networks);
    endsAt = Math.min(...rows.map(({ expiresAt }) => expiresAt ?? Number.POSITIVE_INFINITY));
  }

  async function reload(): Promise<void> {
    // What was read before a change of ours was stored is not what holds.
    const before = changes;
    const all = await store.blocks();
    if (before !== changes) return reload();
    use(all);
    // What has ended is nobody's business any more: it may be an address.
    const ended = all.filter((row) => !holds(row)).map(({ id }) => id);
    if (ended.length > 0) await store.removeBlocks(ended);
  }
  await reload();

  function rowOf(what: NewBlock): Refusal | BlockRow {
    const target = what.kind === 'network' ? plainNetwork(what.target) : what.target;
    if (target === null)
      return {
        ...refuse('bad-frame'),
        message: 'This is no address or range that can be blocked. Write it like 203.0.113.7 or 2001:db8::/48.',
      };
    if (what.expiresAt !== null && what.expiresAt <= clock.now())
      return { ...refuse('bad-frame'), message: 'This block would have ended already. Choose a later end.' };
    return { ...what, target, id: ids.next(), createdAt: clock.now() };
  }

  async function blockWith(
    list: readonly NewBlock[],
    deed: () => Promise<Refusal | null>,
  ): Promise<Refusal | BlockRow[]> {
    const made: BlockRow[] = [];
    for (const what of list) {
      const row = rowOf(what);
      if ('refused' in row) return row;
      made.push(row);
    }
    await reload();
    if (rows.length + made.length > MAX_BLOCKS)
      return { ...refuse('bad-frame'), message: `There are ${MAX_BLOCKS} blocks. Take some out, or block a range.` };
    let refused: Refusal | null = null;
    let isDone = false;
    try {
      for (const row of made) await store.saveBlock(row);
      refused = await deed();
      isDone = refused === null;
    } finally {
      // Read again here or by another relay meanwhile, they may hold already.
      if (!isDone) await takeOut(made.map(({ id }) => id));
    }
    if (refused !== null) return refused;
    changes += 1;
    use([...rows.filter(({ id }) => made.every((one) => one.id !== id)), ...made]);
    bus.publish({ kind: 'blocks' });
    return made;
  }

  async function takeOut(gone: readonly string[]): Promise<void> {
    await store.removeBlocks(gone);
    changes += 1;
    use(rows.filter(({ id }) => !gone.includes(id)));
    bus.publish({ kind: 'blocks' });
  }

  /** Nobody's address is kept for longer, also when nobody asks for it and nobody else writes. */
  function forgetInTime(afterMs: number): void {
    if (isForgetting) return;
    isForgetting = true;
    clock.after(afterMs, () => {
      isForgetting = false;
      const now = clock.now();
      for (const [visitor, { at }] of places) {
        const left = at + PLACE_FOR_MS - now;
        // At most a day, whatever happened to the clock.
        if (left > 0) return forgetInTime(Math.min(left, PLACE_FOR_MS));
        places.delete(visitor);
      }
    });
  }

  return {
    has(visitor, address) {
      if (rows.length === 0) return false;
      if (clock.now() >= endsAt) use(rows);
      return (visitor !== null && visitors.has(visitor)) || isInNetwork?.(address) === true;
    },
    list() {
      use(rows);
      return rows.toSorted((a, b) => b.createdAt - a.createdAt);
    },
    async block(what) {
      const made = await blockWith([what], async () => null);
      return 'refused' in made ? made : (made[0] as BlockRow);
    },
    blockWith,
    async unblock(ids) {
      const known = rows.filter(({ id }) => ids.includes(id));
      if (known.length === 0) return false;
      await takeOut(known.map(({ id }) => id));
      return true;
    },
    wrote(visitor, address) {
      places.delete(visitor);
      places.set(visitor, { address, at: clock.now() });
      const [oldest] = places.keys();
      if (places.size > MAX_PLACES && oldest !== undefined) places.delete(oldest);
      forgetInTime(PLACE_FOR_MS);
    },
    placeOf(visitor) {
      const place = places.get(visitor);
      if (place === undefined || clock.now() - place.at >= PLACE_FOR_MS) return null;
      const network = readNetwork(place.address);
      if (network === null) return null;
      // One household or host has a whole /64 of IPv6.
      return networkText(
        network.family === 4
          ? network
          : { ...network, bits: HOUSEHOLD_BITS, prefix: network.prefix >> BigInt(128 - HOUSEHOLD_BITS) },
      );
    },
    reload,
  };
}

function plainNetwork(text: string): string | null {
  const network = readNetwork(text);
  return network === null || network.bits < FEWEST_BITS[network.family] ? null : networkText(network);
}
