import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../packages/server/src/cli/exit-codes.ts';

const read = (file: string) => readFileSync(file, 'utf8');

/** The instructions of a Dockerfile, with continued lines put together. */
const instructions = read('deploy/Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => [line.split(' ', 1)[0] ?? '', line.slice(line.indexOf(' ') + 1).trim()] as const);
const lastStage = instructions.slice(instructions.findLastIndex(([what]) => what === 'FROM'));
const argumentOf = (what: string) => lastStage.find(([name]) => name === what)?.[1];

describe('the image', () => {
  it('runs what another stage built, as somebody who owns only the data', () => {
    expect(instructions.filter(([what]) => what === 'FROM')).toHaveLength(2);
    expect(argumentOf('USER')).toBe('node');
    expect(argumentOf('VOLUME')).toBe('/data');
    expect(lastStage.filter(([what]) => what === 'COPY')).toEqual([['COPY', '--from=build /relay /opt/sveiki']]);
    expect(lastStage.filter(([what, value]) => what === 'RUN' && /apt|npm|curl|wget/.test(value))).toEqual([]);
  });

  it('makes copies of its database on the disk that has the database, and not in memory', () => {
    expect(argumentOf('ENV')).toContain(' SVEIKI_DATA_DIR=/data SQLITE_TMPDIR=/data');
  });

  it('starts without a shell, so that signals reach the relay', () => {
    for (const what of ['ENTRYPOINT', 'CMD']) expect(JSON.parse(argumentOf(what) ?? '')).toBeInstanceOf(Array);
    expect(argumentOf('STOPSIGNAL')).toBe('SIGTERM');
  });

  it('asks for its health with what is in it', async () => {
    const [node, , code = ''] = JSON.parse((argumentOf('HEALTHCHECK') ?? '').replace(/^.*?CMD /, '')) as string[];
    expect(node).toBe('node');
    let status = 200;
    const relay = createServer(({ url }, response) => response.writeHead(url === '/healthz' ? status : 404).end());
    await new Promise<void>((listening) => relay.listen(0, '127.0.0.1', listening));
    const env = { ...process.env, PORT: String((relay.address() as AddressInfo).port) };
    const check = () =>
      new Promise<number>((ended) => {
        execFile(process.execPath, ['-e', code], { env }, (error) => ended(error === null ? 0 : Number(error.code)));
      });
    expect(await check()).toBe(0);
    status = 503;
    expect(await check()).toBe(1);
    relay.closeAllConnections();
    await new Promise((closed) => relay.close(closed));
    expect(await check()).toBe(1);
  });

  it('is built by programs that are there', () => {
    const programs = instructions.flatMap(([what, value]) =>
      what === 'RUN' ? (value.match(/[\w./-]+\.mjs/g) ?? []) : [],
    );
    expect(programs).not.toEqual([]);
    expect(programs.filter((file) => !existsSync(file))).toEqual([]);
  });
});

describe('the compose file', () => {
  const compose = read('deploy/compose.yaml');

  it('gives the relay a root it cannot write to, and no rights that it does not need', () => {
    for (const line of ['read_only: true', 'cap_drop: [ALL]', 'no-new-privileges:true', 'data:/data'])
      expect(compose).toContain(line);
    expect(compose).toContain("'127.0.0.1:4310:4310'");
  });

  it('leaves more time to stop than the relay takes', () => {
    expect(Number(/stop_grace_period: (\d+)s/.exec(compose)?.[1])).toBeGreaterThan(10);
  });
});

it('has an example configuration that the relay takes', () => {
  const told = execFileSync(
    process.execPath,
    ['--conditions=@sveiki/source', 'packages/server/src/cli.ts', 'check', '--config', 'deploy/sveiki.config.json'],
    { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', SVEIKI_DATA_DIR: 'no-such-folder' } },
  );
  expect(told).toContain('The configuration is right');
});

describe('the systemd unit', () => {
  const unit = read('deploy/sveiki.service');
  const settings = new Set(unit.split('\n').filter((line) => line.includes('=') && !line.startsWith('#')));

  it('may write nothing but its state, and gains no rights', () => {
    for (const setting of [
      'DynamicUser=yes',
      'ProtectSystem=strict',
      'ProtectHome=yes',
      'NoNewPrivileges=yes',
      'CapabilityBoundingSet=',
      'SystemCallFilter=@system-service',
      'LimitNOFILE=65536',
      'Restart=on-failure',
    ])
      expect(settings).toContain(setting);
    expect(unit).toMatch(/^MemoryMax=\d+[MG]$/m);
  });

  it('makes copies of its database on the disk that has the database', () => {
    for (const name of ['SVEIKI_DATA_DIR', 'SQLITE_TMPDIR'])
      expect(settings).toContain(`Environment=${name}=/var/lib/sveiki`);
  });

  it('is not started again with a configuration that is wrong or a database that is damaged', () => {
    expect(settings).toContain(`RestartPreventExitStatus=${EXIT.data} ${EXIT.config}`);
  });
});

/** Versions below these have a known hole: what it was, and the first one without it. */
const SAFE = [
  { name: 'ws', from: '8.21.0', why: 'memory by tiny fragments (CVE-2026-48779)' },
  { name: 'markdown-it', from: '14.1.1', why: 'time by emphasis (CVE-2026-2327)' },
  { name: 'linkify-it', from: '5.0.2', why: 'time by mailto (CVE-2026-59887)' },
  { name: 'hono', from: '4.10.2', why: 'an audience that was not looked at (CVE-2025-62610)' },
];

describe('the lockfile', () => {
  const lock = read('pnpm-lock.yaml');
  const isOlder = (version: string, than: string): boolean => {
    const [a, b] = [version, than].map((text) => text.split(/[.-]/).map(Number)) as [number[], number[]];
    const place = b.findIndex((part, i) => part !== (a[i] ?? 0));
    return place >= 0 && (a[place] ?? 0) < (b[place] as number);
  };

  it.each(SAFE)('has no $name older than $from: $why', ({ name, from }) => {
    const versions = [...lock.matchAll(new RegExp(`^  ${name}@(\\d+\\.\\d+\\.\\d+)`, 'gm'))].map(
      (match) => match[1] ?? '',
    );
    expect(versions).not.toEqual([]);
    expect(versions.filter((version) => isOlder(version, from))).toEqual([]);
  });

  it('compares versions by their numbers', () => {
    expect(isOlder('8.9.0', '8.21.0')).toBe(true);
    expect(isOlder('8.21.0', '8.21.0')).toBe(false);
    expect(isOlder('9.0.0', '8.21.0')).toBe(false);
  });
});
