import type { Audit } from '../audit/audit.ts';
import { createInProcessBus } from '../bus/in-process/in-process-bus.ts';
import { createEngine } from '../engine/engine.ts';
import type { Log } from '../log.ts';
import { noMetrics } from '../metrics.ts';
import type { Clock, FileStore, Ids, Store } from '../ports.ts';
import type { RetentionRule } from '../retention/rules.ts';
import type { ErasureList } from './erasure-list.ts';
import { createPersonalData, type PersonalData } from './personal-data.ts';

/** The same tools on a store that no relay has: for commands. Nobody may write to the store meanwhile. */
export async function personalDataOffline(parts: {
  store: Store;
  files: FileStore;
  list: ErasureList;
  clock: Clock;
  ids: Ids;
  log: Log;
  audit: Audit;
  rules: readonly RetentionRule[];
}): Promise<PersonalData> {
  const { store, clock, ids, log } = parts;
  const bus = createInProcessBus({ onError: (error) => log.error({ error }, 'A handler of the bus failed.') });
  const engine = await createEngine({ store, bus, clock, ids, log, metrics: noMetrics });
  return createPersonalData({
    ...{ ...parts, bus, submit: engine.submit },
    rules: () => parts.rules,
    isOffline: true,
  });
}
