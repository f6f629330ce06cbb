import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hire } from '../replay/hire.ts';
import { createRelayProcess, freePort, type RelayProcess, type RelayProcessOptions } from '../replay/relay-process.ts';

export const SITE = 'pk_fire_shop';
export const ORIGIN = 'https://shop.example';

/** A built relay with its own copy of the files, its own data, and agents who may sign in; it is not started yet. */
export interface Stage {
  readonly relay: RelayProcess;
  readonly port: number;
  readonly server: string;
  readonly folder: string;
  readonly database: string;
  /** One-time sign-in codes, one for each agent. */
  readonly codes: readonly string[];
  close(): Promise<void>;
}

export interface StageOptions extends Pick<RelayProcessOptions, 'under'> {
  agents?: number;
  /** Conversations that an agent may have at once. @default 10 */
  capacity?: number;
  /** Laid over the configuration. */
  config?: Readonly<Record<string, unknown>>;
  /** Changes the built files before they run: this text, which must stand there exactly once, becomes that one. */
  patch?: { from: string; to: string };
  /** Environment of the relay. @param folder that of the stage */
  env?: (folder: string) => Readonly<Record<string, string>>;
  /** Options of Node itself. */
  node?: readonly string[];
}

const built = join(import.meta.dirname, '../../packages/server');

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const { agents = 0, capacity = 10, config = {}, patch, node = [], env = () => ({}), ...process } = options;
  const folder = mkdtempSync(join(tmpdir(), 'sveiki-fire-'));
  try {
    const program = copyBuild(join(folder, 'program'), patch);
    const port = await freePort();
    const server = `http://127.0.0.1:${port}`;
    const data = join(folder, 'data');
    const database = join(data, 'sveiki.db');
    const codes = await hire(database, { count: agents, team: 'sales', capacity });
    const file = join(folder, 'sveiki.config.json');
    writeFileSync(file, JSON.stringify({ ...configOf({ port, data }), ...config }));
    const relay = createRelayProcess({ ...process, env: env(folder), config: file, port, program: [...node, program] });
    return {
      ...{ relay, port, server, folder, database, codes },
      async close() {
        await relay.kill();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** What an operator of such a relay would write. @param data folder of the database */
export function configOf({ port, data }: { port: number; data: string }) {
  return {
    host: '127.0.0.1',
    port,
    dataDir: data,
    publicUrl: `http://127.0.0.1:${port}`,
    logLevel: 'warn' as const,
    sites: [{ key: SITE, name: 'Shop', origins: [ORIGIN], team: 'sales' }],
    teams: [{ id: 'sales', name: 'Sales', strategy: 'manual' as const }],
    wrapUpCodes: [{ id: 'done', name: 'Done' }],
    // Everybody comes from this machine and talks without a pause.
    rateFactor: 10_000,
    // Strangers who begin all at once are no spam here.
    spam: { proofOfWork: 'off' as const, calm: 1_000_000, flood: 1_000_000 },
  };
}

/**
 * The build may be made anew while a test kills and starts what it was when the test began. Returns the path of the command. @throws Error when
 * there is no build, or the text of the patch is not there once
 */
function copyBuild(folder: string, patch: StageOptions['patch']): string {
  cpSync(join(built, 'dist'), join(folder, 'dist'), { recursive: true });
  cpSync(join(built, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(built, 'node_modules'), join(folder, 'node_modules'), 'junction');
  if (patch !== undefined) {
    const scripts = readdirSync(join(folder, 'dist')).filter((name) => name.endsWith('.js'));
    const parts = scripts.map((name) => ({
      name,
      pieces: readFileSync(join(folder, 'dist', name), 'utf8').split(patch.from),
    }));
    const places = parts.filter(({ pieces }) => pieces.length > 1);
    if (places.length !== 1 || places[0]?.pieces.length !== 2)
      throw new Error(`The built files should have "${patch.from}" exactly once.`);
    const { name, pieces } = places[0];
    writeFileSync(join(folder, 'dist', name), pieces.join(patch.to));
  }
  return join(folder, 'dist', 'cli.js');
}
