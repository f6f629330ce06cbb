import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkChain } from '../packages/server/src/audit/chain.ts';
import type { AuditKey, AuditNote, AuditRow, Store } from '../packages/server/src/ports.ts';
import { openSqliteStore } from '../packages/server/src/store/sqlite/sqlite-store.ts';

/** Rows of a large shop over years, and as many as a small one has. */
const ROWS = Number(process.env['AUDIT_ROWS'] ?? 1_000_000);
const FEW = ROWS / 100;
/** Persons and agents are as many in each, so that one of them has 100 times the rows in the large log. */
const PERSONS = 5_000;
const AGENTS = 40;
const ACTIONS = ['conversation.opened', 'person.history-read', 'reply.saved', 'agent.signed-in', 'person.exported'];
const KEY: AuditKey = { id: 'k1', secret: new Uint8Array(32).fill(7) };
const MINUTE = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'sveiki-audit-bench-'));
const stores: { large: Store; small: Store } = {} as never;
beforeAll(async () => {
  stores.large = await filled('large', ROWS);
  stores.small = await filled('small', FEW);
}, 600_000);
afterAll(async () => {
  await stores.large.close();
  await stores.small.close();
  rmSync(folder, { recursive: true, force: true });
});

const noteAt = (i: number): AuditNote => ({
  at: i * MINUTE,
  actor: `agent:a-${i % AGENTS}`,
  action: ACTIONS[(i * 7 + Math.floor(i / 4_999)) % ACTIONS.length] as string,
  object: `conversation:c-${i % 50_000}`,
  person: `p-${(i * 31) % PERSONS}`,
  detail: '{"address":"203.0.113.0"}',
});

async function filled(name: string, count: number): Promise<Store> {
  const store = await openSqliteStore({ file: join(folder, `${name}.db`) });
  await store.setAuditKey(KEY);
  for (let from = 0; from < count; from += 10_000)
    await store.noteAudit(Array.from({ length: 10_000 }, (_, i) => noteAt(from + i)));
  return store;
}

/** The median of some runs, in ms. */
async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 21; i++) {
    const from = performance.now();
    await work();
    times.push(performance.now() - from);
  }
  return times.toSorted((a, b) => a - b)[10] as number;
}

/** What breach reports and admins ask: who read or exported a person's data in a period, what an agent did, the newest of all. */
const QUESTIONS: Record<string, Parameters<Store['auditRows']>[0]> = {
  'whose words of a person were read in a period': { person: 'p-7', since: 0, until: FEW * MINUTE, limit: 50 },
  'who exported a person': { person: 'p-7', action: 'person.exported', limit: 50 },
  'what an agent did last': { actor: 'agent:a-3', limit: 50 },
  'every export of late': { action: 'person.exported', limit: 50 },
  'the newest rows': { limit: 50 },
};

it.each(Object.keys(QUESTIONS))('%s: answered out of a million rows as out of a hundredth of them', async (what) => {
  const query = QUESTIONS[what] as Parameters<Store['auditRows']>[0];
  expect((await stores.large.auditRows(query)).length).toBeGreaterThan(0);
  const [large, small] = [
    await timeOf(() => stores.large.auditRows(query)),
    await timeOf(() => stores.small.auditRows(query)),
  ];
  console.log(
    `${what}: ${large.toFixed(2)} ms of ${ROWS} rows, ${small.toFixed(2)} ms of ${FEW}: ${(large / small).toFixed(1)}×`,
  );
  // A scan would be a hundred times as long.
  expect(large / small).toBeLessThan(20);
});

/** What is wrong in the large log, as it is or with rows changed. */
async function faultIn(change: (row: AuditRow) => AuditRow) {
  const check = checkChain({ keys: [KEY] });
  for (let position = 0; position < ROWS; position += 1_000) {
    for (const row of await stores.large.auditAfter(position, 1_000)) {
      const fault = check.next(change(row));
      if (fault !== null) return fault;
    }
  }
  return check.end(await stores.large.auditHead());
}

it('the whole chain is checked, and a row in the middle that was changed is found', { timeout: 300_000 }, async () => {
  const from = performance.now();
  expect(await faultIn((row) => row)).toBeNull();
  console.log(`${ROWS} rows are checked in ${((performance.now() - from) / 1_000).toFixed(1)} s`);
  const fault = await faultIn((row) => (row.position === ROWS / 2 ? { ...row, detail: '{}' } : row));
  expect(fault?.position).toBe(ROWS / 2);
});
