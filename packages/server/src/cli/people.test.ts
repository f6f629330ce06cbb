import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { pathOfFile } from '../files/directory.ts';
import { createIds } from '../ids.ts';
import { erasureOf } from '../personal-data/eraser.ts';
import { personKey } from '../personal-data/keys.ts';
import type { VisitorRow } from '../ports.ts';
import { logOf } from '../store/contract.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { entriesIn } from '../test-support/read-zip.ts';
import { CommandFailed, type CommandLine } from './command-line.ts';
import { erasePerson } from './erase-person.ts';
import { EXIT } from './exit-codes.ts';
import { exportPersonTo } from './export-person.ts';
import { retention } from './retention.ts';

const SITE = 'pk_shop0001';
let folder: string;
let printed: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sveiki-people-'));
  mkdirSync(join(folder, 'data'));
  const site = { key: SITE, name: 'Shop', origins: ['https://shop.example.com'], team: 'sales' };
  const rules = [{ what: 'messages', days: 30 }];
  const config = { port: 0, publicUrl: 'http://127.0.0.1:0', sites: [site], teams: [{ id: 'sales', name: 'Sales' }] };
  writeFileSync(join(folder, 'sveiki.config.json'), JSON.stringify({ ...config, privacy: { retention: rules } }));
  const store = await openSqliteStore({ file: join(folder, 'data', 'sveiki.db') });
  for (const [id, name] of [
    ['mia', 'Mia Ozola'],
    ['noah', 'Noah Ozols'],
  ] as const) {
    const row: VisitorRow = {
      ...{
        id,
        site: SITE,
        name,
        email: `${id}@shop.example`,
        externalId: null,
        locale: null,
        timeZone: null,
        visit: null,
      },
      ...{ firstSeenAt: 1, lastSeenAt: 1 },
    };
    const log = logOf(`of-${id}`, id);
    await store.append({ ...log.start(1), visitors: [row] });
    await store.append(
      log.next(2, [`v:${id}`, { kind: 'message', blocks: [{ kind: 'text', text: `Words of ${id}` }] }]),
    );
  }
  await store.close();
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const line = (positionals: string[], values: CommandLine['values'] = {}): CommandLine => ({
  positionals,
  values: { ...values, config: join(folder, 'sveiki.config.json') },
  env: { SVEIKI_DATA_DIR: join(folder, 'data') },
});
async function outcome(command: Promise<number>): Promise<{ code: number; text: string }> {
  printed = [];
  const failed = await command.then(
    () => null,
    (error: unknown) => error,
  );
  if (failed === null) return { code: EXIT.ok, text: printed.join('') };
  if (!(failed instanceof CommandFailed)) throw failed;
  return { code: failed.exitCode, text: failed.message };
}

it('exports one person into a new file that only its owner reads', async () => {
  const file = join(folder, 'mia.zip');
  expect(await outcome(exportPersonTo(line(['mia@shop.example', file])))).toMatchObject({ code: 0 });
  const all = [...entriesIn(readFileSync(file)).values()].join('');
  expect(all).toContain('Words of mia');
  expect(all).not.toContain('noah');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await outcome(exportPersonTo(line(['mia', file])))).toMatchObject({ code: 1, text: /exists already/ });
  const store = await openSqliteStore({ file: join(folder, 'data', 'sveiki.db') });
  expect((await store.auditAfter(0, 9)).map(({ action }) => action)).toEqual(['person.exported']);
  await store.close();
});

it('leaves no half of an archive when something of it cannot be read', async () => {
  const store = await openSqliteStore({ file: join(folder, 'data', 'sveiki.db') });
  const key = '0'.repeat(32);
  await store.saveFile({
    ...{
      id: 'file-1',
      key,
      site: SITE,
      author: 'v:mia',
      name: 'cat.png',
      type: 'image/png',
      width: null,
      height: null,
    },
    ...{ size: 9, received: 9, ready: true, createdAt: 1, sent: null },
  });
  await store.close();
  mkdirSync(pathOfFile(join(folder, 'data', 'files'), key), { recursive: true });
  const path = join(folder, 'mia.zip');
  expect(await outcome(exportPersonTo(line(['mia', path])))).toMatchObject({
    code: 1,
    text: /^The archive could not be made, and there is none: /,
  });
  expect(existsSync(path)).toBe(false);
});

it('asks who is meant when several are, and says so when nobody is', async () => {
  const several = await outcome(exportPersonTo(line(['Ozol', join(folder, 'x.zip')])));
  expect(several.text).toMatch(/Give the id of one:\n.*(mia|noah).*\n.*(mia|noah)/);
  expect(await outcome(erasePerson(line(['zoe'])))).toMatchObject({ code: 1, text: /Nobody is known by "zoe"/ });
});

it('goes on with what was asked for already, and proves that', async () => {
  const file = join(folder, 'data', 'sveiki.db');
  let store = await openSqliteStore({ file });
  const asked = { by: 'visitor', reason: 'consent-withdrawn', now: 3 } as const;
  const row = erasureOf({ id: 'mia', site: SITE }, { ...asked, ids: createIds(systemClock) });
  await store.saveErasure(row);
  await store.close();
  const { text } = await outcome(erasePerson(line(['mia'], { reason: 'other', confirm: true })));
  expect(JSON.parse(text)).toMatchObject({
    erasure: row.id,
    reason: 'consent-withdrawn',
    counts: { conversations: 1 },
  });
  store = await openSqliteStore({ file });
  expect(await store.erasures({ limit: 9 })).toHaveLength(1);
  expect((await store.auditAfter(0, 9)).map(({ action }) => action)).toEqual(['person.erasure-asked', 'person.erased']);
  await store.close();
});

it('erases a person only with a reason and --confirm, and prints the receipt', async () => {
  const asked = await outcome(erasePerson(line(['mia'], { reason: 'other' })));
  expect(asked.text).toMatch(/Mia Ozola.*1 conversation, 0 files\.\nNothing was changed\./);
  expect(await outcome(erasePerson(line(['mia'], { reason: 'because', confirm: true })))).toMatchObject({
    code: EXIT.usage,
    text: /no reason "because"/,
  });
  expect(await outcome(erasePerson(line(['mia'], { confirm: true })))).toMatchObject({
    code: EXIT.usage,
    text: /Say why.*Nothing was changed/,
  });
  const { code, text } = await outcome(erasePerson(line(['mia'], { reason: 'asked-by-person', confirm: true })));
  expect(code).toBe(0);
  expect(JSON.parse(text)).toMatchObject({
    person: personKey('mia'),
    by: 'operator',
    counts: { conversations: 1 },
  });
  for (const name of ['sveiki.db', 'sveiki.db-wal'])
    expect(readFileSync(join(folder, 'data', name), { flag: 'a+' }).toString('latin1')).not.toMatch(
      /Words of mia|Mia Ozola/,
    );
  expect(readFileSync(join(folder, 'data', 'erasures.jsonl'), 'utf8')).toContain(personKey('mia'));
  expect(await outcome(erasePerson(line(['mia'])))).toMatchObject({ code: 1 });
});

it('counts what retention would take, then takes it', async () => {
  const dry = await outcome(retention(line([], { 'dry-run': true })));
  expect(dry.text).toMatch(/^messages after 30 days: would take 2 \(of-mia, of-noah\)\nNothing was changed\.\n$/);
  expect((await outcome(retention(line([])))).text).toBe('messages after 30 days: took 2\n');
  expect((await outcome(retention(line([], { 'dry-run': true })))).text).toContain('would take 0');
});
