import type { RetentionRuleView } from '@sveiki/protocol';
import type { Audit } from '../audit/audit.ts';
import type { Command, Outcome } from '../commands/command.ts';
import { eraseWords } from '../commands/erase-words.ts';
import { removeAll } from '../files/remove.ts';
import type { Log } from '../log.ts';
import type { Eraser } from '../personal-data/eraser.ts';
import { letOthers } from '../personal-data/let-others.ts';
import { leftOf, overwrite } from '../personal-data/overwrite.ts';
import type { AgingKind, Clock, FileStore, Ids, Store } from '../ports.ts';
import type { RetentionRule } from './rules.ts';

const DAY = 86_400_000;
/** Well within the day that the promise allows. */
const RUN_EVERY_MS = 6 * 3_600_000;
const FIRST_RUN_MS = 60_000;
const PAGE = 200;
/** What a preview counts, and names, at most. */
const MAX_COUNTED = 1_000;
const EXAMPLES = 5;

/** Takes out what was kept long enough: nothing is older than its limit and a day. */
export interface Retention {
  /** What a run now would take, by rule. Changes nothing. */
  preview(): Promise<RetentionRuleView[]>;
  /** Applies every rule; resolves with how much each took. One that fails does not hold up the others. */
  run(): Promise<number[]>;
  start(): void;
  stop(): Promise<void>;
}

export function createRetention(parts: {
  rules: () => readonly RetentionRule[];
  store: Store;
  files: FileStore;
  clock: Clock;
  ids: Ids;
  log: Log;
  audit: Audit;
  submit: (command: Command) => Promise<Outcome>;
  eraser: Pick<Eraser, 'request'>;
}): Retention {
  const { rules, store, files, clock, ids, log, audit, submit, eraser } = parts;
  let cancel = (): void => {};
  let running: Promise<unknown> = Promise.resolve();
  let isStopped = false;

  const limitOf = ({ days }: RetentionRule): number => clock.now() - days * DAY;

  /** Conversations of a rule with something old enough, and the last number of what is. */
  async function* aged(rule: RetentionRule, what: AgingKind, before: number) {
    const { teams, sites } = rule;
    for (let from: number | null = 0; from !== null && !isStopped; ) {
      const page: Awaited<ReturnType<Store['agedConversations']>> = await store.agedConversations({
        ...{ kind: what, before, teams, sites, from },
      });
      yield* page.conversations;
      from = page.next;
      await letOthers();
    }
  }

  /** Whether there are words to take after `from`, and the last number that is old enough. */
  async function look(conversation: string, from: number, what: AgingKind, before: number) {
    let until = from;
    let hasWords = false;
    for (;;) {
      const { events, more } = await store.events({ conversation, count: 'staff', after: until, limit: PAGE });
      const old = events.filter(({ at }) => at < before);
      if (what !== 'files') {
        const erased = { seq: Number.MAX_SAFE_INTEGER, body: { kind: 'erased', what, before } } as const;
        hasWords ||= old.some((event) => JSON.stringify(leftOf(event, erased)) !== JSON.stringify(event));
      }
      until = old.at(-1)?.seq ?? until;
      await letOthers();
      if (!more || old.length < events.length) return { until, hasWords };
    }
  }

  const oldFiles = async (conversation: string, before: number) =>
    (await store.filesOf({ conversation })).filter(({ createdAt }) => createdAt < before);

  async function* oldVisitors(rule: RetentionRule, before: number) {
    for (let after = ''; !isStopped; ) {
      const page = await store.visitorsAfter(after, PAGE);
      for (const row of page) if (row.lastSeenAt < before && (rule.sites?.includes(row.site) ?? true)) yield row.id;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last.id;
      await letOthers();
    }
  }

  /** Each thing that a rule takes, by its id; with `take` it is gone when the next one is asked for. */
  async function* due(rule: RetentionRule, take: boolean): AsyncGenerator<string> {
    const before = limitOf(rule);
    const { what } = rule;
    if (what === 'visitors') {
      for await (const visitor of oldVisitors(rule, before)) {
        if (take) await eraser.request({ visitor, by: 'retention', reason: 'no-longer-needed' });
        yield visitor;
      }
      return;
    }
    for await (const { conversation, seq } of aged(rule, what, before)) {
      const { until, hasWords } = await look(conversation, seq, what, before);
      const found = what === 'files' ? await oldFiles(conversation, before) : [];
      if (take) {
        await removeAll(found, { store, files });
        if (hasWords && what !== 'files') await takeWords(conversation, seq, what, before);
        await store.markAged(what, conversation, until);
      }
      if (what === 'files') for (const { id } of found) yield id;
      else if (hasWords) yield conversation;
    }
  }

  async function takeWords(
    conversation: string,
    from: number,
    what: 'messages' | 'answers',
    before: number,
  ): Promise<void> {
    const body = { kind: 'erased', what, before } as const;
    const outcome = await submit(eraseWords(`retention-${ids.next()}`, conversation, { what, before }));
    if (!outcome.done) throw new Error(`Words of a conversation could not be taken out: ${outcome.refused}.`);
    await overwrite(store, conversation, { seq: outcome.seq, body }, from);
  }

  async function runRule(rule: RetentionRule): Promise<number> {
    let count = 0;
    try {
      for await (const _ of due(rule, true)) count += 1;
    } catch (error) {
      log.error({ error, what: rule.what, days: rule.days }, 'What was kept long enough could not all be taken out');
    }
    if (count === 0) return 0;
    log.info({ what: rule.what, days: rule.days, count }, 'What was kept long enough was taken out.');
    await audit
      .note({ actor: 'relay', action: 'retention.run', object: `retention:${rule.what}`, after: [`${count}`] })
      .catch((error: unknown) => log.error({ error, what: rule.what, count }, 'What was taken out could not be noted'));
    return count;
  }

  async function applyAll(): Promise<number[]> {
    const counts: number[] = [];
    for (const rule of rules()) counts.push(isStopped ? 0 : await runRule(rule));
    return counts;
  }

  /** One after the other. */
  function run(): Promise<number[]> {
    const done = running.then(applyAll);
    running = done.catch(() => {});
    return done;
  }

  function next(ms: number): void {
    cancel = clock.after(ms, () => {
      run()
        .catch((error: unknown) => log.error({ error }, 'Retention did not run'))
        .finally(() => {
          if (!isStopped) next(RUN_EVERY_MS);
        });
    });
  }

  return {
    async preview() {
      const views: RetentionRuleView[] = [];
      for (const rule of rules()) {
        const examples: string[] = [];
        let count = 0;
        for await (const id of due(rule, false)) {
          count += 1;
          if (examples.length < EXAMPLES) examples.push(id);
          if (count > MAX_COUNTED) break;
        }
        const more = count > MAX_COUNTED;
        views.push({ ...rule, next: { count: Math.min(count, MAX_COUNTED), more, examples } });
      }
      return views;
    },
    run,
    start: () => next(FIRST_RUN_MS),
    async stop() {
      isStopped = true;
      cancel();
      await running;
    },
  };
}
