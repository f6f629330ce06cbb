import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { FILES_FOLDER, pathOfFile } from '../files/directory.ts';
import { DATABASE_FILE } from '../main.ts';
import { ERASURE_LIST_FILE } from '../personal-data/erasure-list.ts';
import { keyFileIn } from '../secrets/key-source.ts';
import { CorruptDatabase, isFull, MIGRATIONS } from '../store/sqlite/migrations.ts';
import { isInUse, type Restored, restoreDatabase } from '../store/sqlite/restore.ts';
import { syncFolder } from '../sync-folder.ts';
import { configOf, databaseOf } from './check.ts';
import { CommandFailed, type CommandLine, say } from './command-line.ts';
import { copyFolder } from './copy-folder.ts';
import { EXIT } from './exit-codes.ts';

/**
 * `sveiki restore <backup> [--verify] [--replace]`: what `sveiki backup` made, or a database alone. Everything is copied beside what is there and read
 * before anything is moved, so that a backup that is no good changes nothing.
 */
export async function restore(line: CommandLine): Promise<number> {
  const config = await configOf(line);
  const { dataDir } = config;
  const [file, files] = [databaseOf(config), join(dataDir, FILES_FOLDER)];
  const source = sourceOf(resolve(line.positionals[0] ?? ''));
  const isVerified = line.values.verify === true;
  const before = [file, `${file}-wal`, `${file}-shm`, files].filter((path) => existsSync(path));
  if (before.length > 0 && line.values.replace !== true)
    throw new CommandFailed(
      `${dataDir} holds data already, and nothing was changed. With --replace it is moved into a folder of its own there.`,
    );
  mustBeIdle(file);

  mkdirSync(dataDir, { recursive: true });
  const database = await restoredOf(source, file, isVerified).catch(unlessFull(dataDir));
  const copied = `${files}.restoring`;
  rmSync(copied, { recursive: true, force: true });
  try {
    const count = source.files === null ? 0 : await copyFolder(source.files, copied).catch(unlessFull(dataDir));
    const { missing, cut } = lookAtFiles(copied, database.sentFiles);
    const problems = [...database.problems, ...(isVerified ? cut : [])];
    if (problems.length > 0) throw brokenBackup(source.database, problems);
    // Reading all of it may have taken long enough for somebody to start a relay.
    mustBeIdle(file);
    const kept = moveAway(before, dataDir);
    if (source.files !== null) renameSync(copied, files);
    keepErasures(source, dataDir);
    // Last: until it has its name, no relay begins here.
    database.keep();
    const hasKey = config.secretKey !== null || existsSync(keyFileIn(dataDir));
    return say(
      [
        `Restored ${source.database} to ${dataDir}.`,
        ...whatWasFound(database, count),
        ...(isVerified ? ['The log of every conversation is without a hole, and its state is what the log says.'] : []),
        ...(missing === 0 ? [] : [`Files that are not in the backup, erased since or kept elsewhere: ${missing}.`]),
        ...(hasKey ? [] : [`The key is not in a backup. Before you start, put yours to ${keyFileIn(dataDir)}.`]),
        ...(kept === null ? [] : [`What was there before is in ${kept}. Remove it when it is not needed any more.`]),
        '',
      ].join('\n'),
    );
  } finally {
    database.drop();
    rmSync(copied, { recursive: true, force: true });
  }
}

function mustBeIdle(file: string): void {
  if (isInUse(file))
    throw new CommandFailed(`${file} is in use, and nothing was changed. Stop the relay first: restoring replaces it.`);
}

interface Source {
  database: string;
  files: string | null;
  erasures: string | null;
}

function sourceOf(backup: string): Source {
  if (!existsSync(backup)) throw new CommandFailed(`There is no ${backup}. Name what "sveiki backup" made.`);
  if (!statSync(backup).isDirectory()) return { database: backup, files: null, erasures: null };
  const part = (name: string): string | null => (existsSync(join(backup, name)) ? join(backup, name) : null);
  const database = part(DATABASE_FILE);
  if (database === null)
    throw new CommandFailed(`There is no ${DATABASE_FILE} in ${backup}. Name what "sveiki backup" made.`, EXIT.data);
  return { database, files: part(FILES_FOLDER), erasures: part(ERASURE_LIST_FILE) };
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

const unlessFull =
  (dataDir: string) =>
  (error: unknown): never => {
    if (!isFull(error)) throw error;
    throw new CommandFailed(`There is no room in ${dataDir}, and nothing was changed. Make room.`, EXIT.store);
  };

function brokenBackup(backup: string, problems: readonly string[]): CommandFailed {
  const list = problems.map((problem) => `  ${problem}`).join('\n');
  return new CommandFailed(
    `${backup} is not whole, and nothing was changed:\n${list}\nTake another backup.`,
    EXIT.data,
  );
}

/** How many that were sent are not there, and which have another size than they had. */
function lookAtFiles(folder: string, sent: Restored['sentFiles']): { missing: number; cut: string[] } {
  const sizes = sent.map(({ key, size }) => {
    const path = pathOfFile(folder, key);
    return { path, size, found: statSync(path, { throwIfNoEntry: false })?.size };
  });
  return {
    missing: sizes.filter(({ found }) => found === undefined).length,
    cut: sizes
      .filter(({ found, size }) => found !== undefined && found !== size)
      .map(({ path, size, found }) => `The file ${basename(path)} has ${found} bytes and should have ${size}`),
  };
}

/** Who was forgotten here stays forgotten, and so does who was before the backup: on another machine neither list has all of them. */
function keepErasures({ erasures }: Source, dataDir: string): void {
  const list = join(dataDir, ERASURE_LIST_FILE);
  const here = new Set(existsSync(list) ? linesOf(list) : []);
  const more = erasures === null ? [] : linesOf(erasures).filter((line) => !here.has(line));
  if (more.length === 0) return;
  const whole = `${list}.restoring`;
  writeFileSync(whole, `${[...here, ...more].join('\n')}\n`, { mode: 0o600, flush: true });
  renameSync(whole, list);
  syncFolder(dataDir);
}

const linesOf = (file: string): string[] => readFileSync(file, 'utf8').split('\n').filter(Boolean);

/** Where it was put; null when there was nothing. */
function moveAway(paths: readonly string[], dataDir: string): string | null {
  if (paths.length === 0) return null;
  const kept = join(dataDir, `replaced-${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}`);
  mkdirSync(kept, { mode: 0o700 });
  for (const path of paths) renameSync(path, join(kept, basename(path)));
  return kept;
}

function whatWasFound({ version, counts }: Restored, files: number): string[] {
  const newest = MIGRATIONS.length;
  return [
    `Version ${version}${version < newest ? `, brought up to ${newest}` : ''}; every page is whole.`,
    `Conversations ${counts.conversations}, events ${counts.events}, messages ${counts.messages}, visitors ${counts.visitors}, agents ${counts.agents}, files ${files}.`,
  ];
}
