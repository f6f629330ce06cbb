import type { EventBody } from '@sveiki/protocol';
import { describe, expect, test } from 'vitest';
import type { CannedReplyRow, OverrideRow, Store } from '../ports.ts';
import type { logOf as LogOf, OpenedStore } from './contract.ts';

const reply = (id: string, part: Partial<CannedReplyRow> = {}): CannedReplyRow => ({
  reply: {
    id,
    shortcut: id,
    title: `About ${id}`,
    body: { en: 'Hello {{visitor.name|there}}', lv: 'Sveiki' },
    variables: [{ name: 'order', ask: 'Order number', required: false }],
    scope: { kind: 'team', team: 'sales' },
    attachments: [],
    validFrom: 10,
    tags: ['hello', 'start'],
  },
  updatedAt: 100,
  updatedBy: null,
  removed: false,
  ...part,
});

const asked = (survey: string | null, kind: 'csat' | 'nps' = 'csat', until: number | null = 9_000): EventBody => ({
  kind: 'asked',
  form: {
    id: 'how-was-it',
    purpose: 'post-chat',
    fields: [{ id: 'score', kind: 'rating', scale: kind, label: 'Well?' }],
  },
  ...(survey === null ? {} : { survey: { id: survey, kind } }),
  until,
});

/** The part of the contract about surveys that were asked, canned replies and settings. */
export function contentContract(parts: { opened: () => OpenedStore; store: () => Store; logOf: typeof LogOf }): void {
  const { logOf } = parts;
  const say = (text: string): EventBody => ({ kind: 'message', blocks: [{ kind: 'text', text }] });

  describe('surveys that were asked', () => {
    test('are found by person and by time, and are shown once the visitor has read as far', async () => {
      const store = parts.store();
      const [mias, noahs] = [logOf('conv-one'), logOf('conv-two', 'noah')];
      await store.append(mias.start(1));
      await store.append(mias.next(2, ['v:mia', say('Hello')], ['s:surveys', asked('after-chat')]));
      await store.append(mias.next(5, ['a:ada', asked(null)], ['a:ada', asked('recommend', 'nps', null)]));
      await store.append(noahs.start(3));
      await store.append(noahs.next(4, ['s:surveys', asked('after-chat')]));
      const first = {
        conversation: 'conv-one',
        ask: 'conv-one-0003',
        survey: 'after-chat',
        kind: 'csat',
        visitor: 'mia',
        askedAt: 2,
        until: 9_000,
        shown: false,
      };
      const second = { ...first, ask: 'conv-one-0005', survey: 'recommend', kind: 'nps', askedAt: 5, until: null };
      const other = { ...first, conversation: 'conv-two', ask: 'conv-two-0002', visitor: 'noah', askedAt: 4 };
      expect(await store.surveyAsksOf('mia')).toEqual([second, first]);
      expect(await store.surveyAsksOf('zoe')).toEqual([]);
      const all = { since: 0, until: 100, limit: 10 };
      expect(await store.surveyAsks(all)).toEqual([second, other, first]);
      expect(await store.surveyAsks({ ...all, survey: 'after-chat' })).toEqual([other, first]);
      expect(await store.surveyAsks({ ...all, since: 4, until: 5 })).toEqual([other]);
      expect(await store.surveyAsks({ ...all, limit: 1 })).toEqual([second]);
      expect(await store.surveyAsks({ ...all, before: second })).toEqual([other, first]);
      expect(await store.surveyAsks({ ...all, before: { askedAt: 2, ask: 'conv-one-0004' } })).toEqual([first]);

      const cursor = { conversation: 'conv-one', reader: 'visitor', delivered: 5, read: 3 };
      await store.append({ ...mias.next(6, ['v:mia', say('Seen')]), cursors: [cursor] });
      expect((await store.surveyAsksOf('mia')).map(({ shown }) => shown)).toEqual([false, true]);
      const reopened = await parts.opened().reopen?.();
      if (reopened !== undefined) {
        expect((await reopened.surveyAsksOf('mia')).map(({ ask }) => ask)).toEqual([second.ask, first.ask]);
        await reopened.close();
      }
    });

    test('nothing of an ask is kept when its commit is refused', async () => {
      const store = parts.store();
      const log = logOf('conv-one');
      await store.append(log.start(1));
      const batch = log.next(2, ['s:surveys', asked('after-chat')]);
      await store.append(batch);
      await expect(store.append(batch)).rejects.toThrow('head');
      expect(await store.surveyAsksOf('mia')).toHaveLength(1);
    });

    test('what the quiet period held back is counted once', async () => {
      const store = parts.store();
      for (const [survey, key, at] of [
        ['after-chat', 'event-1', 5],
        ['after-chat', 'event-1', 6],
        ['after-chat', 'event-2', 7],
        ['recommend', 'event-1', 5],
        ['recommend', 'event-3', 50],
      ] as const)
        await store.noteSurveyHeldBack({ survey, key, at });
      const counts = new Map([
        ['after-chat', 2],
        ['recommend', 1],
      ]);
      expect(await store.surveysHeldBack({ since: 5, until: 50 })).toEqual(counts);
      expect(await store.surveysHeldBack({ since: 51, until: 90 })).toEqual(new Map());
    });
  });

  describe('canned replies', () => {
    test('are kept with who changed them, also when they are removed', async () => {
      const store = parts.store();
      await store.saveCannedReplies([reply('b'), reply('a')]);
      expect(await store.cannedReplies()).toEqual([reply('a'), reply('b')]);
      const changed = reply('a', { updatedAt: 200, updatedBy: 'ada', removed: true });
      await store.saveCannedReplies([changed, reply('c')]);
      expect(await store.cannedReplies()).toEqual([changed, reply('b'), reply('c')]);
      expect(await store.cannedReplies(['c', 'a', 'x'])).toEqual([changed, reply('c')]);
      expect(await store.cannedReplies([])).toEqual([]);
      await store.saveCannedReplies([]);
      const reopened = await parts.opened().reopen?.();
      if (reopened !== undefined) {
        expect(await reopened.cannedReplies()).toEqual([changed, reply('b'), reply('c')]);
        await reopened.close();
      }
    });

    test('are used in conversations, whose outcome counts for each of them', async () => {
      const store = parts.store();
      const use = (id: string, conversation: string, at: number) =>
        store.countReplyUse({ reply: id, conversation, at });
      await use('a', 'conv-one', 10);
      await use('a', 'conv-one', 30);
      await use('a', 'conv-two', 20);
      await use('b', 'conv-one', 5);
      expect(await store.noteReplyOutcome('conv-one', { resolved: true })).toEqual(['a', 'b']);
      expect(await store.noteReplyOutcome('conv-one', { csat: 2 })).toEqual(['a', 'b']);
      await store.noteReplyOutcome('conv-one', { resolved: true, csat: 4 });
      expect(await store.noteReplyOutcome('conv-nine', { resolved: true })).toEqual([]);
      const [a, b] = [
        { uses: 3, lastUsedAt: 30, resolved: 1, csat: { sum: 4, n: 1 } },
        { uses: 1, lastUsedAt: 5, resolved: 1, csat: { sum: 4, n: 1 } },
      ];
      expect(await store.replyUsage()).toEqual(
        new Map([
          ['a', a],
          ['b', b],
        ]),
      );
      expect(await store.replyUsage(['b', 'x'])).toEqual(new Map([['b', b]]));
    });
  });

  describe('what people changed of the configuration', () => {
    const night = { timeZone: 'Europe/Riga', week: { 1: [['22:00', '06:00']] }, dates: { '2026-12-24': [] } } as const;
    const hours = (revision: string, name = 'office'): OverrideRow => ({
      ...{ kind: 'schedule', name, content: { schedule: night, isNew: false } },
      ...{ revision, changedAt: 5, changedBy: 'cleo' },
    });
    const asking: OverrideRow = {
      ...{ kind: 'survey', name: 'office', content: { sample: 0.5, teams: null, enabled: false } },
      ...{ revision: 'r-9', changedAt: 6, changedBy: 'cleo' },
    };

    test('is kept by kind and name, whole, until it is taken out', async () => {
      const store = parts.store();
      expect(await store.overrides()).toEqual([]);
      expect(await store.saveOverride(asking, null)).toBe(true);
      expect(await store.saveOverride(hours('r-1', 'shop'), null)).toBe(true);
      expect(await store.saveOverride(hours('r-2'), null)).toBe(true);
      expect(await store.overrides()).toEqual([hours('r-2'), hours('r-1', 'shop'), asking]);
      expect(await store.removeOverride(hours('r-1', 'shop'))).toBe(true);
      const reopened = await parts.opened().reopen?.();
      if (reopened !== undefined) {
        expect(await reopened.overrides()).toEqual([hours('r-2'), asking]);
        await reopened.close();
      }
    });

    test('is changed only by who has seen what is there', async () => {
      const store = parts.store();
      expect(await store.saveOverride(hours('r-1'), 'r-0')).toBe(false);
      const firsts = await Promise.all(['r-1', 'r-2'].map((revision) => store.saveOverride(hours(revision), null)));
      expect(firsts).toEqual([true, false]);
      const seconds = await Promise.all(['r-3', 'r-4'].map((revision) => store.saveOverride(hours(revision), 'r-1')));
      expect(seconds).toEqual([true, false]);
      expect(await store.overrides()).toEqual([hours('r-3')]);
      expect(await store.removeOverride(hours('r-1'))).toBe(false);
      expect(await store.overrides()).toEqual([hours('r-3')]);
      expect(await store.removeOverride(hours('r-3'))).toBe(true);
      expect(await store.saveOverride(hours('r-5'), 'r-3')).toBe(false);
      expect(await store.overrides()).toEqual([]);
    });
  });

  test('a setting is kept by whoever comes first', async () => {
    const store = parts.store();
    expect(await store.setting('secret')).toBeNull();
    expect(await Promise.all([store.keepSetting('secret', 'one'), store.keepSetting('secret', 'two')])).toEqual([
      'one',
      'one',
    ]);
    expect(await store.setting('secret')).toBe('one');
  });
}
