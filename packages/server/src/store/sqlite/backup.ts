import { chmodSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { syncFolder } from '../../sync-folder.ts';
import { findDamage } from './migrations.ts';

/**
 * Copies the database `file` into the new file `path` while others go on reading and writing: everything that was acknowledged before the call
 * is in it. Needs no running relay and changes nothing in `file`. Rejects when `path` exists; a copy that was not finished leaves nothing behind.
 */
export async function backupDatabase(file: string, path: string): Promise<void> {
  if (!existsSync(file)) throw new Error(`There is no database ${file}. Check the data folder.`);
  reserve(path);
  const unfinished = `${path}.unfinished`;
  const database = new Database(file, { readonly: true });
  try {
    // An open read holds on to one state of the database: without it every write of another process would begin the copy again.
    database.exec('BEGIN');
    database.prepare('SELECT max(version) FROM migration').get();
    await database.backup(unfinished);
    // It holds what the database holds: for nobody else to read.
    chmodSync(unfinished, 0o600);
    check(unfinished);
    renameSync(unfinished, path);
    syncFolder(dirname(path));
  } catch (error) {
    for (const name of [path, unfinished, `${unfinished}-wal`, `${unfinished}-shm`]) rmSync(name, { force: true });
    throw error;
  } finally {
    database.close();
  }
}

/** Takes the name at once, so that two backups cannot overwrite each other. */
function reserve(path: string): void {
  try {
    writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw new Error(
      `${path} exists already. Choose another name, or move it away: a backup never overwrites anything.`,
    );
  }
}

function check(copy: string): void {
  const database = new Database(copy, { fileMustExist: true });
  try {
    const damage = findDamage(database);
    if (damage !== null)
      throw new Error('The copy came out damaged and was not kept. Check the disk it was written to.', {
        cause: damage,
      });
    // Back to one file that may be moved alone; the relay turns the log on again when it opens it.
    database.pragma('journal_mode = DELETE');
  } finally {
    database.close();
  }
}
