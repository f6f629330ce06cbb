import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SecretKeyError } from './data-key.ts';
import { type KeySource, readKeys } from './key-source.ts';
import { weakness } from './weak.ts';

type Environment = Record<string, string | undefined>;
type Written = string | { env: string } | { file: string };
type Problem = { reason: string; fix: string };

/** Environment variable of the key that secrets in the database are sealed with. */
const KEY_VARIABLE = 'SVEIKI_SECRET_KEY';

/**
 * The value of a secret of the configuration, wherever it stands: in place, in an environment variable, in the file that the variable with `_FILE`
 * behind its name leads to, or in a file. `folder` is where relative paths begin.
 */
export function secretOf(written: Written, env: Environment, folder: string): { secret?: string; problem?: Problem } {
  if (typeof written === 'string') return judged(written);
  if ('file' in written) return fileSecret(resolve(folder, written.file));
  const value = env[written.env];
  if (value !== undefined && value.trim() !== '') return judged(value.trim());
  const file = env[`${written.env}_FILE`];
  if (file !== undefined && file.trim() !== '') return fileSecret(resolve(file.trim()));
  return {
    problem: {
      reason: `The environment variable ${written.env} is not set.`,
      fix: `Set it, or ${written.env}_FILE to the path of a file that holds the value.`,
    },
  };
}

function fileSecret(file: string): { secret?: string; problem?: Problem } {
  try {
    const secret = readFileSync(file, 'utf8').trim();
    if (secret !== '') return judged(secret);
    return { problem: { reason: `The file ${file} is empty.`, fix: 'Write the secret into it.' } };
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'There is no file' : 'Nobody can read the file';
    return { problem: { reason: `${why} ${file}.`, fix: 'Name one that holds the secret and nothing else.' } };
  }
}

function judged(secret: string): { secret: string; problem?: Problem } {
  const reason = weakness(secret);
  if (reason === null) return { secret };
  return { secret, problem: { reason, fix: 'Make a random one, for example with "openssl rand -hex 24".' } };
}

/** Where the key is: the environment wins over the configuration. Null: nobody says. `problems` gets what is wrong with it. */
export function keySourceIn(
  written: { env: string } | { file: string } | undefined,
  env: Environment,
  folder: string,
): { source: KeySource | null; problem?: Problem } {
  const source =
    named({ env: KEY_VARIABLE }, env, folder) ?? (written === undefined ? null : named(written, env, folder));
  if (source === null) {
    if (written === undefined || !('env' in written)) return { source };
    return {
      source,
      problem: {
        reason: `The environment variable ${written.env} is not set.`,
        fix: `Set it, or ${written.env}_FILE to the path of the key file.`,
      },
    };
  }
  try {
    readKeys(source);
    return { source };
  } catch (error) {
    if (!(error instanceof SecretKeyError)) throw error;
    const [, reason = error.message, fix = ''] = /^(.*?\.)\s+(.*)$/s.exec(error.message) ?? [];
    return { source, problem: { reason, fix } };
  }
}

function named(written: { env: string } | { file: string }, env: Environment, folder: string): KeySource | null {
  if ('file' in written) return { kind: 'file', file: resolve(folder, written.file) };
  const text = env[written.env]?.trim() ?? '';
  if (text !== '') return { kind: 'text', text, from: written.env };
  const file = env[`${written.env}_FILE`]?.trim() ?? '';
  return file === '' ? null : { kind: 'file', file: resolve(file) };
}
