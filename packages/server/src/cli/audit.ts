import { AUDIT_ACTIONS, type AuditAction } from '../audit/actions.ts';
import { type AuditAnchor, checkChain } from '../audit/chain.ts';
import { auditFile } from '../audit/export.ts';
import type { AuditQuery } from '../ports.ts';
import { auditKeysOf } from '../secrets/open-secrets.ts';
import { CommandFailed, type CommandLine } from './command-line.ts';
import { EXIT } from './exit-codes.ts';
import { inRoom } from './room.ts';

const PAGE = 1_000;

/** `sveiki audit verify|export` */
export async function audit(line: CommandLine): Promise<number> {
  switch (line.positionals[0]) {
    case 'verify':
      return verify(line);
    case 'export':
      return exportRows(line);
    default:
      throw new CommandFailed('Use "sveiki audit verify" or "sveiki audit export".', EXIT.usage);
  }
}

/** Reads the whole log. Ends with 1 and names the first row that is wrong. */
function verify(line: CommandLine): Promise<number> {
  const anchor = anchorOf(line.values.anchor);
  return inRoom(line, async ({ store, secrets }) => {
    const check = checkChain({
      keys: auditKeysOf(await secrets.open('audit-secret')),
      ...(anchor === null ? {} : { anchor }),
    });
    let fault = null;
    for (let position = 0; fault === null; ) {
      const rows = await store.auditAfter(position, PAGE);
      if (rows.length === 0) break;
      for (const row of rows) fault ??= check.next(row);
      position = rows.at(-1)?.position ?? position;
    }
    fault ??= check.end(await store.auditHead());
    if (fault !== null)
      throw new CommandFailed(
        `Row ${fault.position} is wrong: ${fault.problem}\nThe rows before it are as they were written.`,
      );
    return [
      `${check.rows === 1 ? '1 row is as it was' : `${check.rows} rows are as they were`} written${anchor === null ? '' : ', and lead on from the anchor'}.`,
      `Anchor: ${check.rows}:${check.hash}`,
      ...(anchor === null
        ? ['Keep the anchor elsewhere: "--anchor" finds with it that an older copy of the database was put back.']
        : []),
      '',
    ].join('\n');
  });
}

function anchorOf(text: string | undefined): AuditAnchor | null {
  if (text === undefined) return null;
  const [, position, hash = ''] = /^(\d{1,15}):([\w-]*)$/.exec(text) ?? [];
  if (position !== undefined) return { position: Number(position), hash };
  throw new CommandFailed(`"${text}" is not an anchor. "sveiki audit verify" prints one.`, EXIT.usage);
}

/** Rows as CSV on standard output, the newest first. The reading is noted itself. */
function exportRows({ values, ...line }: CommandLine): Promise<number> {
  const { person, agent, action } = values;
  if (action !== undefined && !(action in AUDIT_ACTIONS))
    throw new CommandFailed(
      `There is no action "${action}". There are ${Object.keys(AUDIT_ACTIONS).join(', ')}.`,
      EXIT.usage,
    );
  const query: Omit<AuditQuery, 'limit'> = {
    ...(values.since === undefined ? {} : { since: instantOf('--since', values.since) }),
    ...(values.until === undefined ? {} : { until: instantOf('--until', values.until) }),
    ...(person === undefined ? {} : { person }),
    ...(agent === undefined ? {} : { actor: `agent:${agent}` }),
    ...(action === undefined ? {} : { action: action as AuditAction }),
  };
  return inRoom({ ...line, values }, async ({ store, audit: log }) => {
    await log.note({ actor: 'operator', action: 'audit.exported', ...(person === undefined ? {} : { person }) });
    for await (const text of auditFile(store, query)) process.stdout.write(text);
    return '';
  });
}

/** `2026-11-22`, which begins at midnight UTC, or with a time: `2026-11-22T09:30Z`. */
function instantOf(option: string, text: string): number {
  const at = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new CommandFailed(`${option} is a date such as 2026-11-22 or 2026-11-22T09:30Z, not "${text}".`, EXIT.usage);
}
