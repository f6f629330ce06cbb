import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryFiles } from '../files/memory.ts';
import { createIds } from '../ids.ts';
import { silentLog } from '../log.ts';
import { StorageFull, type Store } from '../ports.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { standingClock, turn } from '../testing/relay-under-test.ts';
import { createEraser, type Eraser } from './eraser.ts';

const MB = 1024 * 1024;
const NIGHT = Date.UTC(2026, 10, 20, 2);
const ASKED = { by: 'visitor', reason: 'asked-by-person' } as const;

let store: Store;
let clock: ReturnType<typeof standingClock>;
let said: string[];
let eraser: Eraser;
beforeEach(() => {
  store = createMemoryStore();
  clock = standingClock(NIGHT);
  said = [];
  eraser = createEraser({
    ...{ store, clock, ids: createIds(clock), files: createMemoryFiles() },
    log: { ...silentLog, error: (_fields, message) => void said.push(message) },
    submit: async () => {
      throw new Error('Nobody here has a conversation.');
    },
    sendAway: () => {},
    proof: async () => [],
  });
});

async function come(...visitors: string[]): Promise<void> {
  const rows = visitors.map((id) => ({
    ...{ id, site: 'pk_shop_test', name: null, email: null, externalId: null, locale: null, timeZone: null },
    ...{ visit: null, firstSeenAt: 1, lastSeenAt: 1 },
  }));
  await store.append({ events: [], conversations: [], visitors: rows, visitorSessions: [], cursors: [] });
}

/** Makes the file anew as often as it is asked, with this result each time. */
function compacting(result: () => Promise<boolean>): { times: number } {
  const counted = { times: 0 };
  store.compact = () => {
    counted.times += 1;
    return result();
  };
  return counted;
}

describe('the list of who is to be forgotten', () => {
  it('has somebody once who asks twice in one moment', async () => {
    await come('mia');
    const [first, second] = await Promise.all([
      eraser.request({ visitor: 'mia', ...ASKED }),
      eraser.request({ visitor: 'mia', ...ASKED }),
    ]);
    expect(second).toEqual(first);
    await eraser.settled();
    expect(await store.erasures({ limit: 9 })).toHaveLength(1);
  });
});

describe('a file that could not be made anew', () => {
  it('is left alone for an hour when it is large, because each try holds up what is to be stored', async () => {
    await come('mia');
    store.size = async () => 1_000 * MB;
    const compacted = compacting(() => Promise.reject(new StorageFull('No room for a copy.')));
    await eraser.request({ visitor: 'mia', ...ASKED });
    await eraser.settled();
    expect(compacted.times).toBe(1);
    await clock.advance(59 * 60_000);
    expect(compacted.times).toBe(1);
    await clock.advance(2 * 60_000);
    expect(compacted.times).toBe(2);
    expect(said[0]).toBe(
      'The database could not be made anew; copies of what was erased may lie in its free pages until it is',
    );
  });

  it('is tried again after a minute when it is small, and no later for the next one once it is done', async () => {
    await come('mia', 'noah');
    let isHeld = true;
    const compacted = compacting(async () => !isHeld);
    await eraser.request({ visitor: 'mia', ...ASKED });
    await eraser.settled();
    await clock.advance(55_000);
    expect(compacted.times).toBe(1);
    isHeld = false;
    await clock.advance(10_000);
    expect(compacted.times).toBe(2);
    expect(await store.erasures({ open: true, limit: 9 })).toEqual([]);
    await eraser.request({ visitor: 'noah', ...ASKED });
    await turn();
    expect(compacted.times).toBe(3);
    expect(await store.erasures({ open: true, limit: 9 })).toEqual([]);
  });
});
