import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { applyEvent, type ConversationState, type EventBody } from '../packages/protocol/src/index.ts';
import { personKey } from '../packages/server/src/personal-data/keys.ts';
import type { ErasureRow, StoredEvent } from '../packages/server/src/ports.ts';
import { openSqliteStore } from '../packages/server/src/store/sqlite/sqlite-store.ts';
import { checkLaw } from '../packages/server/src/store/sqlite/verify.ts';
import { createRandom } from '../tools/replay/random.ts';

const MESSAGES = 20_000;
const CONVERSATIONS = 4;
const KILLS = 20;
const CLI = new URL('../packages/server/src/cli.ts', import.meta.url).pathname;
const SITE = 'pk_shop_test';

const folder = mkdtempSync(join(tmpdir(), 'sveiki-erasing-'));
const data = join(folder, 'data');
const config = join(folder, 'sveiki.config.json');
let relay: ChildProcess | null = null;
afterAll(() => {
  relay?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** A conversation with so many messages, each with the mark in it. */
function conversationOf(id: string, visitor: string, mark: string, count: number) {
  let state: ConversationState | null = null;
  const events = Array.from({ length: count + 2 }, (_, i): StoredEvent => {
    const body: EventBody =
      i === 0
        ? {
            kind: 'started',
            channel: 'chat',
            team: null,
            visitor: { id: visitor, name: mark },
            locale: 'lv',
            visit: null,
          }
        : i === count + 1
          ? { kind: 'resolved' }
          : { kind: 'message', blocks: [{ kind: 'text', text: `${mark} says ${i} ${'x'.repeat(i % 200)}` }] };
    const event: StoredEvent = {
      ...{ conversation: id, seq: i + 1, publicSeq: i + 1, id: `${id}-${i}`, author: `v:${visitor}`, at: 1_000 + i },
      ...{ actor: { kind: 'visitor', id: visitor }, audience: 'public', body },
    };
    state = applyEvent(state, event);
    return event;
  });
  return { events, state: state as unknown as ConversationState };
}

async function fill(): Promise<void> {
  const store = await openSqliteStore({ file: join(data, 'sveiki.db') });
  for (const [visitor, mark] of [
    ['visitor-mia', 'MIASWORDS'],
    ['visitor-noah', 'NOAHSWORDS'],
  ] as const) {
    const row = { id: visitor, site: SITE, name: mark, email: `${mark}@shop.example`, externalId: mark, locale: 'lv' };
    for (let n = 0; n < CONVERSATIONS; n++) {
      const id = `conversation-${n}-of-${mark.slice(0, 1)}`;
      const { events, state } = conversationOf(id, visitor, mark, MESSAGES / CONVERSATIONS);
      await store.append({
        events,
        conversations: [{ site: SITE, state, expectedHead: 0 }],
        visitors: [{ ...row, timeZone: null, visit: null, firstSeenAt: 1, lastSeenAt: Date.now() }],
        visitorSessions: [{ tokenHash: `hash-${n}-${visitor}`, visitor, createdAt: 1, expiresAt: Date.now() + 1e9 }],
        cursors: [],
      });
    }
  }
  const erasure: ErasureRow = {
    ...{ id: 'erasure-1', person: personKey('visitor-mia'), visitor: 'visitor-mia', as: 'gone-mia', site: SITE },
    ...{ by: 'operator', reason: 'other', state: 'queued', requestedAt: 1, erasedAt: null, cleanedAt: null },
    ...{ counts: { conversations: 0, events: 0, files: 0, sessions: 0 }, problem: null },
  };
  await store.saveErasure(erasure);
  await store.close();
}

/** Runs the relay until it serves, and so many milliseconds more. */
async function runAndKill(afterMs: number): Promise<void> {
  const env = { ...process.env, PORT: '0', SVEIKI_DATA_DIR: data };
  relay = spawn(process.execPath, ['--conditions=@sveiki/source', CLI, 'start', '--config', config], { env });
  const exited = new Promise<void>((resolve) => relay?.once('exit', () => resolve()));
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const hear = (text: Buffer): void => {
      said += text.toString();
      if (said.includes('The relay serves.')) resolve();
    };
    relay?.stdout?.on('data', hear);
    relay?.stderr?.on('data', hear);
    relay?.once('exit', () => reject(new Error(`The relay did not serve: ${said}`)));
  });
  setTimeout(() => relay?.kill('SIGKILL'), afterMs);
  await exited;
}

const stateOf = async (): Promise<ErasureRow['state'] | undefined> => {
  const store = await openSqliteStore({ file: join(data, 'sveiki.db') });
  try {
    return (await store.erasures({ limit: 1 }))[0]?.state;
  } finally {
    await store.close();
  }
};
const hits = (mark: string): number =>
  readdirSync(data, { recursive: true, encoding: 'utf8' })
    .map((name) => join(data, name))
    .filter((path) => statSync(path).isFile())
    .reduce((sum, path) => sum + readFileSync(path, 'latin1').split(mark).length - 1, 0);

it('forgets somebody whatever is killed in between, and nobody else', async () => {
  const sites = [{ key: SITE, name: 'Shop', origins: ['https://shop.example'], team: 'sales' }];
  writeFileSync(config, JSON.stringify({ sites, teams: [{ id: 'sales', name: 'Sales' }] }));
  await fill();
  expect(hits('MIASWORDS')).toBeGreaterThan(MESSAGES);
  const random = createRandom(7);
  const states: Record<string, number> = {};
  let kills = 0;
  for (; kills < KILLS; kills++) {
    await runAndKill(random.next() * 900);
    const state = (await stateOf()) ?? 'lost';
    states[state] = (states[state] ?? 0) + 1;
    if (state === 'done') break;
  }
  for (let tries = 0; (await stateOf()) !== 'done' && tries < 30; tries++) await runAndKill(10_000);
  console.log(`erasures that were killed: ${JSON.stringify({ kills, messages: MESSAGES, foundAfterwards: states })}`);
  expect(await stateOf()).toBe('done');
  expect(hits('MIASWORDS')).toBe(0);
  expect(hits('visitor-mia')).toBe(0);
  expect(hits('NOAHSWORDS')).toBeGreaterThanOrEqual(MESSAGES);
  expect(checkLaw(join(data, 'sveiki.db'))).toEqual([]);
  expect(kills).toBeGreaterThan(1);
});
