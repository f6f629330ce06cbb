import type { Config } from '../config-types.ts';
import type { Engine } from '../engine/engine.ts';
import type { Roster } from '../engine/roster.ts';
import { createFeatures, type Features } from '../features.ts';
import { createPipeline } from '../hooks/pipeline.ts';
import type { Log } from '../log.ts';
import { effectiveOf } from '../overrides/effective.ts';
import { createOverrides } from '../overrides/overrides.ts';
import type { Bus, Clock, Ids, Store } from '../ports.ts';
import { fleetingSecrets } from '../secrets/kept-secrets.ts';
import { createBlocks } from '../spam/blocks.ts';
import { CONFIG } from '../testing/relay-under-test.ts';

/** Canned replies and surveys over a store, without a relay around them: conversations are read, and nothing is said in them. */
export async function featuresUnderTest(parts: {
  store: Store;
  bus: Bus;
  clock: Clock;
  ids: Ids;
  log: Log;
  config?: Partial<Config> | undefined;
}): Promise<Features> {
  const { store, clock } = parts;
  const engine = {
    row: async (id: string) => (await store.conversations([id])).get(id) ?? null,
    submit: async () => ({ done: false, refused: 'unavailable' }),
  } as unknown as Engine;
  const file = { ...CONFIG, ...parts.config };
  const config = { ...file };
  let effective = effectiveOf(file, []);
  const overrides = createOverrides({
    ...parts,
    file: () => file,
    effective: () => effective,
    async renew() {
      effective = effectiveOf(file, await store.overrides());
      Object.assign(config, effective.config);
    },
  });
  return createFeatures({
    ...parts,
    secrets: fleetingSecrets(parts),
    config,
    engine,
    roster: {} as Roster,
    pipeline: createPipeline({ clock, report: () => {} }),
    failures: { list: () => [] },
    overrides,
    blocks: await createBlocks(parts),
    loadedAt: 0,
    source: 'a test',
  });
}
