import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type DataKey, newDataKey, readDataKeys, SecretKeyError } from './data-key.ts';

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
  return create(file, `${newDataKey()}\n`);
}

/**
 * Puts a new key before the others of a file, whole or not at all. Relays that run find it there when they meet what was sealed with it.
 * @throws SecretKeyError when somebody else is doing so
 */
export function addKeyTo(file: string): DataKey[] {
  const text = `${newDataKey()}\n${readText(file) ?? ''}`;
  const keys = readDataKeys(text, file);
  const unfinished = `${file}.new`;
  if (!create(unfinished, text))
    throw new SecretKeyError(
      `${unfinished} is there: somebody else changes the key at this moment. If nobody does, remove that file and try again.`,
    );
  renameSync(unfinished, file);
  return keys;
}

function create(file: string, text: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
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
