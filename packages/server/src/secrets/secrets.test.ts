import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { silentLog } from '../log.ts';
import type { Store } from '../ports.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { manualClock } from '../test-support/manual-clock.ts';
import { secretOf } from './configured.ts';
import { newDataKey, readDataKeys } from './data-key.ts';
import { seal, sealedWith, unseal } from './envelope.ts';
import { createKeptSecrets } from './kept-secrets.ts';
import { addKeyTo, ensureKeyFile, readKeys } from './key-source.ts';
import { openSecrets } from './open-secrets.ts';
import { weakness } from './weak.ts';

const folder = mkdtempSync(join(tmpdir(), 'sveiki-secrets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const newFile = () => join(folder, `file-${++count}`);
const clock = manualClock();

describe('a key', () => {
  it('comes back as it was written, and its name does not lead back to it', () => {
    const text = newDataKey();
    const [key] = readDataKeys(`# of the shop\n${text}\n`, 'a test');
    expect(key?.key).toHaveLength(32);
    expect(key?.id).toMatch(/^[0-9a-f]{8}$/);
    expect(text).not.toContain(key?.id);
    expect(new Set(Array.from({ length: 100 }, newDataKey)).size).toBe(100);
  });

  it.each([
    ['', 'holds no key'],
    ['# only words', 'holds no key'],
    ['secret', 'is not "svk_"'],
    [`svk_${'A'.repeat(43)}`, 'is not random'],
    [`svk_${'A'.repeat(42)}`, 'is not "svk_"'],
    [Array.from({ length: 9 }, newDataKey).join(' '), 'holds 9 keys'],
  ])('is refused when it is not one (%#)', (text, problem) => {
    expect(() => readDataKeys(text, 'SVEIKI_SECRET_KEY')).toThrow(problem);
    expect(() => readDataKeys(text, 'SVEIKI_SECRET_KEY')).toThrow('SVEIKI_SECRET_KEY');
  });

  it('is never in the words of its refusal', () => {
    const text = newDataKey();
    for (const wrong of [`${text} ${text}`, `${text}x`, `x${text}`]) {
      let message = '';
      try {
        readDataKeys(wrong, 'the key file');
      } catch (error) {
        message = String(error);
      }
      expect(message).not.toBe('');
      expect(message).not.toContain(text.slice(4, 20));
    }
  });
});

describe('what is sealed', () => {
  const [key, other] = readDataKeys(`${newDataKey()} ${newDataKey()}`, 'a test');
  if (key === undefined || other === undefined) throw new Error('There are two keys.');

  it('opens with its key, at its place, and shows nothing before', () => {
    const sealed = seal('the words of the visitor', 'setting one', key);
    expect(sealedWith(sealed)).toBe(key.id);
    expect(unseal(sealed, 'setting one', [other, key])).toBe('the words of the visitor');
    expect(Buffer.from(sealed.split(':')[4] ?? '', 'base64url').toString('latin1')).not.toContain('words');
    expect(seal('the words of the visitor', 'setting one', key)).not.toBe(sealed);
  });

  it('opens with no other key, nowhere else, and not with one bit changed', () => {
    const sealed = seal('the words of the visitor', 'setting one', key);
    expect(() => unseal(sealed, 'setting one', [other])).toThrow(key.id);
    expect(() => unseal(sealed, 'setting two', [key])).toThrow('setting two');
    expect(() => unseal(sealed.replace(key.id, other.id), 'setting one', [other])).toThrow('was changed');
    const body = sealed.slice(sealed.lastIndexOf(':') + 1);
    for (let i = 0; i < body.length; i++) {
      const letter = body[i] === 'A' ? 'B' : 'A';
      const changed = sealed.slice(0, -body.length) + body.slice(0, i) + letter + body.slice(i + 1);
      if (Buffer.from(body, 'base64url').equals(Buffer.from(changed.split(':')[4] ?? '', 'base64url'))) continue;
      expect(() => unseal(changed, 'setting one', [key])).toThrow('was changed');
    }
  });
});

describe('a key file', () => {
  it('is made for this user alone, once', () => {
    const file = newFile();
    expect(ensureKeyFile(file)).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [key] = readKeys({ kind: 'file', file });
    expect(ensureKeyFile(file)).toBe(false);
    expect(readKeys({ kind: 'file', file })[0]?.id).toBe(key?.id);
  });

  it('gets a new key before the old one, whole or not at all', () => {
    const file = newFile();
    ensureKeyFile(file);
    const [old] = readKeys({ kind: 'file', file });
    writeFileSync(`${file}.new`, 'half');
    expect(() => addKeyTo(file)).toThrow('somebody else');
    expect(readKeys({ kind: 'file', file }).map(({ id }) => id)).toEqual([old?.id]);
    rmSync(`${file}.new`);
    expect(addKeyTo(file)[1]?.id).toBe(old?.id);
    expect(readKeys({ kind: 'file', file }).map(({ id }) => id)[1]).toBe(old?.id);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(existsSync(`${file}.new`)).toBe(false);
  });

  it('is asked for by name when it is not there', () => {
    expect(() => readKeys({ kind: 'file', file: '/nowhere/key' })).toThrow('There is no key file /nowhere/key');
  });
});

describe('secrets that the relay makes for itself', () => {
  function house(store: Store = createMemoryStore(), file = newFile()) {
    ensureKeyFile(file);
    const open = () => createKeptSecrets({ store, clock, readKeys: () => readKeys({ kind: 'file', file }) });
    return { store, file, open };
  }

  it('are made once, sealed, and the same for every process', async () => {
    const { store, open } = house();
    const [one, two] = await Promise.all([open(), open()].map((secrets) => secrets.open('survey-link-secret')));
    expect(one?.all).toHaveLength(1);
    expect(two?.all).toEqual(one?.all);
    const text = (await store.setting('survey-link-secret')) ?? '';
    expect(sealedWith(text)).not.toBeNull();
    expect(text).not.toContain(one?.all[0]?.secret);
  });

  it('that lay open before are sealed as they are', async () => {
    const { store, open } = house();
    await store.keepSetting('survey-link-secret', 'an old one');
    expect((await open().open('survey-link-secret')).all).toEqual([{ id: 'first', secret: 'an old one', since: 0 }]);
    expect(await store.setting('survey-link-secret')).not.toContain('an old one');
  });

  it('are rotated, and the two before them still hold, here and elsewhere', async () => {
    const { open } = house();
    const [here, elsewhere] = [open(), open()];
    const kept = await here.open('survey-link-secret');
    const other = await elsewhere.open('survey-link-secret');
    const ids = [kept.all[0]?.id];
    for (let i = 0; i < 4; i++) ids.unshift((await here.rotate('survey-link-secret')).id);
    expect(kept.all.map(({ id }) => id)).toEqual(ids.slice(0, 3));
    expect(other.all.map(({ id }) => id)).toEqual(ids.slice(4));
    await elsewhere.refresh();
    expect(other.all).toEqual(kept.all);
  });

  it('that were rotated twice at once keep both', async () => {
    const { open } = house();
    const [one, two] = [open(), open()];
    await one.open('survey-link-secret');
    const made = await Promise.all([one.rotate('survey-link-secret'), two.rotate('survey-link-secret')]);
    const all = (await open().open('survey-link-secret')).all.map(({ id }) => id);
    expect(all).toEqual(expect.arrayContaining(made.map(({ id }) => id)));
  });

  it('are sealed again with a new key while others read them, and a run that was broken off is finished by the next', async () => {
    const { store, file, open } = house();
    const running = open();
    const links = await running.open('survey-link-secret');
    const audit = await running.open('audit-secret');
    const before = [links.all, audit.all];
    const [newest] = addKeyTo(file);
    let writes = 0;
    const failing = createKeptSecrets({
      clock,
      readKeys: () => readKeys({ kind: 'file', file }),
      store: {
        ...store,
        saveSetting: async (...args) => {
          if (++writes === 2) throw new Error('The disk is away.');
          return store.saveSetting(...args);
        },
      },
    });
    await expect(failing.reseal()).rejects.toThrow('away');
    await running.refresh();
    expect([links.all, audit.all]).toEqual(before);
    expect(await open().reseal()).toBe(1);
    expect(await open().reseal()).toBe(0);
    for (const text of (await store.settings()).values()) expect(sealedWith(text)).toBe(newest?.id);
    await running.refresh();
    expect([links.all, audit.all]).toEqual(before);
    // The old key may go now.
    writeFileSync(file, readFileSync(file, 'utf8').split('\n')[0] ?? '');
    expect((await open().open('audit-secret')).all).toEqual(audit.all);
  });

  it('are refused without their key, and no new key is made in its place', async () => {
    const { store, file } = house();
    const parts = { store, clock, log: silentLog, isFleeting: false };
    const config = { secretKey: { kind: 'file', file }, dataDir: folder } as const;
    await (await openSecrets({ ...parts, config })).open('survey-link-secret');
    const empty = mkdtempSync(join(folder, 'empty-'));
    await expect(openSecrets({ ...parts, config: { secretKey: null, dataDir: empty } })).rejects.toThrow(
      'There is no key file',
    );
    expect(existsSync(join(empty, 'sveiki.key'))).toBe(false);
    const wrong = { kind: 'text', text: newDataKey(), from: 'SVEIKI_SECRET_KEY' } as const;
    await expect(openSecrets({ ...parts, config: { secretKey: wrong, dataDir: empty } })).rejects.toThrow(
      'that key is not given',
    );
  });
});

describe('a secret of the configuration', () => {
  it('stands in place, in the environment, or in a file', () => {
    const file = newFile();
    writeFileSync(file, 'a-long-one-of-the-file\n');
    const env = { TOKEN: 'a-long-one-of-the-environment', OTHER_FILE: file };
    expect(secretOf('a-long-one-in-place', env, folder)).toEqual({ secret: 'a-long-one-in-place' });
    expect(secretOf({ env: 'TOKEN' }, env, folder)).toEqual({ secret: 'a-long-one-of-the-environment' });
    expect(secretOf({ env: 'OTHER' }, env, folder)).toEqual({ secret: 'a-long-one-of-the-file' });
    expect(secretOf({ file }, env, '/')).toEqual({ secret: 'a-long-one-of-the-file' });
  });

  it('that is missing is asked for, with the way out', () => {
    const empty = newFile();
    writeFileSync(empty, '\n');
    expect(secretOf({ env: 'TOKEN' }, {}, folder).problem?.fix).toContain('TOKEN_FILE');
    expect(secretOf({ file: empty }, {}, folder).problem?.reason).toContain('is empty');
    expect(secretOf({ file: 'gone' }, {}, folder).problem?.reason).toBe(`There is no file ${join(folder, 'gone')}.`);
  });

  it.each([
    'changeme-changeme-changeme',
    'your-secret-key-goes-here-please',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'password',
    'abababababababababababababababab',
  ])('is refused when everybody knows it: %s', (secret) => {
    expect(weakness(secret)).not.toBeNull();
    expect(secretOf(secret, {}, folder).problem?.fix).toContain('openssl');
  });

  it('that is random passes', () => {
    for (let i = 0; i < 1_000; i++) {
      expect(weakness(newDataKey())).toBeNull();
      expect(weakness(newDataKey().slice(4, 24))).toBeNull();
    }
  });
});
