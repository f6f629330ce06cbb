import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { DATABASE_FILE } from '../main.ts';
import { CorruptDatabase, MIGRATIONS, syncFolder } from '../store/sqlite/migrations.ts';
import { isInUse, type Restored, restoreDatabase } from '../store/sqlite/restore.ts';
import { FILES_FOLDER } from './backup.ts';
import { configOf, databaseOf } from './check.ts';
import { CommandFailed, type CommandLine, say } from './command-line.ts';
import { copyFolder } from './copy-folder.ts';
import { EXIT } from './exit-codes.ts';

/**
 * `sveiki restore <backup> [--verify] [--replace]`: what `sveiki backup` made, or a database alone. Everything is copied beside what is there and read
 * before anything is moved, so that a backup that is no good changes nothing.
 */
export async function restore(line: CommandLine): Promise<number> {
  const { dataDir, ...config } = await configOf(line);
  const file = databaseOf({ dataDir, ...config });
  const source = sourceOf(resolve(line.positionals[0] ?? ''));
  const isReplacing = line.values.replace === true;
  const before = [file, `${file}-wal`, `${file}-shm`, join(dataDir, FILES_FOLDER)].filter((path) => existsSync(path));
  if (before.length > 0 && !isReplacing)
    throw new CommandFailed(
      `${dataDir} holds data already, and nothing was changed. With --replace it is kept in a folder beside the backup's.`,
    );
  if (isInUse(file))
    throw new CommandFailed(`${file} is in use, and nothing was changed. Stop the relay first: restoring replaces it.`);

  mkdirSync(dataDir, { recursive: true });
  const database = await restoredOf(source, file, line.values.verify === true);
  const files = join(dataDir, `${FILES_FOLDER}.restoring`);
  try {
    if (database.problems.length > 0) throw brokenBackup(source.database, database);
    rmSync(files, { recursive: true, force: true });
    const count = source.files === null ? 0 : await copyFolder(source.files, files);
    const kept = moveAway(before, dataDir);
    if (source.files !== null) renameSync(files, join(dataDir, FILES_FOLDER));
    database.keep();
    syncFolder(dataDir);
    return say(
      reportOf({ source: source.database, dataDir, database, count, kept, isVerified: line.values.verify === true }),
    );
  } finally {
    database.drop();
    rmSync(files, { recursive: true, force: true });
  }
}

interface Source {
  database: string;
  files: string | null;
}

function sourceOf(backup: string): Source {
  if (!existsSync(backup)) throw new CommandFailed(`There is no ${backup}. Name what "sveiki backup" made.`);
  if (!statSync(backup).isDirectory()) return { database: backup, files: null };
  const [database, files] = [join(backup, DATABASE_FILE), join(backup, FILES_FOLDER)];
  if (!existsSync(database))
    throw new CommandFailed(`There is no ${DATABASE_FILE} in ${backup}. Name what "sveiki backup" made.`, EXIT.data);
  return { database, files: existsSync(files) ? files : null };
}

async function restoredOf({ database }: Source, file: string, isLawChecked: boolean): Promise<Restored> {
  try {
    return await restoreDatabase(database, file, isLawChecked);
  } catch (error) {
    if (!(error instanceof CorruptDatabase)) throw error;
    throw new CommandFailed(
      `${database} cannot be restored: ${error.reason}. Nothing was changed. Take another backup.`,
      EXIT.data,
    );
  }
}

function brokenBackup(backup: string, { problems }: Restored): CommandFailed {
  const list = problems.map((problem) => `  ${problem}`).join('\n');
  return new CommandFailed(
    `${backup} is not whole, and nothing was changed:\n${list}\nTake another backup.`,
    EXIT.data,
  );
}

/** Where it was put; null when there was nothing. */
function moveAway(paths: readonly string[], dataDir: string): string | null {
  if (paths.length === 0) return null;
  const kept = join(dataDir, `replaced-${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}`);
  mkdirSync(kept, { mode: 0o700 });
  for (const path of paths) renameSync(path, join(kept, basename(path)));
  return kept;
}

function reportOf({
  source,
  dataDir,
  database,
  count,
  kept,
  isVerified,
}: {
  source: string;
  dataDir: string;
  database: Restored;
  count: number;
  kept: string | null;
  isVerified: boolean;
}): string {
  const { conversations, events, messages, visitors, agents } = database.counts;
  const newest = MIGRATIONS.length;
  return [
    `Restored ${source} to ${dataDir}.`,
    `Version ${database.version}${database.version < newest ? `, brought up to ${newest}` : ''}; every page is whole.`,
    `${conversations} conversations, ${events} events, ${messages} messages, ${visitors} visitors, ${agents} agents, ${count} files.`,
    ...(isVerified ? ['The log of every conversation is without a hole, and its state is what the log says.'] : []),
    ...(kept === null ? [] : [`What was there before is in ${kept}. Remove it when it is not needed any more.`]),
    '',
  ].join('\n');
}
