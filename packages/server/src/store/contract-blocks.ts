import type { EventBody } from '@sveiki/protocol';
import { describe, expect, test } from 'vitest';
import type { BlockRow, Store } from '../ports.ts';
import type { logOf, OpenedStore } from './contract.ts';

/** Who may not write, and what was marked as spam. */
export function blocksContract(parts: { store: () => Store; opened: () => OpenedStore; logOf: typeof logOf }): void {
  const row = (id: string, more: Partial<BlockRow> = {}): BlockRow => ({
    ...{ id, kind: 'network', target: '192.0.2.0/24', reason: 'Adverts', conversation: null },
    ...{ createdAt: 5, createdBy: 'cleo', expiresAt: 9 },
    ...more,
  });

  describe('blocks', () => {
    test('are kept whole, by id, until they are taken out', async () => {
      const store = parts.store();
      expect(await store.blocks()).toEqual([]);
      const forEver = row('b-2', { kind: 'visitor', target: 'mia', conversation: 'c-1', expiresAt: null });
      await store.saveBlock(forEver);
      await store.saveBlock(row('b-1'));
      expect(await store.blocks()).toEqual([row('b-1'), forEver]);
      const reopened = await parts.opened().reopen?.();
      if (reopened !== undefined) {
        expect(await reopened.blocks()).toEqual([row('b-1'), forEver]);
        await reopened.close();
      }
    });

    test('are taken out by id, and what is not there takes nothing out', async () => {
      const store = parts.store();
      await store.saveBlock(row('b-1'));
      await store.saveBlock(row('b-2'));
      await store.removeBlocks(['b-1', 'b-9']);
      await store.removeBlocks([]);
      expect(await store.blocks()).toEqual([row('b-2')]);
    });
  });

  describe('what was resolved as spam', () => {
    const list = async (view: 'resolved' | 'spam' | 'visitor') =>
      (await parts.store().list({ view, agent: 'ada', visitor: 'mia', limit: 10 })).conversations.map(
        ({ state }) => state.id,
      );

    /** One that was answered, and resolved under this code. */
    async function resolved(conversation: string, visitor: string, at: number, wrapUp: string) {
      const log = parts.logOf(conversation, visitor);
      const said: EventBody = { kind: 'message', blocks: [{ kind: 'text', text: 'Hello' }] };
      const taken: EventBody = { kind: 'assigned', owner: { id: 'ada', name: 'Ada' }, team: null, how: 'taken' };
      await parts.store().append(log.start(at));
      await parts.store().append(log.next(at, [`v:${visitor}`, said], ['a:ada', taken]));
      await parts.store().append(log.next(at + 7, ['a:ada', said], ['a:ada', { kind: 'resolved', wrapUp }]));
      return log;
    }

    test('is in no list but its own and the visitor’s, and in no number, until it is opened again', async () => {
      const spam = await resolved('conv-spam', 'mia', 10, 'spam');
      await resolved('conv-fine', 'noah', 20, 'done');
      expect(await list('resolved')).toEqual(['conv-fine']);
      expect(await list('spam')).toEqual(['conv-spam']);
      expect(await list('visitor')).toEqual(['conv-spam']);
      expect(await parts.store().resolvedSince(0)).toBe(1);
      expect(await parts.store().recentFirstReplies(10)).toEqual([7]);
      await parts.store().append(spam.next(30, ['a:ada', { kind: 'reopened' }]));
      await parts.store().append(spam.next(40, ['a:ada', { kind: 'resolved', wrapUp: 'done' }]));
      expect(await list('resolved')).toEqual(['conv-spam', 'conv-fine']);
      expect(await list('spam')).toEqual([]);
      expect(await parts.store().resolvedSince(0)).toBe(2);
      expect(await parts.store().recentFirstReplies(10)).toEqual([7, 7]);
    });
  });
}
