import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { syncFolder } from '../../sync-folder.ts';
import { backupDatabase } from './backup.ts';
import { isDamage, MIGRATIONS, NewerDatabase, prepareDatabase, versionOf } from './migrations.ts';
import { checkLaw, checkPages, type Findings, sentFiles } from './verify.ts';

/** A copy that is checked and waits to take its place. */
export interface Restored extends Findings {
  /** The version of the schema that the backup was of; the copy has the newest. */
  version: number;
  sentFiles: { key: string; size: number }[];
  /** Puts it under its name. Nothing may be there. */
  keep(): void;
  drop(): void;
}

/**
 * Copies the database `backup` beside `file`, brings the copy up to the newest version, and reads all of it; with `isLawChecked` the event law too.
 * What is under the name `file` is not touched, nor is the backup, which may also be the database of a relay that runs.
 *
 * @throws NewerDatabase, CorruptDatabase: about `backup`
 */
export async function restoreDatabase(backup: string, file: string, isLawChecked: boolean): Promise<Restored> {
  const version = versionOf(backup);
  if (version > MIGRATIONS.length) throw new NewerDatabase(backup, version, MIGRATIONS.length);
  const copy = `${file}.restoring`;
  const drop = (): void => {
    for (const name of [copy, `${copy}-wal`, `${copy}-shm`, `${copy}-journal`]) rmSync(name, { force: true });
  };
  drop();
  try {
    await backupDatabase(backup, copy);
    prepareDatabase(copy);
    const { counts, problems } = checkPages(copy);
    const broken = isLawChecked && problems.length === 0 ? checkLaw(copy) : [];
    return {
      version,
      counts,
      sentFiles: problems.length === 0 ? sentFiles(copy) : [],
      problems: [...problems, ...broken],
      drop,
      keep() {
        if (existsSync(file)) throw new Error(`${file} is there already.`);
        renameSync(copy, file);
        syncFolder(dirname(file));
      },
    };
  } catch (error) {
    drop();
    throw error;
  }
}

/** Whether another process has the database open: a relay keeps its read lock as long as it runs. */
export function isInUse(file: string): boolean {
  if (!existsSync(file)) return false;
  let database: Database.Database | null = null;
  try {
    database = new Database(file, { fileMustExist: true, timeout: 0 });
    database.pragma('locking_mode = EXCLUSIVE');
    database.exec('BEGIN EXCLUSIVE; ROLLBACK');
    return false;
  } catch (error) {
    // What cannot be read is what somebody restores for.
    if (isDamage(error)) return false;
    return error instanceof Database.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code);
  } finally {
    database?.close();
  }
}
