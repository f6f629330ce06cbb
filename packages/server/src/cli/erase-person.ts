import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { systemClock } from '../clock.ts';
import { createIds } from '../ids.ts';
import { createLog } from '../log.ts';
import { openFiles } from '../main.ts';
import { enlist } from '../personal-data/eraser.ts';
import { ERASURE_LIST_FILE, erasureListIn } from '../personal-data/erasure-list.ts';
import { personalDataOffline } from '../personal-data/offline.ts';
import { receiptOf } from '../personal-data/receipt.ts';
import type { ErasureRow, Store, VisitorRow } from '../ports.ts';
import { isInUse } from '../store/sqlite/restore.ts';
import { configOf, databaseOf } from './check.ts';
import { CommandFailed, type CommandLine } from './command-line.ts';
import { EXIT } from './exit-codes.ts';
import { personOf, wordsFor } from './export-person.ts';
import { inRoom, type Room } from './room.ts';

const REASONS: readonly ErasureRow['reason'][] = [
  ...(['asked-by-person', 'consent-withdrawn', 'no-longer-needed', 'unlawful', 'other'] as const),
];
/** A relay that runs looks every few seconds. */
const LOOK_EVERY_MS = 1_000;
const MAX_LOOKS = 120;
const MAX_COUNTED = 1_000;

/** `sveiki erase-person <who> --confirm --reason <why>`; a relay that runs does it, else this command. */
export async function erasePerson(line: CommandLine): Promise<number> {
  const { values, positionals } = line;
  const reason = REASONS.find((one) => one === values.reason);
  if (values.reason !== undefined && reason === undefined)
    throw new CommandFailed(`There is no reason "${values.reason}". Use ${REASONS.join(', ')}.`, EXIT.usage);
  if (values.confirm === true && reason === undefined)
    throw new CommandFailed(
      `Say why, too: --reason with one of ${REASONS.join(', ')}. Nothing was changed.`,
      EXIT.usage,
    );
  const isRelayThere = isInUse(databaseOf(await configOf(line)));
  return inRoom(line, async (room) => {
    const { store, audit } = room;
    const visitor = await personOf(store, positionals[0] ?? '');
    if (values.confirm !== true || reason === undefined) return whatIsKept(store, visitor);
    const asked = { actor: 'operator', action: 'person.erasure-asked', person: visitor.id, reason } as const;
    const row = await enlist(visitor, {
      ...{ store, by: 'operator', reason, ids: createIds(systemClock), now: systemClock.now() },
      notes: audit.notes(asked),
    });
    if (!isRelayThere) await eraseHere(room);
    return receiptFor(await doneWith(store, row));
  });
}

async function whatIsKept(store: Store, visitor: VisitorRow): Promise<string> {
  const query = { view: 'visitor', agent: '', visitor: visitor.id, limit: MAX_COUNTED } as const;
  const { conversations } = await store.list(query);
  const files = await store.filesOf({ visitor: visitor.id });
  return [
    `${wordsFor(visitor)} (${visitor.id}, ${visitor.site}): ${counted(conversations.length, 'conversation')}, ${counted(files.length, 'file')}.`,
    `Nothing was changed. Taking it out cannot be undone: "sveiki erase-person ${visitor.id} --confirm --reason asked-by-person"`,
    '',
  ].join('\n');
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

async function eraseHere({ config, store, audit }: Room): Promise<void> {
  const people = await personalDataOffline({
    ...{ store, audit, clock: systemClock, ids: createIds(systemClock), rules: [] },
    files: await openFiles(config),
    list: erasureListIn(join(config.dataDir, ERASURE_LIST_FILE)),
    log: createLog({ level: 'error', write: (text) => void process.stderr.write(text) }),
  });
  people.wake();
  await people.settled();
  await people.stop();
}

async function doneWith(store: Store, { id, requestedAt }: ErasureRow): Promise<ErasureRow> {
  for (let look = 0; ; look++) {
    const [row] = await store.erasures({ id, limit: 1 });
    if (row === undefined) throw new CommandFailed(`The erasure ${id} of ${requestedAt} is not on the list any more.`);
    if (row.erasedAt !== null) return row;
    if (row.problem !== null || look === MAX_LOOKS)
      throw new CommandFailed(
        `It is on the list as ${id}, and not done yet${row.problem === null ? '' : ` (${row.problem})`}. The relay goes on with it by itself.`,
      );
    await after(LOOK_EVERY_MS);
  }
}

function receiptFor(row: ErasureRow): string {
  return `${JSON.stringify(receiptOf(row), null, 2)}\n`;
}
