import { describe, expect, it } from 'vitest';
import { fakeSurroundings } from '../testing/surroundings.ts';
import { createDrafts } from './drafts.ts';

const day = 24 * 60 * 60_000;

describe('drafts', () => {
  it('are kept per agent, conversation and mode, and survive a reload', () => {
    const { storage, clock } = fakeSurroundings();
    const drafts = createDrafts(storage, clock.now);
    drafts.write('ada', 'c-1', 'reply', 'To Mia');
    drafts.write('ada', 'c-1', 'note', 'About Mia');
    const afterReload = createDrafts(storage, clock.now);
    expect(afterReload.read('ada', 'c-1', 'reply')).toBe('To Mia');
    expect(afterReload.read('ada', 'c-1', 'note')).toBe('About Mia');
    expect(afterReload.read('ada', 'c-2', 'reply')).toBe('');
    expect(afterReload.read('ben', 'c-1', 'reply')).toBe('');
  });

  it('leave nothing behind when they are emptied', () => {
    const { storage, clock } = fakeSurroundings();
    const drafts = createDrafts(storage, clock.now);
    drafts.write('ada', 'c-1', 'reply', 'x');
    drafts.write('ada', 'c-1', 'reply', '');
    expect(storage.keys()).toEqual([]);
  });

  it('are dropped after two weeks, broken ones at once', () => {
    const { storage, clock, pass } = fakeSurroundings();
    createDrafts(storage, clock.now).write('ada', 'c-1', 'reply', 'old');
    pass(10 * day);
    createDrafts(storage, clock.now).write('ada', 'c-2', 'reply', 'young');
    storage.set('sveiki.desk.draft.ada.c-3.reply', '{');
    pass(5 * day);
    const drafts = createDrafts(storage, clock.now);
    expect(drafts.read('ada', 'c-1', 'reply')).toBe('');
    expect(drafts.read('ada', 'c-2', 'reply')).toBe('young');
    expect(storage.keys()).toEqual(['sveiki.desk.draft.ada.c-2.reply']);
  });
});
