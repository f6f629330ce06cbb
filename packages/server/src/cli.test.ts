import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Draft, numberDrafts } from './domain/log.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';

const cli = fileURLToPath(new URL('./cli.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sveiki-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const minimal = {
  port: 0,
  publicUrl: 'http://127.0.0.1:0',
  logLevel: 'info',
  sites: [{ key: 'pk_shop0001', name: 'Shop', origins: ['https://shop.example.com'], team: 'sales' }],
  teams: [{ id: 'sales', name: 'Sales' }],
};
/** A folder of its own with a configuration in it. */
function house(name: string, over: object = {}): { dir: string; config: string; data: string } {
  const dir = join(folder, name);
  mkdirSync(dir);
  const config = join(dir, 'sveiki.config.json');
  writeFileSync(config, JSON.stringify({ ...minimal, ...over }));
  return { dir, config, data: join(dir, 'data') };
}

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

interface Run {
  child: ChildProcess;
  stdout: () => string;
  stderr: () => string;
  /** Resolves with the first match in what was printed. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  ended: Promise<number | string>;
}

function sveiki(args: string[], options: { cwd?: string; env?: Record<string, string>; input?: string } = {}): Run {
  const env = { PATH: process.env['PATH'] ?? '', ...options.env };
  const child = spawn(process.execPath, ['--conditions=@sveiki/source', cli, ...args], {
    cwd: options.cwd ?? folder,
    env,
  });
  running.add(child);
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  let [stdout, stderr] = ['', ''];
  const waiting = new Set<() => void>();
  const changed = () => {
    for (const look of [...waiting]) look();
  };
  child.stdout.on('data', (data: Buffer) => {
    stdout += data.toString();
    changed();
  });
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString();
  });
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(stdout);
          if (found === null) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        child.once('exit', (code) =>
          reject(new Error(`It ended with ${code} before it printed ${pattern}.\n${stdout}${stderr}`)),
        );
        look();
      }),
    ended: new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))),
  };
}

async function outcome(args: string[], options?: Parameters<typeof sveiki>[1]) {
  const run = sveiki(args, options);
  return { code: await run.ended, stdout: run.stdout(), stderr: run.stderr() };
}

describe('sveiki', () => {
  it('says what there is, and which version it is', async () => {
    const [help, version] = await Promise.all([outcome(['--help']), outcome(['--version'])]);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const command of [
      'start',
      'check',
      'backup',
      'restore',
      'add-agent',
      'link',
      'set-password',
      'deactivate',
      'simulate',
      'demo',
    ]) {
      expect(help.stdout).toContain(`\n  ${command}`);
    }
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(version).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' });
  });

  it('ends with 64 when it does not understand', async () => {
    const results = await Promise.all([
      outcome([]),
      outcome(['strat']),
      outcome(['start', '--prot', '1']),
      outcome(['backup']),
    ]);
    expect(results.map(({ code, stdout }) => ({ code, stdout }))).toEqual(Array(4).fill({ code: 64, stdout: '' }));
    expect(results.map(({ stderr }) => stderr)).toEqual([
      expect.stringMatching(/^Usage: sveiki/),
      expect.stringContaining('There is no command "strat"'),
      expect.stringContaining("'--prot'"),
      expect.stringContaining('takes one more word, and there are 0'),
    ]);
  });

  it('ends with 78 when the configuration is wrong, and says all that is', async () => {
    const { config } = house('wrong', { port: 70_000, sites: [{ ...minimal.sites[0], team: 'billing' }] });
    const missing = outcome(['start'], { env: { SVEIKI_CONFIG: join(folder, 'nowhere.json') } });
    for (const { code, stderr } of [
      await outcome(['check', '--config', config]),
      await outcome(['start', '--config', config]),
    ]) {
      expect(code).toBe(78);
      expect(stderr).toBe(`${config} has a problem:\n  port: 70000 is above 65535. Use 0 to 65535.\n`);
    }
    expect(await missing).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('There is no such file. Make it, or'),
    });
  });

  it('checks a configuration that is right without touching anything', async () => {
    const { config, data } = house('right', { publicUrl: 'http://chat.example.com' });
    const { code, stdout } = await outcome(['check', '--config', config]);
    expect(code).toBe(0);
    expect(stdout).toContain('The configuration is right: 1 site, 1 team.\n');
    expect(stdout).toContain(`Data: ${data} (empty)\n`);
    expect(stdout).toContain('Note: publicUrl has no TLS');
    expect(existsSync(data)).toBe(false);
  });

  it('ends with 65 when the database is damaged, and leaves it as it is', async () => {
    const { config, data } = house('damaged');
    mkdirSync(data);
    writeFileSync(join(data, 'sveiki.db'), 'this is not a database');
    const { code, stderr } = await outcome(['start', '--config', config]);
    expect(code).toBe(65);
    expect(stderr).toContain(`${join(data, 'sveiki.db')} cannot be used`);
    expect(stderr).toContain('sveiki restore');
    expect(stderr).not.toContain('    at ');
    expect(readFileSync(join(data, 'sveiki.db'), 'utf8')).toBe('this is not a database');
  });

  it('ends with one sentence when the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const { config } = house('taken');
    const { code, stderr } = await outcome(['start', '--config', config], { env: { PORT: String(port) } });
    other.close();
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `Port ${port} is taken by another program. Set PORT to another one, or stop that program.\n`,
    });
  });
});

/** The port from the line that says that it serves. */
const portOf = async (run: Run) => Number((await run.printed(/"port":(\d+).*The relay serves\./))[1]);

describe('sveiki simulate', () => {
  const agents = [
    { id: 'ada', teams: ['sales'], capacity: 2 },
    { id: 'ben', teams: ['sales'], capacity: 3 },
  ];

  it('plays a made-up day where there is no past, writes its picture, and touches no data', async () => {
    const { dir, config, data } = house('simulated', { agents });
    const picture = join(dir, 'day.svg');
    const { code, stdout } = await outcome(['simulate', '--config', config, '--seed', '7', '--picture', picture]);
    expect(code).toBe(0);
    expect(stdout).toContain('240 were made up, with 2 agents');
    for (const name of ['as configured', 'round robin', 'ring all', 'Load of each agent'])
      expect(stdout).toContain(`\n${name}`);
    expect(readFileSync(picture, 'utf8')).toMatch(/^<svg/);
    expect(existsSync(data)).toBe(false);
    expect((await outcome(['simulate', '--config', config, '--seed', '7', '--picture', picture])).stdout).toBe(stdout);
  });

  it('plays what happened lately, by accounts and configuration together', async () => {
    const { dir, config, data } = house('lately', { agents: agents.slice(0, 1) });
    mkdirSync(data);
    const store = await openSqliteStore({ file: join(data, 'sveiki.db') });
    await store.saveAgent({
      ...{ id: 'cleo', email: 'cleo@shop.example', name: 'Cleo', role: 'lead', teams: ['sales'], capacity: 4 },
      ...{ presence: 'online', passwordHash: null, active: true, createdAt: 0 },
    });
    const conversation = 'conversation-0001';
    const team = { id: 'sales', name: 'Sales' };
    const mia = { kind: 'visitor', id: 'mia' } as const;
    const drafts = [
      { kind: 'started', channel: 'chat', team, visitor: { id: 'mia', name: null }, locale: 'en', visit: null },
      { kind: 'assigned', owner: { id: 'cleo', name: 'Cleo' }, team, how: 'taken' },
      { kind: 'resolved' },
    ] satisfies Draft['body'][];
    const { events, state } = numberDrafts(
      null,
      drafts.map((body) => ({ actor: mia, audience: 'public', body })),
      { conversation, author: 'v:mia', id: 'event-0001', at: Date.now() - 3_600_000 },
    );
    await store.append({
      ...{ events, visitors: [], visitorSessions: [], cursors: [] },
      conversations: [{ site: 'pk_shop0001', state, expectedHead: 0 }],
    });
    await store.close();
    expect(await outcome(['simulate', '--config', config], { cwd: dir })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^1 conversation of the last 7 days, with 2 agents\.\n/),
    });
  });

  it('says what is missing', async () => {
    const { config } = house('nobody');
    expect(await outcome(['simulate', '--config', config])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nobody answers yet.'),
    });
    expect(await outcome(['simulate', '--config', config, '--days', 'nine'])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--days is a whole number from 1 to 365, not "nine"'),
    });
  });
});

describe('sveiki start', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('serves until %s, then ends with 0', async (signal) => {
    const { config, data } = house(`ends-by-${signal}`);
    const run = sveiki(['start', '--config', config]);
    const port = await portOf(run);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    run.child.kill(signal);
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toContain('The relay has stopped.');
    expect(existsSync(join(data, 'sveiki.db'))).toBe(true);
  });

  it('takes staff in beside the running relay, and lets them go', async () => {
    const { config } = house('staff');
    const at = (...args: string[]) => outcome([...args, '--config', config]);
    const run = sveiki(['start', '--config', config]);
    const url = `http://127.0.0.1:${await portOf(run)}`;
    const added = await at(
      'add-agent',
      'Ada@Example.com',
      'Ada Ozola',
      '--role',
      'lead',
      '--team',
      'sales',
      '--capacity',
      '3',
    );
    expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('Added Ada Ozola, lead in sales.\n') });
    const code = /\/desk\/#code=(\S+)/.exec(added.stdout)![1]!;
    const headers = { origin: url, 'content-type': 'application/json' };
    const signIn = (body: object) =>
      fetch(`${url}/desk/api/session`, { method: 'POST', headers, body: JSON.stringify(body) });
    const first = await signIn({ code });
    expect(first.status).toBe(200);
    expect(await first.json()).toMatchObject({ agent: { name: 'Ada Ozola', email: 'ada@example.com', role: 'lead' } });
    expect((await signIn({ code })).status).toBe(401);

    const password = 'correct horse battery';
    expect(
      await outcome(['set-password', 'ada@example.com', '--config', config], { input: `${password}\n` }),
    ).toMatchObject({ code: 0 });
    expect((await signIn({ email: 'ada@example.com', password })).status).toBe(200);
    const short = await outcome(['set-password', 'ada@example.com', '--config', config], { input: 'short' });
    expect(short).toMatchObject({ code: 1, stderr: expect.stringContaining('at least 10 characters') });

    expect(await at('deactivate', 'ada@example.com')).toMatchObject({ code: 0 });
    expect((await signIn({ email: 'ada@example.com', password })).status).toBe(403);
    expect(await at('link', 'ada@example.com')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nobody with the e-mail'),
    });
    const back = await at('add-agent', 'ada@example.com', 'Ada Ozola');
    expect(back).toMatchObject({ code: 0, stdout: expect.stringContaining('Added Ada Ozola, agent in sales.\n') });
    expect((await signIn({ email: 'ada@example.com', password })).status).not.toBe(200);
    const again = await signIn({ code: /\/desk\/#code=(\S+)/.exec(back.stdout)![1]! });
    expect(await again.json()).toMatchObject({ agent: { email: 'ada@example.com', role: 'agent' } });
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
  });

  it('refuses staff that cannot be', async () => {
    const { config } = house('refused');
    const at = (...args: string[]) => outcome(['add-agent', ...args, '--config', config]);
    const results = await Promise.all([
      at('ada', 'Ada'),
      at('ada@example.com', 'Ada', '--role', 'king'),
      at('ada@example.com', 'Ada', '--capacity', '0'),
    ]);
    expect(results.map(({ code }) => code)).toEqual([64, 64, 64]);
    expect(results.map(({ stderr }) => stderr).join('')).toBe(
      '"ada" is not an e-mail address.\nThere is no role "king". Use agent, lead, manager, admin.\n' +
        'The capacity is how many conversations somebody answers at once: 1 to 100.\n',
    );
    expect(await at('ada@example.com', 'Ada', '--team', 'billing')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('Teams are sales.'),
    });
    expect((await at('ada@example.com', 'Ada')).code).toBe(0);
    expect(await at('ada@example.com', 'Ada')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is there already'),
    });
  });

  it('is copied while it runs, once for each name, and not restored before it has ended', async () => {
    const { config, data, dir } = house('copied');
    const run = sveiki(['start', '--config', config]);
    await portOf(run);
    const target = join(dir, 'copy');
    expect(await outcome(['backup', target, '--config', config])).toEqual({
      code: 0,
      stdout: `Copied to ${target}: the database and 0 files.\n`,
      stderr: '',
    });
    expect(readFileSync(join(target, 'sveiki.db')).subarray(0, 15).toString()).toBe('SQLite format 3');
    expect(await outcome(['backup', target, '--config', config])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('exists already'),
    });
    expect(await outcome(['restore', target, '--replace', '--config', config])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${join(data, 'sveiki.db')} is in use, and nothing was changed.`),
    });
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    expect(await outcome(['restore', target, '--replace', '--verify', '--config', config])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Conversations 0, events 0'),
    });
  });
});

describe('sveiki demo', () => {
  it('prints the shop and a fresh desk link, keeps its data in .sveiki, and fills it once', async () => {
    const dir = join(folder, 'demo');
    mkdirSync(dir);
    const links: string[] = [];
    for (let i = 0; i < 2; i++) {
      const run = sveiki(['demo'], { cwd: dir, env: { PORT: '0' } });
      const [, shop = ''] = await run.printed(/^Shop (http:\/\/127\.0\.0\.1:\d+\/shop\/)$/m);
      const [, desk = '', code = ''] = await run.printed(
        /^Desk (http:\/\/127\.0\.0\.1:\d+)\/desk\/#code=([\w-]{43})$/m,
      );
      await run.printed(/^Press Ctrl-C to stop\.$/m);
      links.push(code);
      expect(shop).toBe(`${desk}/shop/`);
      const headers = { origin: desk.replace('127.0.0.1', 'localhost'), 'content-type': 'application/json' };
      const post = (body: object) =>
        fetch(`${desk}/desk/api/session`, { method: 'POST', headers, body: JSON.stringify(body) });
      expect(await (await post({ code })).json()).toMatchObject({ agent: { id: 'ada' } });
      const [, password = '', email = ''] = await run.printed(/the password (\S+):\n {2}(\S+@\S+) /);
      expect((await post({ email, password })).status).toBe(200);
      run.child.kill('SIGINT');
      expect(await run.ended).toBe(0);
    }
    expect(new Set(links).size).toBe(2);
    expect(existsSync(join(dir, '.sveiki', 'sveiki.db'))).toBe(true);
  });

  it('ends at once by a second signal', async () => {
    const dir = join(folder, 'impatient');
    mkdirSync(dir);
    const run = sveiki(['demo'], { cwd: dir, env: { PORT: '0', SVEIKI_DATA_DIR: join(dir, 'chats') } });
    const [, desk = ''] = await run.printed(/^Desk (http:\/\/\S+)\/desk\//m);
    // A line that does not end by itself keeps the first signal waiting.
    const stream = await fetch(`${desk}/v1/stream`, { method: 'POST', headers: { origin: desk }, body: '{' });
    expect(stream.status).toBe(200);
    run.child.kill('SIGTERM');
    run.child.kill('SIGINT');
    expect([0, 130, 143]).toContain(await run.ended);
    expect(existsSync(join(dir, 'chats', 'sveiki.db'))).toBe(true);
  });
});

describe('sveiki dev', () => {
  it('follows the configuration and what it imports; a line stays open, and a mistake changes nothing', async () => {
    const dir = join(folder, 'dev');
    mkdirSync(dir);
    const config = join(dir, 'sveiki.config.mjs');
    const words = (wrapUp: string) => writeFileSync(join(dir, 'codes.mjs'), `export default [${wrapUp}];`);
    words(`{ id: 'done', name: 'Done' }`);
    writeFileSync(
      config,
      `import wrapUpCodes from './codes.mjs'; export default { ...${JSON.stringify({ ...minimal, port: 0 })}, wrapUpCodes };`,
    );
    const run = sveiki(['dev', '--config', config]);
    const [, url = ''] = await run.printed(/Serving (\S+), configuration/);
    const port = Number(new URL(url).port);
    const line = new WebSocket(`ws://127.0.0.1:${port}/v1/socket`, { headers: { origin: 'https://shop.example.com' } });
    const closed = vi.fn();
    line.on('close', closed);
    await new Promise((resolve, reject) => line.on('open', resolve).on('error', reject));

    words(`{ id: 'done', name: 'Done' }, { id: 'refund', name: 'Refund' }`);
    const [, before, after] = await run.printed(/Configuration (\w{12}) is now (\w{12})/);
    expect(after).not.toBe(before);
    words(`{ id: 'Not an id', name: 'x' }`);
    await run.printed(/The last one goes on/);
    expect(run.stdout()).toMatch(/wrapUpCodes\[0\]\.id: "Not an id" is not an id/);
    words('');
    await run.printed(new RegExp(`Configuration ${after} is now`));
    expect(closed).not.toHaveBeenCalled();
    line.terminate();
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
  });
});
