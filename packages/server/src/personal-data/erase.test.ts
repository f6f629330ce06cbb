import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../ports.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { toldEverything } from '../test-support/told-everything.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sveiki-erase-'));
  store = await openSqliteStore({ file: join(folder, 'sveiki.db') });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Every word with this mark in any file of the folder, and which file. */
function found(mark: RegExp): Map<string, string> {
  const words = new Map<string, string>();
  for (const name of readdirSync(folder))
    for (const [word] of readFileSync(join(folder, name), 'latin1').matchAll(mark)) words.set(word, name);
  return words;
}

describe('somebody who is forgotten', () => {
  it('leaves nothing in any file, and others lose nothing', async () => {
    const { house, visitor, conversation, line } = await toldEverything(store, 'MIAS');
    const other = await toldEverything(store, 'NOAHS', house);
    const mias = /MIAS\d{4}x/g;
    const noahs = new Set(found(/NOAHS\d{4}x/g).keys());
    expect(found(mias).size).toBeGreaterThan(40);
    const before = await house.state(conversation);
    const { personalData } = house.relay.relay;
    const mel = await store.agent('mel');
    const erasure = await personalData.erase(visitor, 'asked-by-person', mel!);
    await personalData.settled();
    expect(line.closed).toEqual({ code: 4409, reason: 'forgotten' });
    expect([...found(mias)]).toEqual([]);
    expect(new Set(found(/NOAHS\d{4}x/g).keys())).toEqual(noahs);
    expect(other.line.closed).toBeNull();
    await house.relay.checkEventLaw();
    const after = await house.state(conversation);
    expect(after).toMatchObject({ status: 'resolved', visitor: { name: null }, startedAt: before.startedAt });
    expect(after.head).toBeGreaterThan(before.head);
    expect(erasure).toMatchObject({ state: 'queued', by: 'agent:mel' });
    const { erasures } = await personalData.erasures();
    expect(erasures[0]).toMatchObject({ state: 'done', counts: { conversations: 1, sessions: 1 } });
  });
});
