import { copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCommand } from './run-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'sveiki-audit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(folder, 'house-'));
  writeFileSync(
    join(dir, 'sveiki.config.json'),
    JSON.stringify({
      ...{ port: 0, publicUrl: 'http://127.0.0.1:0', dataDir: 'data' },
      sites: [{ key: 'pk_shop0001', name: 'Shop', origins: ['https://shop.example.com'], team: 'sales' }],
      teams: [{ id: 'sales', name: 'Sales' }],
    }),
  );
});

async function sveiki(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
  try {
    return { code: await runCommand([...args, '--config', join(dir, 'sveiki.config.json')]), out, err };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}
const database = (): string => join(dir, 'data', 'sveiki.db');
/** What somebody can do who may write the file. */
function tamper(sql: string): void {
  const own = new Database(database());
  own.exec('DROP TRIGGER audit_keeps_what_it_says; DROP TRIGGER audit_keeps_its_rows');
  own.exec(sql);
  own.close();
}
/** Three accounts, with a link for each: made once, and copied. */
async function someRows(): Promise<void> {
  const made = join(folder, 'made');
  if (!existsSync(made)) {
    for (const name of ['ada', 'ben', 'cleo'])
      expect((await sveiki('add-agent', `${name}@shop.example`, name)).code).toBe(0);
    cpSync(join(dir, 'data'), made, { recursive: true });
  } else cpSync(made, join(dir, 'data'), { recursive: true });
}

describe('sveiki audit verify', () => {
  it('passes what commands noted, and prints an anchor that holds from then on', async () => {
    await someRows();
    const first = await sveiki('audit', 'verify');
    expect(first).toMatchObject({ code: 0, out: expect.stringContaining('6 rows are as they were written.') });
    const anchor = /Anchor: (\S+)/.exec(first.out)?.[1] ?? '';
    await sveiki('link', 'ada@shop.example');
    expect(await sveiki('audit', 'verify', '--anchor', anchor)).toMatchObject({
      code: 0,
      out: expect.stringContaining('7 rows are as they were written, and lead on from the anchor.'),
    });
  });

  it.each([
    ['a row was changed', "UPDATE audit SET actor = 'agent:ben' WHERE position = 3", 3],
    ['a row was taken out', 'DELETE FROM audit WHERE position = 4', 4],
    [
      'two rows were swapped',
      'UPDATE audit SET position = 9 WHERE position = 2; UPDATE audit SET position = 2 WHERE position = 3; UPDATE audit SET position = 3 WHERE position = 9',
      2,
    ],
    [
      'a row was put in',
      'INSERT INTO audit SELECT 7, at, actor, action, object, person, detail, key, hash FROM audit WHERE position = 6',
      7,
    ],
    ['the tail was cut off', 'DELETE FROM audit WHERE position > 4', 5],
    [
      'the tail was cut off with its mark',
      'DELETE FROM audit WHERE position > 4; UPDATE audit_head SET position = 4, hash = (SELECT hash FROM audit WHERE position = 4)',
      4,
    ],
    ['everything is gone', 'DELETE FROM audit', 1],
  ])('ends with 1 and names the first row that is wrong when %s', async (_what, sql, row) => {
    await someRows();
    tamper(sql);
    const { code, err } = await sveiki('audit', 'verify');
    expect(code).toBe(1);
    expect(err).toContain(`Row ${row} is wrong: `);
  });

  it('needs the anchor to find an older copy that was put back', async () => {
    await someRows();
    copyFileSync(database(), join(dir, 'older.db'));
    await sveiki('link', 'ada@shop.example');
    const anchor = /Anchor: (\S+)/.exec((await sveiki('audit', 'verify')).out)?.[1] ?? '';
    copyFileSync(join(dir, 'older.db'), database());
    rmSync(`${database()}-wal`, { force: true });
    rmSync(`${database()}-shm`, { force: true });
    expect((await sveiki('audit', 'verify')).code).toBe(0);
    const found = await sveiki('audit', 'verify', '--anchor', anchor);
    expect(found).toMatchObject({ code: 1, err: expect.stringContaining('The log had 7 rows') });
    expect((await sveiki('audit', 'verify', '--anchor', 'seven')).code).toBe(64);
  });

  it('is not fooled by mistakes either: the database itself refuses to change rows', async () => {
    await someRows();
    const own = new Database(database());
    expect(() => own.exec("UPDATE audit SET actor = 'x'")).toThrow('only added to');
    expect(() => own.exec('DELETE FROM audit')).toThrow('only added to');
    own.close();
  });
});

describe('sveiki audit export', () => {
  it('prints the rows that fit, and notes that it did', async () => {
    await someRows();
    const all = await sveiki('audit', 'export');
    expect(all.code).toBe(0);
    // The head, the export itself, and two rows for each account.
    expect(all.out.trimEnd().split('\n')).toHaveLength(8);
    const added = await sveiki('audit', 'export', '--action', 'agent.added');
    expect(added.out.trimEnd().split('\n')).toHaveLength(4);
    expect(added.out).not.toContain('@');
    expect((await sveiki('audit', 'export', '--until', '2020-01-01')).out.trimEnd().split('\n')).toHaveLength(1);
    expect((await sveiki('audit', 'export', '--since', 'yesterday')).code).toBe(64);
    expect((await sveiki('audit', 'export', '--action', 'made.up')).code).toBe(64);
  });
});

describe('the key', () => {
  it('is made at the first use, beside the database, for this user alone, and the log says so', async () => {
    const { err } = await sveiki('add-agent', 'ada@shop.example', 'Ada');
    const key = join(dir, 'data', 'sveiki.key');
    expect(err).toContain('A key was made');
    expect(err).toContain(key);
    expect(err).not.toContain(readFileSync(key, 'utf8').trim());
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect((await sveiki('audit', 'verify')).err).toBe('');
  });

  it('that is missing ends a command with 78, and no other one is made', async () => {
    await sveiki('add-agent', 'ada@shop.example', 'Ada');
    const key = join(dir, 'data', 'sveiki.key');
    rmSync(key);
    const { code, err } = await sveiki('audit', 'verify');
    expect(code).toBe(78);
    expect(err).toContain(`There is no key file ${key}`);
    expect(existsSync(key)).toBe(false);
  });

  it('is printed by make-key, another one each time, and taken from the environment or a file', async () => {
    const one = (await sveiki('make-key')).out.trim();
    expect(one).toMatch(/^svk_[\w-]{43}$/);
    expect((await sveiki('make-key')).out.trim()).not.toBe(one);
    const file = join(dir, 'the-key');
    writeFileSync(file, one);
    vi.stubEnv('SVEIKI_SECRET_KEY_FILE', file);
    await sveiki('add-agent', 'ada@shop.example', 'Ada');
    vi.unstubAllEnvs();
    expect(existsSync(join(dir, 'data', 'sveiki.key'))).toBe(false);
    vi.stubEnv('SVEIKI_SECRET_KEY', one);
    expect((await sveiki('audit', 'verify')).code).toBe(0);
    vi.stubEnv('SVEIKI_SECRET_KEY', 'changeme');
    expect(await sveiki('audit', 'verify')).toMatchObject({ code: 78, err: expect.stringContaining('secretKey: ') });
    vi.unstubAllEnvs();
  });

  it('in the environment is changed by whoever starts the relay: rotate says how', async () => {
    vi.stubEnv('SVEIKI_SECRET_KEY', (await sveiki('make-key')).out.trim());
    await sveiki('add-agent', 'ada@shop.example', 'Ada');
    expect(await sveiki('rotate', 'key')).toMatchObject({ code: 1, err: expect.stringContaining('sveiki make-key') });
    vi.unstubAllEnvs();
  });

  it('is rotated, and so are links and the seal of the log', async () => {
    await sveiki('add-agent', 'ada@shop.example', 'Ada');
    for (const what of ['key', 'links', 'audit', 'site']) expect((await sveiki('rotate', what)).code).toBe(0);
    expect((await sveiki('rotate', 'tyres')).code).toBe(64);
    expect((await sveiki('audit', 'verify')).code).toBe(0);
    expect((await sveiki('sign-out-everybody')).code).toBe(0);
    expect((await sveiki('audit', 'export', '--action', 'sessions.ended')).out.trimEnd().split('\n')).toHaveLength(2);
  });
});
