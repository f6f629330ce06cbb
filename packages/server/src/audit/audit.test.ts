import { describe, expect, it } from 'vitest';
import type { AuditHead, AuditKey, AuditNote, AuditRow } from '../ports.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { manualClock } from '../test-support/manual-clock.ts';
import { changedNames, createAudit, requestAddress } from './audit.ts';
import { type AuditAnchor, chained, checkChain } from './chain.ts';
import { auditFile, detailOf } from './export.ts';
import { shortAddress } from './short-address.ts';

const KEY: AuditKey = { id: 'k1', secret: new Uint8Array(32).fill(7) };
const STOLEN: AuditKey = { id: 'k1', secret: new Uint8Array(32) };

const note = (at: number): AuditNote => ({
  ...{ at, actor: 'agent:ada', action: 'reply.saved', object: `reply:${at}`, person: null, detail: '{}' },
});

function logOf(count: number, key: AuditKey | null = KEY) {
  const { rows, head } = chained(
    Array.from({ length: count }, (_, i) => note(i)),
    null,
    key,
  );
  return { rows, head: head as AuditHead };
}

function faultIn(
  { rows, head }: { rows: readonly AuditRow[]; head: AuditHead | null },
  keys: readonly AuditKey[] | null = [KEY],
  anchor?: AuditAnchor,
) {
  const check = checkChain({ keys, ...(anchor === undefined ? {} : { anchor }) });
  for (const row of rows) {
    const fault = check.next(row);
    if (fault !== null) return fault.position;
  }
  return check.end(head)?.position ?? null;
}

describe('the chain', () => {
  it('is right as it was written, also over a change of the key', () => {
    const next: AuditKey = { id: 'k2', secret: new Uint8Array(32).fill(9) };
    const { rows, head } = logOf(5);
    const more = chained([note(6), note(7)], head, next);
    const both = { rows: [...rows, ...more.rows], head: more.head };
    expect(faultIn(both, [next, KEY])).toBeNull();
    expect(faultIn(both, [KEY])).toBe(6);
    expect(faultIn(logOf(0))).toBeNull();
    expect(faultIn(logOf(9, null), null)).toBeNull();
  });

  it.each(['at', 'actor', 'action', 'object', 'person', 'detail', 'key', 'hash'] as const)(
    'is wrong at a row whose %s was changed, wherever it is',
    (field) => {
      for (const at of [0, 4, 9]) {
        const log = logOf(10);
        const row = log.rows[at] as AuditRow;
        log.rows[at] = { ...row, [field]: field === 'at' ? row.at + 1 : `${row[field]}x` };
        expect(faultIn(log)).toBe(at + 1);
      }
    },
  );

  it('is wrong where a row was taken out, put in twice, or moved', () => {
    for (const at of [0, 4, 8]) {
      const out = logOf(10);
      out.rows.splice(at, 1);
      expect(faultIn(out)).toBe(at + 1);
      const twice = logOf(10);
      twice.rows.splice(at, 0, twice.rows[at] as AuditRow);
      expect(faultIn(twice)).toBe(at + 1);
      const moved = logOf(10);
      const [one, two] = [moved.rows[at] as AuditRow, moved.rows[at + 1] as AuditRow];
      moved.rows.splice(at, 2, { ...two, position: at + 1 }, { ...one, position: at + 2 });
      expect(faultIn(moved)).toBe(at + 1);
    }
  });

  it('is wrong where rows were put in by somebody without the key, sealed or not, with the rest written anew', () => {
    for (const key of [STOLEN, null]) {
      const { rows, head } = logOf(10);
      const forged = chained([note(99), ...rows.slice(4)], { ...head, position: 4, hash: rows[3]?.hash ?? '' }, key);
      expect(faultIn({ rows: [...rows.slice(0, 4), ...forged.rows], head: forged.head })).toBe(5);
      expect(faultIn({ rows: chained(rows, null, key).rows, head })).toBe(1);
    }
  });

  it('is wrong where its tail was cut off, also when the mark of the end was changed or is gone', () => {
    for (const left of [0, 5, 9]) {
      const { rows, head } = logOf(10);
      const some = rows.slice(0, left);
      expect(faultIn({ rows: some, head })).toBe(left + 1);
      const hash = some.at(-1)?.hash ?? '';
      expect(faultIn({ rows: some, head: { ...head, position: left, hash } })).toBe(left);
      if (left > 0) expect(faultIn({ rows: some, head: null })).toBe(left);
    }
  });

  it('needs the anchor to find that an older copy of the whole database was put back', () => {
    const { rows, head } = logOf(10);
    const anchor = { position: head.position, hash: head.hash };
    const older = logOf(6);
    expect(faultIn(older)).toBeNull();
    expect(faultIn(older, [KEY], anchor)).toBe(7);
    expect(faultIn({ rows, head }, [KEY], anchor)).toBeNull();
    const other = chained(
      Array.from({ length: 12 }, (_, i) => note(i + 100)),
      null,
      KEY,
    );
    expect(faultIn(other, [KEY], anchor)).toBe(10);
  });
});

describe('a row', () => {
  it('names who, what, whom, why, which fields and the network, and no values', async () => {
    const store = createMemoryStore();
    const clock = manualClock();
    const audit = createAudit({ store, clock });
    await audit.note({
      ...{
        actor: 'agent:cleo',
        action: 'reply.saved',
        object: 'reply:hello',
        person: 'mia',
        reason: ' because\nof it ',
      },
      ...changedNames({ title: 'a', body: 1, same: 2 }, { title: 'b', tags: [], same: 2 }),
      address: '203.0.113.77',
    });
    const [row] = await store.auditRows({ limit: 1 });
    expect(row).toMatchObject({ at: clock.now(), actor: 'agent:cleo', action: 'reply.saved', person: 'mia' });
    expect(row === undefined ? null : detailOf(row)).toEqual({
      ...{ reason: 'because of it', before: ['body', 'title'], after: ['tags', 'title'], address: '203.0.113.0' },
    });
  });

  it('of what is read again and again is written once an hour for each reader, reading, person and network', async () => {
    const store = createMemoryStore();
    const clock = manualClock();
    const audit = createAudit({ store, clock });
    const reading = {
      actor: 'agent:ada',
      action: 'conversation.opened',
      object: 'conversation:one',
      person: 'mia',
    } as const;
    const count = async () => (await store.auditHead())?.position ?? 0;
    await audit.noteOnce(reading);
    await audit.noteOnce(reading);
    expect(await count()).toBe(1);
    await audit.noteOnce({ ...reading, actor: 'agent:ben' });
    await requestAddress.run('198.51.100.7', () => audit.noteOnce(reading));
    await requestAddress.run('198.51.100.9', () => audit.noteOnce(reading));
    expect(await count()).toBe(3);
    clock.advance(3_599_999);
    await audit.noteOnce(reading);
    expect(await count()).toBe(3);
    clock.advance(1);
    await audit.noteOnce(reading);
    expect(await count()).toBe(4);
  });

  it('is there before anybody reads on who reads the same while it is written', async () => {
    const store = createMemoryStore();
    let write = (): void => {};
    const noted: string[] = [];
    const audit = createAudit({
      store: {
        async noteAudit(notes) {
          await new Promise<void>((resolve) => {
            write = resolve;
          });
          await store.noteAudit(notes);
        },
      },
      clock: manualClock(),
    });
    const read = async (): Promise<void> => {
      await audit.noteOnce({ actor: 'agent:ada', action: 'conversation.opened', object: 'conversation:c-1' });
      noted.push(`${(await store.auditAfter(0, 9)).length} rows`);
    };
    const [one, two] = [read(), read()];
    await new Promise((resolve) => setImmediate(resolve));
    expect(noted).toEqual([]);
    write();
    await Promise.all([one, two]);
    expect(noted).toEqual(['1 rows', '1 rows']);
  });

  it('that could not be written is written the next time', async () => {
    const store = createMemoryStore();
    let isFull = true;
    const audit = createAudit({
      clock: manualClock(),
      store: {
        noteAudit: async (notes) => {
          if (isFull) throw new Error('No room.');
          return store.noteAudit(notes);
        },
      },
    });
    const reading = { actor: 'agent:ada', action: 'conversation.opened' } as const;
    await expect(audit.noteOnce(reading)).rejects.toThrow('room');
    isFull = false;
    await audit.noteOnce(reading);
    expect((await store.auditHead())?.position).toBe(1);
  });
});

it.each([
  ['203.0.113.77', '203.0.113.0'],
  ['::ffff:203.0.113.77', '203.0.113.0'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::'],
  ['2001:db8::1', '2001:db8:0::'],
  ['fe80::1%eth0', 'fe80:0:0::'],
  ['::1', '0:0:0::'],
  ['nothing', ''],
])('keeps of the address %s only %s', (address, short) => {
  expect(shortAddress(address)).toBe(short);
});

it('exports all rows that fit, page after page, and no cell can run as a formula', async () => {
  const store = createMemoryStore();
  await store.noteAudit(
    Array.from({ length: 1_201 }, (_, i) => ({
      ...note(i % 7),
      object: `reply:${i}`,
      detail: '{"reason":"=1+1, \\"x\\""}',
    })),
  );
  await store.noteAudit([{ ...note(3), person: 'mia', detail: 'not JSON' }]);
  let text = '';
  for await (const piece of auditFile(store, {})) text += piece;
  const lines = text.trimEnd().split('\n');
  expect(lines).toHaveLength(1_203);
  expect(new Set(lines).size).toBe(1_203);
  expect(lines[1]).toContain(`"'=1+1, ""x"""`);
  text = '';
  for await (const piece of auditFile(store, { person: 'mia' })) text += piece;
  expect(text.trimEnd().split('\n')[1]).toBe('1202,1970-01-01T00:00:00.003Z,agent:ada,reply.saved,reply:3,mia,,,,');
});
