import type { Engine } from '../engine/engine.ts';
import type { Roster } from '../engine/roster.ts';
import { createFeatures, type Features } from '../features.ts';
import { createPipeline } from '../hooks/pipeline.ts';
import type { Log } from '../log.ts';
import type { Bus, Clock, Ids, Store } from '../ports.ts';
import { CONFIG } from '../testing/relay-under-test.ts';

/** Canned replies and surveys over a store, without a relay around them: conversations are read, and nothing is said in them. */
export function featuresUnderTest(parts: {
  store: Store;
  bus: Bus;
  clock: Clock;
  ids: Ids;
  log: Log;
}): Promise<Features> {
  const { store, clock } = parts;
  const engine = {
    row: async (id: string) => (await store.conversations([id])).get(id) ?? null,
    submit: async () => ({ done: false, refused: 'unavailable' }),
  } as unknown as Engine;
  return createFeatures({
    ...parts,
    config: CONFIG,
    engine,
    roster: {} as Roster,
    pipeline: createPipeline({ clock, report: () => {} }),
    failures: { list: () => [] },
    source: 'a test',
  });
}
