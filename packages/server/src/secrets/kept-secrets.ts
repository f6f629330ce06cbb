import { randomBytes } from 'node:crypto';
import type { AuditNote, Clock, Store } from '../ports.ts';
import { type DataKey, newDataKey, readDataKeys } from './data-key.ts';
import { seal, sealedWith, UnknownDataKey, unseal } from './envelope.ts';

/** Secrets that the relay makes for itself and keeps in the store, sealed; and how many of each hold at once. */
export const KEPT_SECRETS = {
  /** Signs links to surveys. */
  'survey-link-secret': 3,
  /** Signs links to files. */
  'file-link-secret': 3,
  /** Signs what pages keep about a site; both hold, so that pages have the time between two rotations to pin the newer one. */
  'site-key-secret': 2,
  /** Seals the audit log; older ones are needed as long as their rows. */
  'audit-secret': 1_000,
} as const satisfies Record<string, number>;
export type SecretName = keyof typeof KEPT_SECRETS;

/** One generation of a secret. */
export interface KeptSecret {
  id: string;
  /** 32 random bytes as base64url. */
  secret: string;
  /** When it was made; 0: before that was written down. */
  since: number;
}

/** The generations that hold, the newest first; never empty. They change when the secret is rotated. */
export interface LiveSecret {
  readonly all: readonly KeptSecret[];
}

export interface KeptSecrets {
  /** Reads a secret, or makes it. @throws SecretKeyError */
  open(name: SecretName): Promise<LiveSecret>;
  /** Adds a new generation; whoever has opened the secret signs with it from here on, other processes within seconds. */
  rotate(name: SecretName, notes?: readonly AuditNote[]): Promise<KeptSecret>;
  /** Seals everything again that is not under the newest key; may be broken off and begun again. Resolves with how much it was. */
  reseal(): Promise<number>;
  /** Reads again what other processes may have changed. */
  refresh(): Promise<void>;
}

/** Of this process: its relays may share a store. */
let fleeting: readonly DataKey[] | null = null;

/** For tests, simulations and stores that keep nothing: the key is gone with the process. */
export function fleetingSecrets(parts: { store: Store; clock: Clock }): KeptSecrets {
  fleeting ??= readDataKeys(newDataKey(), 'memory');
  const keys = fleeting;
  return createKeptSecrets({ ...parts, readKeys: () => keys });
}

const SECRET_BYTES = 32;
const ID_BYTES = 4;

export function createKeptSecrets(parts: {
  store: Pick<Store, 'setting' | 'settings' | 'saveSetting'>;
  clock: Clock;
  /** Reads the keys again, from where they are kept: another process may have added one. */
  readKeys: () => readonly DataKey[];
}): KeptSecrets {
  const { store, clock, readKeys } = parts;
  let keys = readKeys();
  const opened = new Map<SecretName, { text: string; all: readonly KeptSecret[] }>();

  const placeOf = (name: string): string => `setting ${name}`;
  const made = (): KeptSecret => ({
    id: randomBytes(ID_BYTES).toString('hex'),
    secret: randomBytes(SECRET_BYTES).toString('base64url'),
    since: clock.now(),
  });
  const sealed = (name: string, all: readonly KeptSecret[]): string =>
    seal(JSON.stringify(all), placeOf(name), keys[0] as DataKey);

  function openText(name: string, text: string): string {
    try {
      return unseal(text, placeOf(name), keys);
    } catch (error) {
      if (!(error instanceof UnknownDataKey)) throw error;
      keys = readKeys();
      return unseal(text, placeOf(name), keys);
    }
  }

  /** Before secrets were sealed one stood there as it was. */
  const generationsOf = (name: string, text: string): KeptSecret[] =>
    sealedWith(text) === null
      ? [{ id: 'first', secret: text, since: 0 }]
      : (JSON.parse(openText(name, text)) as KeptSecret[]);

  async function read(name: SecretName): Promise<{ text: string; all: readonly KeptSecret[] }> {
    for (;;) {
      const text = await store.setting(name);
      if (text !== null && sealedWith(text) !== null) return { text, all: generationsOf(name, text) };
      const all = text === null ? [made()] : generationsOf(name, text);
      const next = sealed(name, all);
      if (await store.saveSetting(name, next, text)) return { text: next, all };
    }
  }

  function live(name: SecretName): LiveSecret {
    return {
      get all() {
        return opened.get(name)?.all ?? [];
      },
    };
  }

  return {
    async open(name) {
      if (!opened.has(name)) opened.set(name, await read(name));
      return live(name);
    },
    async rotate(name, notes = []) {
      for (;;) {
        const before = await read(name);
        const newest = made();
        const all = [newest, ...before.all].slice(0, KEPT_SECRETS[name]);
        const text = sealed(name, all);
        if (!(await store.saveSetting(name, text, before.text, notes))) continue;
        if (opened.has(name)) opened.set(name, { text, all });
        return newest;
      }
    },
    async reseal() {
      let count = 0;
      keys = readKeys();
      for (const [name, text] of await store.settings()) {
        const id = sealedWith(text);
        if (id === null || id === keys[0]?.id) continue;
        const next = seal(openText(name, text), placeOf(name), keys[0] as DataKey);
        // When it fails, another process was faster: its value is under the newest key, or is found the next time.
        if (await store.saveSetting(name, next, text)) count += 1;
      }
      return count;
    },
    async refresh() {
      for (const [name, { text }] of opened) {
        const now = await store.setting(name);
        if (now === null || now === text) continue;
        opened.set(name, { text: now, all: generationsOf(name, now) });
      }
    },
  };
}
