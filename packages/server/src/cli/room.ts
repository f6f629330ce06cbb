import { type Audit, createAudit } from '../audit/audit.ts';
import { type AgentAuth, createAgentAuth } from '../auth/agent-auth.ts';
import { createPasswords } from '../auth/password.ts';
import { createInProcessBus } from '../bus/in-process/in-process-bus.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config-types.ts';
import { createIds } from '../ids.ts';
import { createRateLimiter } from '../limits.ts';
import { createLog } from '../log.ts';
import type { Store } from '../ports.ts';
import type { KeptSecrets } from '../secrets/kept-secrets.ts';
import { openSecrets } from '../secrets/open-secrets.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { configOf, databaseOf } from './check.ts';
import { type CommandLine, say } from './command-line.ts';

/** What a command works with that reads or changes the data. */
export interface Room {
  config: Config;
  store: Store;
  secrets: KeptSecrets;
  /** Commands note what they do as `operator`. */
  audit: Audit;
  auth: AgentAuth;
}

/**
 * Works on the database beside a relay that may be running: SQLite lets both write, and the relay looks every few seconds for what was changed. Says
 * what `work` resolves with.
 */
export async function inRoom(line: CommandLine, work: (room: Room) => Promise<string>): Promise<number> {
  const config = await configOf(line);
  const store = await openSqliteStore({ file: databaseOf(config) });
  try {
    const log = createLog({ level: 'info', write: (text) => void process.stderr.write(text) });
    const secrets = await openSecrets({ config, store, clock: systemClock, log, isFleeting: false });
    const audit = createAudit({ store, clock: systemClock });
    const auth = createAgentAuth({
      config,
      store,
      bus: createInProcessBus(),
      clock: systemClock,
      ids: createIds(systemClock),
      limiter: createRateLimiter(systemClock),
      passwords: createPasswords(),
      audit,
    });
    try {
      return say(await work({ config, store, secrets, audit, auth }));
    } finally {
      auth.stop();
    }
  } finally {
    await store.close();
  }
}
