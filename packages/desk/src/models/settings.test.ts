import { describe, expect, it } from 'vitest';
import { fakeSurroundings } from '../testing/surroundings.ts';
import { createSettings } from './settings.ts';

describe('settings', () => {
  it('are remembered', () => {
    const { storage } = fakeSurroundings();
    createSettings(storage).change({ theme: 'dark', singleKeys: false });
    expect(createSettings(storage).settings.value).toMatchObject({
      theme: 'dark',
      singleKeys: false,
      enterSends: true,
    });
  });

  it('ignore what is broken, of another type or unknown', () => {
    const { storage } = fakeSurroundings();
    for (const broken of ['{', 'null', '[]', '7', '{"theme":"pink","compact":"yes","colour":1}']) {
      storage.set('sveiki.desk.settings', broken);
      expect(createSettings(storage).settings.value).toMatchObject({ theme: 'system', compact: false });
    }
  });

  it('never ask for notifications by themselves', () => {
    expect(createSettings(fakeSurroundings().storage).settings.value.notifications).toBe(false);
  });
});
