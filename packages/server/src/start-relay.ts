import type { Role } from '@sveiki/protocol';
import type { ConfigInput } from '@sveiki/sdk/config';
import { type Environment, loadConfig, parseConfig } from './config.ts';
import type { Config } from './config-types.ts';
import { startServer } from './main.ts';
import { createMemoryStore } from './store/memory/memory-store.ts';

/** Somebody who answers. Whoever stands in `agents` of the configuration has the teams and the capacity from there. */
export interface Person {
  /** Names the account, and the agent of the configuration who has its skills and shifts. */
  id: string;
  name: string;
  /** What they sign in with. */
  email: string;
  /** @default 'agent' */
  role?: Exclude<Role, 'bot'>;
  /** @default all */
  teams?: readonly string[];
  /** How many conversations they answer at once. @default 5 */
  capacity?: number;
}

export interface RelayOptions {
  /** What `defineConfig` gave, or the file whose default export it is. @default as `sveiki start` finds it */
  config?: ConfigInput | string;
  /** 0 lets the machine choose; port 0 in `publicUrl` and in the origins of sites then stands for it. @default that of the configuration */
  port?: number;
  /** Folder of the database; `':memory:'` keeps nothing when it stops. @default that of the configuration */
  dataDir?: string;
  /** @default that of the configuration */
  logLevel?: NonNullable<ConfigInput['logLevel']>;
  /** Accounts that must be there. Those that are there already stay as they are. */
  people?: readonly Person[];
  /** Where `{ env: 'NAME' }` and the variables that win over a file are looked up. @default none for an object, process.env for a file */
  env?: Environment;
}

export interface RunningRelay {
  /** Its address, `http://127.0.0.1:4310`: the `server` of `createChat` and `createAgent`. */
  readonly url: string;
  readonly port: number;
  /** A code that signs this person in once, for `agent.signInWithCode`. @throws Error when there is no such account */
  signInCode(person: string): Promise<string>;
  /** An address that opens the desk and signs this person in, once. */
  deskLink(person: string): Promise<string>;
  /** Says goodbye to everybody, finishes what is being stored, and closes. Idempotent; less than 10 s. */
  stop(): Promise<void>;
}

const DEFAULT_CAPACITY = 5;

/**
 * Starts a relay in this process. What it is told here wins over the configuration.
 *
 * @throws {ConfigError} with every problem of the configuration; {PortTaken}
 * @example
 * ```ts
 * const relay = await startRelay({ config, port: 0, dataDir: ':memory:', people: [{ id: 'ada', name: 'Ada', email: 'ada@example.com' }] });
 * ```
 */
export async function startRelay({ people = [], ...options }: RelayOptions = {}): Promise<RunningRelay> {
  const config = await configOf(options);
  const isInMemory = options.dataDir === ':memory:';
  const server = await startServer(config, {
    ...(isInMemory ? { store: createMemoryStore() } : {}),
    async prepare({ store }) {
      const createdAt = Date.now();
      for (const { id, name, email, role = 'agent', ...rest } of people) {
        if ((await store.agent(id)) !== null) continue;
        const agent = config.agents?.find((one) => one.id === id);
        await store.saveAgent({
          ...{ id, name, role, email: email.toLowerCase(), presence: 'online', passwordHash: null, active: true },
          teams: [...(agent?.teams ?? rest.teams ?? config.teams.map((team) => team.id))],
          capacity: agent?.capacity ?? rest.capacity ?? DEFAULT_CAPACITY,
          createdAt,
        });
      }
    },
  });
  const signInCode = async (person: string): Promise<string> => {
    if ((await server.store.agent(person)) === null)
      throw new Error(`There is no account "${person}". Name it in "people", or make it with "sveiki add-agent".`);
    return server.auth.makeCode(person);
  };
  return {
    url: server.url,
    port: server.port,
    signInCode,
    deskLink: async (person) => `${server.config.publicUrl}/desk/#code=${await signInCode(person)}`,
    stop: server.stop,
  };
}

/** Environment wins over what is written, so that is how what was told here does. */
function configOf({ config, port, dataDir, logLevel, env }: Omit<RelayOptions, 'people'>): Promise<Config> {
  const told: Environment = {
    ...(port === undefined ? {} : { PORT: String(port) }),
    ...(dataDir === undefined || dataDir === ':memory:' ? {} : { SVEIKI_DATA_DIR: dataDir }),
    ...(logLevel === undefined ? {} : { SVEIKI_LOG_LEVEL: logLevel }),
  };
  return typeof config === 'object'
    ? parseConfig(config, { env: { ...env, ...told } })
    : loadConfig({ ...(config === undefined ? {} : { file: config }), env: { ...(env ?? process.env), ...told } });
}
