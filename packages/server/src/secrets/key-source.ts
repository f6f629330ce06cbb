import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { syncFolder } from '../sync-folder.ts';
import { type DataKey, MAX_KEYS, newDataKey, readDataKeys, SecretKeyError } from './data-key.ts';

/** Where the keys are from: a file, or a text that somebody put into the environment. */
export type KeySource = { kind: 'file'; file: string } | { kind: 'text'; text: string; from: string };

/** Name of the key file in the data folder, for those who keep the key nowhere else. It is beside the database and not in any copy of it. */
const KEY_FILE = 'sveiki.key';

export const keyFileIn = (dataDir: string): string => join(dataDir, KEY_FILE);

/** The keys of a source, the newest first. @throws SecretKeyError */
export function readKeys(source: KeySource): DataKey[] {
  if (source.kind === 'text') return readDataKeys(source.text, source.from);
  const text = readText(source.file);
  if (text === null)
    throw new SecretKeyError(
      `There is no key file ${source.file}. Put it back; or, when nothing was sealed yet, make one: sveiki make-key > ${source.file}`,
    );
  return readDataKeys(text, source.file);
}

/** Makes a key file that only this user may read, unless there is one. True when it was made. */
export function ensureKeyFile(file: string): boolean {
  if (readText(file) !== null) return false;
  mkdirSync(dirname(file), { recursive: true });
  const isMade = create(file, `${newDataKey()}\n`);
  if (isMade) syncFolder(dirname(file));
  return isMade;
}

/**
 * Puts a new key before the others of a file, whole or not at all, and on the disk before anything is sealed with it. The file stays with whom it
 * belonged. Relays that run find the key there when they meet what was sealed with it.
 * @throws SecretKeyError when somebody else is doing so, no more keys fit, or the file could not be left to its owner
 */
export function addKeyTo(file: string): DataKey[] {
  const before = readText(file);
  if (before !== null && readDataKeys(before, file).length >= MAX_KEYS)
    throw new SecretKeyError(
      `${file} holds ${MAX_KEYS} keys, and no more fit. Take the oldest ones out of it, and keep them with the backups that need them.`,
    );
  const text = `${newDataKey()}\n${before ?? ''}`;
  const keys = readDataKeys(text, file);
  const unfinished = `${file}.new`;
  if (!create(unfinished, text, before === null ? null : statSync(file)))
    throw new SecretKeyError(
      `${unfinished} is there: somebody else changes the key at this moment. If nobody does, remove that file and try again.`,
    );
  renameSync(unfinished, file);
  syncFolder(dirname(file));
  return keys;
}

/** `like` says whose it is; nobody says that it is this user's. False when there is such a file. */
function create(file: string, text: string, like: Pick<Stats, 'mode' | 'uid' | 'gid'> | null = null): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    if (like !== null) giveTo(descriptor, like);
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
  return true;
}

/** Relays run as another user than who changes the key, and could not read a file of his. */
function giveTo(descriptor: number, { mode, uid, gid }: Pick<Stats, 'mode' | 'uid' | 'gid'>): void {
  try {
    fchownSync(descriptor, uid, gid);
    fchmodSync(descriptor, mode & 0o777);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    throw new SecretKeyError('The key file belongs to another user, and nothing was changed. Run this as that user.');
  }
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    if (code === 'EACCES')
      throw new SecretKeyError(`The key file ${file} may not be read. Give this user the right to read it.`);
    throw error;
  }
}
