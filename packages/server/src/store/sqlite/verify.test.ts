import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { toldEverything } from '../../test-support/told-everything.ts';
import { logOf } from '../contract.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { checkLaw, checkPages } from './verify.ts';

const say = (text: string) => ({ kind: 'message' as const, blocks: [{ kind: 'text' as const, text }] });

let made: string;
let folder: string;
let file: string;
/** One that is only talked in, so that its state lies behind its log, and one with a note. */
beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), 'sveiki-verify-'));
  const store = await openSqliteStore({ file: join(made, 'sveiki.db') });
  const [one, two] = [logOf('conv-one'), logOf('conv-two', 'noah')];
  await store.append(one.start(1));
  await store.append(two.start(2));
  for (let n = 0; n < 5; n += 1) await store.append(one.next(3, ['v:mia', say(`text ${n}`)]));
  await store.append(two.next(4, ['a:ada', { kind: 'note', blocks: [{ kind: 'text', text: 'psst' }] }]));
  await store.append(two.next(5, ['v:noah', say('hello')]));
  await store.close();
});
afterAll(() => rmSync(made, { recursive: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sveiki-verify-'));
  file = join(folder, 'sveiki.db');
  copyFileSync(join(made, 'sveiki.db'), file);
});
afterEach(() => rmSync(folder, { recursive: true }));

function change(sql: string): void {
  const database = new Database(file);
  database.pragma('foreign_keys = OFF');
  database.exec(sql);
  database.close();
}

test('finds nothing wrong with what the store wrote, and counts it', () => {
  expect(checkPages(file)).toEqual({
    counts: { conversations: 2, events: 9, messages: 6, visitors: 0, agents: 0 },
    problems: [],
  });
  expect(checkLaw(file)).toEqual([]);
});

test.each([
  ['an event in the middle that is gone', "DELETE FROM event WHERE id = 'conv-one-0003'", 'event 3 is missing'],
  ['the last event gone', "DELETE FROM event WHERE id = 'conv-one-0006'", 'it should have 6 events (6 public)'],
  ['a public number twice', "UPDATE event SET public_seq = 1 WHERE id = 'conv-one-0004'", 'public event 4 is missing'],
  ['all events gone', "DELETE FROM event WHERE id LIKE 'conv-one%'", 'it should have 6 events'],
  ['another state', `UPDATE conversation SET state = '{"id":"conv-one"}' WHERE id = 1`, 'its state is not what'],
  ['another status', "UPDATE conversation SET status = 'resolved' WHERE id = 1", 'its state is not what'],
  [
    'a body that is none',
    "UPDATE event SET body = '{' WHERE id = 'conv-one-0002'",
    'what follows event 2 cannot be read',
  ],
])('names the conversation and what is wrong: %s', (_what, sql, problem) => {
  change(sql);
  expect(checkLaw(file)).toEqual([expect.stringContaining(`Conversation conv-one: ${problem}`)]);
});

test('stops at twenty problems, and says nothing of what was written', async () => {
  const store = await openSqliteStore({ file });
  for (let n = 0; n < 30; n += 1) await store.append(logOf(`conv-many-${n}`, `visitor-${n}`).start(n));
  await store.close();
  change(`UPDATE event SET body = 'secret words'`);
  const problems = checkLaw(file);
  expect(problems).toHaveLength(20);
  expect(problems.join()).not.toContain('secret');
});

test('tells of rows whose conversation is gone', () => {
  change("DELETE FROM conversation WHERE public_id = 'conv-two'");
  expect(checkPages(file).problems).toEqual(['Rows of "event" name a conversation that is not there.']);
});

test('finds the law kept where much was told, and where somebody was forgotten', async () => {
  const store = await openSqliteStore({ file });
  const { house, visitor } = await toldEverything(store, 'MIAS');
  await toldEverything(store, 'NOAHS', house);
  expect([...checkPages(file).problems, ...checkLaw(file)]).toEqual([]);
  const { personalData } = house.relay.relay;
  const mel = await store.agent('mel');
  if (mel === null) throw new Error('There is no mel.');
  await personalData.erase(visitor, 'asked-by-person', mel);
  await personalData.settled();
  await house.relay.relay.stop();
  await store.close();
  expect([...checkPages(file).problems, ...checkLaw(file)]).toEqual([]);
});
