import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { FILES_FOLDER } from '../files/directory.ts';
import { DATABASE_FILE } from '../main.ts';
import { ERASURE_LIST_FILE } from '../personal-data/erasure-list.ts';
import { backupDatabase } from '../store/sqlite/backup.ts';
import { isFull } from '../store/sqlite/migrations.ts';
import { syncFolder } from '../sync-folder.ts';
import { configOf, databaseOf } from './check.ts';
import { CommandFailed, type CommandLine, say } from './command-line.ts';
import { copyFolder, copyOne } from './copy-folder.ts';
import { EXIT } from './exit-codes.ts';
import { inRoom } from './room.ts';

/**
 * `sveiki backup <folder>`: the database first, then the files, so that every file that it names and that is still there is in the copy, and the list
 * of who was forgotten. The folder has its name only when all of it is there. The key of what is sealed in the database is never in it.
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
    const erasures = join(config.dataDir, ERASURE_LIST_FILE);
    if (existsSync(erasures)) await copyOne(erasures, join(unfinished, ERASURE_LIST_FILE));
    syncFolder(unfinished);
    renameSync(unfinished, target);
    syncFolder(dirname(target));
  } catch (error) {
    if (isTaken(error))
      throw new CommandFailed(`${unfinished} is there: another backup runs, or one was broken off. Remove it then.`);
    rmSync(unfinished, { recursive: true, force: true });
    if (isFull(error))
      throw new CommandFailed(
        `There is no room for the backup, or on the disk of ${config.dataDir}. Make room, and try again.`,
        EXIT.store,
      );
    throw new CommandFailed(error instanceof Error ? error.message : String(error));
  }
  await noteBackup(line);
  return say(`Copied to ${target}: the database and ${count === 1 ? '1 file' : `${count} files`}.\n`);
}

/** Whoever has a backup has read everything. */
async function noteBackup(line: CommandLine): Promise<void> {
  try {
    await inRoom(line, async ({ audit }) => {
      await audit.note({ actor: 'operator', action: 'backup.made' });
      return '';
    });
  } catch (error) {
    process.stderr.write(`It could not be noted in the audit log: ${(error as Error).message}\n`);
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
