import { createWriteStream, existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { systemClock } from '../clock.ts';
import { openFiles } from '../main.ts';
import { exportPerson } from '../personal-data/export.ts';
import type { Store, VisitorRow } from '../ports.ts';
import { CommandFailed, type CommandLine } from './command-line.ts';
import { inRoom } from './room.ts';

const MAX_SHOWN = 10;

/** `sveiki export-person <who> <file> [--all]`, also while the relay runs */
export function exportPersonTo(line: CommandLine): Promise<number> {
  const [who = '', file = ''] = line.positionals;
  const path = resolve(file);
  const all = line.values.all === true;
  return inRoom(line, async ({ config, store, audit }) => {
    const visitor = await personOf(store, who);
    if (existsSync(path)) throw isThere(path); // before it is noted that somebody has an archive
    await audit.note({
      ...{ actor: 'operator', action: 'person.exported', person: visitor.id },
      after: [all ? 'everything' : 'public'],
    });
    const bytes = exportPerson({ store, files: await openFiles(config) }, visitor, { all, now: systemClock.now() });
    await pipeline(Readable.from(bytes), createWriteStream(path, { flags: 'wx', mode: 0o600 })).catch((error) => {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw isThere(path);
      // No half of one looks like all.
      rmSync(path, { force: true });
      throw new CommandFailed(`The archive could not be made, and there is none: ${(error as Error).message}`);
    });
    return `Wrote what is kept about ${wordsFor(visitor)} into ${path}. It is for that person alone: hand it over safely.\n`;
  });
}

const isThere = (path: string) => new CommandFailed(`${path} exists already. Choose another name, or move it away.`);

/** The one person that is meant. */
export async function personOf(store: Store, who: string): Promise<VisitorRow> {
  const found = await store.findVisitors({ text: who, limit: MAX_SHOWN });
  const [person] = found;
  if (person === undefined)
    throw new CommandFailed(
      `Nobody is known by "${who}". Give an id, an external id, an e-mail, a name or a conversation.`,
    );
  const exact = found.find(({ id }) => id === who);
  if (exact !== undefined) return exact;
  if (found.length === 1) return person;
  const list = found.map((one) => `  ${one.id}  ${one.site}  ${wordsFor(one)}`).join('\n');
  throw new CommandFailed(`Several people are known by "${who}". Give the id of one:\n${list}`);
}

export function wordsFor({ id, name, email }: VisitorRow): string {
  return [name, email].filter((one) => one !== null).join(', ') || id;
}
