import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadConfig } from '../config.ts';
import type { Config } from '../config-types.ts';
import { builtFolder, createPages } from '../gateway/static/pages.ts';
import { DATABASE_FILE } from '../main.ts';
import { CommandFailed, type CommandLine, say } from './command-line.ts';
import { EXIT } from './exit-codes.ts';

export const configOf = ({ values, env }: CommandLine): Promise<Config> =>
  loadConfig({ ...(values.config === undefined ? {} : { file: values.config }), env });

export const databaseOf = (config: Config): string => join(config.dataDir, DATABASE_FILE);

/** `sveiki check`: everything that can be known before starting. */
export async function check(line: CommandLine): Promise<number> {
  const config = await configOf(line);
  const folder = nearestFolder(config.dataDir);
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    throw new CommandFailed(
      `The data folder ${config.dataDir} cannot be written. Give this user the right to write in ${folder}.`,
      EXIT.config,
    );
  }
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  const { missing } = createPages({ folder: builtFolder(), deskOrigins: [config.publicUrl], hasShop: false });
  const isOpen =
    config.publicUrl.startsWith('http://') && !/^http:\/\/(localhost|127\.|\[::1\])/.test(config.publicUrl);
  return say(
    [
      `The configuration is right: ${count(config.sites.length, 'site')}, ${count(config.teams.length, 'team')}.`,
      `Listens on ${config.host}, port ${config.port}; people reach it at ${config.publicUrl}.`,
      `Data: ${config.dataDir}${existsSync(databaseOf(config)) ? '' : ' (empty)'}`,
      ...missing.map((what) => `Note: ${what} is not built.`),
      ...(isOpen ? ['Note: publicUrl has no TLS, so passwords and messages can be read on their way.'] : []),
      '',
    ].join('\n'),
  );
}

/** The folder itself, or the nearest one above it that is there. */
function nearestFolder(path: string): string {
  if (existsSync(path) && statSync(path).isDirectory()) return path;
  const above = dirname(path);
  return above === path ? path : nearestFolder(above);
}
