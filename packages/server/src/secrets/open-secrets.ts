import type { Config } from '../config-types.ts';
import type { Log } from '../log.ts';
import type { AuditKey, Clock, Store } from '../ports.ts';
import { sealedWith } from './envelope.ts';
import { createKeptSecrets, fleetingSecrets, type KeptSecrets, type LiveSecret } from './kept-secrets.ts';
import { ensureKeyFile, type KeySource, keyFileIn, readKeys } from './key-source.ts';

/** Where the keys of a configuration are: where it says, else in a file beside the database. */
export function keySourceOf(config: Pick<Config, 'secretKey' | 'dataDir'>): KeySource {
  return config.secretKey ?? { kind: 'file', file: keyFileIn(config.dataDir) };
}

/**
 * Opens what the relay keeps sealed, and has the store seal its audit log. A key file is made only where nobody named a key and nothing is sealed yet:
 * a database whose key is missing is refused.
 *
 * @throws SecretKeyError
 */
export async function openSecrets(parts: {
  config: Pick<Config, 'secretKey' | 'dataDir'>;
  store: Store;
  clock: Clock;
  log: Log;
  /** The store forgets everything when it closes, so a key for it need not be kept. */
  isFleeting: boolean;
}): Promise<KeptSecrets> {
  const { config, store, clock, log, isFleeting } = parts;
  const secrets = isFleeting && config.secretKey === null ? fleetingSecrets(parts) : await keptSecrets();
  const auditSecret = await secrets.open('audit-secret');
  await store.setAuditKey(auditKeysOf(auditSecret)[0] as AuditKey);
  return {
    ...secrets,
    async refresh() {
      const before = auditSecret.all[0]?.id;
      await secrets.refresh();
      if (auditSecret.all[0]?.id !== before) await store.setAuditKey(auditKeysOf(auditSecret)[0] as AuditKey);
    },
  };

  async function keptSecrets(): Promise<KeptSecrets> {
    const source = keySourceOf(config);
    if (config.secretKey === null && source.kind === 'file') {
      const isSealed = [...(await store.settings()).values()].some((text) => sealedWith(text) !== null);
      if (!isSealed && ensureKeyFile(source.file))
        log.info(
          { file: source.file },
          'A key was made for what is kept sealed in the database. Copy it to a place of its own: without it a backup opens no secret.',
        );
    }
    return createKeptSecrets({ store, clock, readKeys: () => readKeys(source) });
  }
}

/** The keys that rows of the audit log are sealed with, the newest first. */
export function auditKeysOf({ all }: LiveSecret): AuditKey[] {
  return all.map(({ id, secret }) => ({ id, secret: Buffer.from(secret, 'base64url') }));
}
