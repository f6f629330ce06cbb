import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DATABASE_FILE } from '../main.ts';
import { backupDatabase } from '../store/sqlite/backup.ts';
import { syncFolder } from '../store/sqlite/migrations.ts';
import { configOf, databaseOf } from './check.ts';
import { CommandFailed, type CommandLine, say } from './command-line.ts';
import { copyFolder } from './copy-folder.ts';

/** Where what people sent each other lies, in the data folder and in a backup. */
export const FILES_FOLDER = 'files';

/**
 * `sveiki backup <folder>`: the database first, then the files, so that every file that it names and that is still there is in the copy. The folder has
 * its name only when all of it is there.
 */
export async function backup(line: CommandLine): Promise<number> {
  const config = await configOf(line);
  const target = resolve(line.positionals[0] ?? '');
  if (existsSync(target))
    throw new CommandFailed(
      `${target} exists already. Choose another name, or move it away: a backup never overwrites anything.`,
    );
  const unfinished = `${target}.unfinished`;
  const files = join(config.dataDir, FILES_FOLDER);
  let count = 0;
  try {
    mkdirSync(unfinished, { mode: 0o700 });
    await backupDatabase(databaseOf(config), join(unfinished, DATABASE_FILE));
    if (existsSync(files)) count = await copyFolder(files, join(unfinished, FILES_FOLDER));
    renameSync(unfinished, target);
    syncFolder(dirname(target));
  } catch (error) {
    if (isTaken(error))
      throw new CommandFailed(`${unfinished} is there: another backup runs, or one was broken off. Remove it then.`);
    rmSync(unfinished, { recursive: true, force: true });
    throw new CommandFailed(error instanceof Error ? error.message : String(error));
  }
  return say(`Copied to ${target}: the database and ${count === 1 ? '1 file' : `${count} files`}.\n`);
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
