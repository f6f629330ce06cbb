import { join } from 'node:path';
import type { RetentionRuleView } from '@sveiki/protocol';
import { systemClock } from '../clock.ts';
import { createIds } from '../ids.ts';
import { createLog } from '../log.ts';
import { openFiles } from '../main.ts';
import { ERASURE_LIST_FILE, erasureListIn } from '../personal-data/erasure-list.ts';
import { personalDataOffline } from '../personal-data/offline.ts';
import { isInUse } from '../store/sqlite/restore.ts';
import { configOf, databaseOf } from './check.ts';
import { CommandFailed, type CommandLine, say } from './command-line.ts';
import { inRoom } from './room.ts';

/** `sveiki retention [--dry-run]` */
export async function retention(line: CommandLine): Promise<number> {
  const { dataDir, privacy, ...config } = await configOf(line);
  if (privacy.retention.length === 0)
    return say('There are no rules: everything is kept. "privacy.retention" of the configuration holds them.\n');
  const isDry = line.values['dry-run'] === true;
  if (!isDry && isInUse(databaseOf({ ...config, privacy, dataDir })))
    throw new CommandFailed('A relay runs, and applies its rules by itself. "--dry-run" says what it will take next.');
  return inRoom(line, async (room) => {
    const people = await personalDataOffline({
      ...{ store: room.store, audit: room.audit, clock: systemClock, ids: createIds(systemClock) },
      ...{ rules: privacy.retention, files: await openFiles(room.config) },
      list: erasureListIn(join(dataDir, ERASURE_LIST_FILE)),
      log: createLog({ level: 'error', write: (text) => void process.stderr.write(text) }),
    });
    const views = await people.retention.preview();
    if (isDry) return `${views.map(wordsFor).join('\n')}\nNothing was changed.\n`;
    const counts = await people.retention.run();
    await people.settled();
    await people.stop();
    return `${views.map((view, i) => `${ruleInWords(view)}: took ${counts[i] ?? 0}`).join('\n')}\n`;
  });
}

function wordsFor(view: RetentionRuleView): string {
  const { count, more, examples } = view.next;
  const list = examples.length === 0 ? '' : ` (${examples.join(', ')}${count > examples.length ? ', …' : ''})`;
  return `${ruleInWords(view)}: would take ${more ? 'more than ' : ''}${count}${list}`;
}

function ruleInWords({ what, days, teams, sites }: RetentionRuleView): string {
  const whose = [...(teams ?? []), ...(sites ?? [])].join(', ');
  return `${what} after ${days} days${whose === '' ? '' : ` of ${whose}`}`;
}
