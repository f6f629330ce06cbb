import { describe, expect, test } from 'vitest';
import { checkChain } from '../audit/chain.ts';
import type { AgentRow, AuditKey, AuditNote, AuditQuery, OverrideRow, Store } from '../ports.ts';
import type { OpenedStore } from './contract.ts';

const KEY: AuditKey = { id: 'k1', secret: new Uint8Array(32).fill(7) };

const note = (at: number, part: Partial<AuditNote> = {}): AuditNote => ({
  at,
  actor: 'agent:ada',
  action: 'conversation.opened',
  object: 'conversation:conv-one',
  person: 'mia',
  detail: '{}',
  ...part,
});
const ada: AgentRow = {
  ...{ id: 'ada', email: 'ada@shop.example', name: 'Ada', role: 'agent', teams: ['sales'], capacity: 5 },
  ...{ presence: 'online', passwordHash: null, active: true, createdAt: 0 },
};

/** The part of the contract about the audit log. */
export function auditContract(parts: { opened: () => OpenedStore; store: () => Store }): void {
  const found = async (store: Store, query: Partial<AuditQuery>): Promise<number[]> =>
    (await store.auditRows({ limit: 100, ...query })).map(({ position }) => position);

  async function fault(store: Store, keys: readonly AuditKey[] | null) {
    const check = checkChain({ keys });
    for (const row of await store.auditAfter(0, 1_000)) {
      const wrong = check.next(row);
      if (wrong !== null) return wrong;
    }
    return check.end(await store.auditHead());
  }

  describe('the audit log', () => {
    test('is empty at first', async () => {
      const store = parts.store();
      expect(await store.auditHead()).toBeNull();
      expect(await store.auditAfter(0, 10)).toEqual([]);
      await store.noteAudit([]);
      expect(await store.auditHead()).toBeNull();
    });

    test('numbers rows without a hole and seals each to the one before, also those written at once', async () => {
      const { opened } = parts;
      const store = parts.store();
      await store.setAuditKey(KEY);
      await Promise.all([
        store.noteAudit([note(1), note(2)]),
        store.noteAudit([note(3)]),
        store.noteAudit([note(4, { object: null, person: null })]),
      ]);
      const rows = await store.auditAfter(0, 10);
      expect(rows.map(({ position }) => position)).toEqual([1, 2, 3, 4]);
      expect(rows[3]).toMatchObject(note(4, { object: null, person: null }));
      expect(await fault(store, [KEY])).toBeNull();
      expect(await fault(store, [{ id: 'k1', secret: new Uint8Array(32) }])).toMatchObject({ position: 1 });
      expect(await store.auditAfter(3, 10)).toEqual(rows.slice(3));
      const { reopen } = opened();
      if (reopen === undefined) return;
      const reopened = await reopen();
      try {
        await reopened.setAuditKey(KEY);
        await reopened.noteAudit([note(5)]);
        expect(await fault(reopened, [KEY])).toBeNull();
        expect(await reopened.auditAfter(0, 4)).toEqual(rows);
      } finally {
        await reopened.close();
      }
    });

    test('is asked by person, thing, actor, action and time, newest first, in pages', async () => {
      const store = parts.store();
      await store.noteAudit([
        note(10),
        note(20, { person: 'noah', object: 'conversation:conv-two' }),
        note(20, { actor: 'agent:ben' }),
        note(30, { action: 'person.history-read', object: null }),
        note(15, { actor: 'operator', action: 'backup.made', object: null, person: null }),
      ]);
      expect(await found(store, {})).toEqual([4, 3, 2, 5, 1]);
      expect(await found(store, { person: 'mia' })).toEqual([4, 3, 1]);
      expect(await found(store, { person: 'mia', actor: 'agent:ada' })).toEqual([4, 1]);
      expect(await found(store, { object: 'conversation:conv-one', action: 'conversation.opened' })).toEqual([3, 1]);
      expect(await found(store, { actor: 'operator' })).toEqual([5]);
      expect(await found(store, { since: 15, until: 30 })).toEqual([3, 2, 5]);
      expect(await found(store, { person: 'mia', since: 11, until: 30 })).toEqual([3]);
      expect(await found(store, { limit: 2 })).toEqual([4, 3]);
      expect(await found(store, { limit: 2, before: { at: 20, position: 3 } })).toEqual([2, 5]);
      expect(await found(store, { person: "mia' OR 1=1" })).toEqual([]);
    });

    test('gets a row with the change it is about, or neither', async () => {
      const store = parts.store();
      const row: OverrideRow = {
        kind: 'schedule',
        content: { schedule: { timeZone: 'Europe/Riga', week: {} }, isNew: true },
        ...{ name: 'shop', revision: 'r-1', changedAt: 1, changedBy: 'cleo' },
      };
      expect(await store.saveOverride(row, null, [note(1)])).toBe(true);
      expect(await store.saveOverride(row, null, [note(2)])).toBe(false);
      expect(await store.saveOverride(row, 'r-0', [note(3)])).toBe(false);
      expect(await store.removeOverride({ ...row, revision: 'r-0' }, [note(4)])).toBe(false);
      expect(await store.removeOverride(row, [note(5)])).toBe(true);
      await store.saveAgent(ada, [note(6)]);
      await expect(store.saveAgent({ ...ada, id: 'other' }, [note(7)])).rejects.toThrow();
      const session = { tokenHash: 'hash', agent: 'ada', createdAt: 0, expiresAt: 100, lastUsedAt: 0 };
      await store.saveAgentSession(session, [note(8)]);
      await store.endAgentSession('hash', [note(9)]);
      await store.endAgentSession('hash', [note(10)]);
      await store.saveSignInCode({ codeHash: 'code', agent: 'ada', expiresAt: 100 }, [note(11)]);
      expect(await store.saveSetting('one', 'a', null, [note(12)])).toBe(true);
      expect(await store.saveSetting('one', 'b', 'x', [note(13)])).toBe(false);
      await store.saveCannedReplies([], [note(14)]);
      const rows = await store.auditAfter(0, 100);
      expect(rows.map(({ at }) => at)).toEqual([1, 5, 6, 8, 9, 11, 12]);
      expect(await fault(store, null)).toBeNull();
    });
  });

  test('the use of a session is noted only while it is there', async () => {
    const store = parts.store();
    const row = { tokenHash: 'hash', agent: 'ada', createdAt: 0, expiresAt: 100, lastUsedAt: 0 };
    await store.saveAgentSession(row);
    await store.noteSessionUse('hash', 7);
    expect(await store.agentSession('hash')).toEqual({ ...row, lastUsedAt: 7 });
    await store.endAgentSession('hash');
    await store.noteSessionUse('hash', 8);
    expect(await store.agentSession('hash')).toBeNull();
  });

  test('every session ends at once, and when that was is kept', async () => {
    const store = parts.store();
    await store.saveAgent(ada);
    await store.saveAgentSession({ tokenHash: 'hash', agent: 'ada', createdAt: 0, expiresAt: 100, lastUsedAt: 0 });
    await store.saveVisitorSession({ tokenHash: 'token', visitor: 'mia', createdAt: 0, expiresAt: 100 });
    await store.saveSignInCode({ codeHash: 'code', agent: 'ada', expiresAt: 100 });
    await store.endEverySession(40, [note(40, { action: 'sessions.ended' })]);
    expect(await store.agentSession('hash')).toBeNull();
    expect(await store.visitorBySession('token', 50)).toBeNull();
    expect(await store.redeemSignInCode('code', 50)).toBeNull();
    expect(await store.setting('sessions-ended')).toBe('40');
    await store.endEverySession(60);
    expect(await store.setting('sessions-ended')).toBe('60');
    expect((await store.auditAfter(0, 10)).map(({ action }) => action)).toEqual(['sessions.ended']);
  });

  test('a setting is changed only by who has seen what is there', async () => {
    const store = parts.store();
    expect(await store.saveSetting('key', 'a', 'b')).toBe(false);
    expect(await Promise.all(['a', 'b'].map((value) => store.saveSetting('key', value, null)))).toEqual([true, false]);
    expect(await Promise.all(['c', 'd'].map((value) => store.saveSetting('key', value, 'a')))).toEqual([true, false]);
    expect([...(await store.settings())]).toEqual([['key', 'c']]);
  });
}
