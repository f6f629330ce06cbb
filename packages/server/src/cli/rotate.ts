import { systemClock } from '../clock.ts';
import { createIds } from '../ids.ts';
import { orderReload } from '../orders.ts';
import { publicKeyOf } from '../public-site/signer.ts';
import { newDataKey } from '../secrets/data-key.ts';
import type { KeptSecrets, SecretName } from '../secrets/kept-secrets.ts';
import { addKeyTo } from '../secrets/key-source.ts';
import { keySourceOf } from '../secrets/open-secrets.ts';
import { CommandFailed, type CommandLine, say } from './command-line.ts';
import { EXIT } from './exit-codes.ts';
import { inRoom } from './room.ts';

/** `sveiki make-key`: a key for the key file or `SVEIKI_SECRET_KEY`, on standard output. */
export function makeKey(): number {
  return say(`${newDataKey()}\n`);
}

/** Secrets that the relay made for itself, as people call them. */
const KEPT: Record<string, readonly SecretName[]> = {
  links: ['survey-link-secret', 'file-link-secret'],
  audit: ['audit-secret'],
  site: ['site-key-secret'],
};

/** What comes of it. */
const SAYS: Record<string, (secrets: KeptSecrets) => string | Promise<string>> = {
  links: () =>
    'Links are signed with a new secret. Those that were made before stay right until they end, or until the second rotation from here.\n',
  audit: () => 'The audit log is sealed with a new secret from here on. "sveiki audit verify" knows the old ones.\n',
  site: async (secrets) =>
    `What pages keep about their site is signed with a new key, and with the one before until the next rotation. Pages that pin a key get this one:\n` +
    `data-key="${publicKeyOf((await secrets.open('site-key-secret')).all[0]?.secret ?? '')}"\n`,
};

/** `sveiki rotate key|links|audit|site` */
export async function rotate(line: CommandLine): Promise<number> {
  const what = line.positionals[0] ?? '';
  if (what === 'key') return rotateKey(line);
  const names = KEPT[what];
  if (names === undefined)
    throw new CommandFailed(`There is no "${what}" to rotate. Use key, links, audit or site.`, EXIT.usage);
  return inRoom(line, async ({ secrets, audit }) => {
    for (const name of names) {
      await secrets.open(name);
      await secrets.rotate(name, audit.notes({ actor: 'operator', action: 'key.rotated', object: `secret:${name}` }));
    }
    return SAYS[what]?.(secrets) ?? '';
  });
}

/** A new key goes before the old one in the file; everything is sealed again with it, here and now, while relays run. */
function rotateKey(line: CommandLine): Promise<number> {
  return inRoom(line, async ({ config, secrets, audit }) => {
    const source = keySourceOf(config);
    if (source.kind === 'text')
      throw new CommandFailed(
        `The key is in ${source.from}, which only who starts the relay can change. Put a new one ("sveiki make-key") before the old one there, with a ` +
          'space between them, and start the relays again, one after the other: they seal everything with the first. Or keep it in a file and name ' +
          `that in ${source.from}_FILE; then this command does it while they run.`,
      );
    const [newest, ...older] = addKeyTo(source.file);
    await audit.note({ actor: 'operator', action: 'key.rotated', object: `key:${newest?.id}` });
    const count = await secrets.reseal();
    return [
      `The key is now ${newest?.id}; ${count} secrets were sealed with it.`,
      `Nothing in the database needs ${older.map(({ id }) => id).join(', ')} any more, but backups made before do: keep a copy with them.`,
      `When there are none, take the line out of ${source.file}.`,
      '',
    ].join('\n');
  });
}

/** `sveiki reload`: relays read their configuration again, with the secrets it names. */
export function reload(line: CommandLine): Promise<number> {
  return inRoom(line, async ({ store }) => {
    // It was read for this command: what is wrong with it was said already.
    await orderReload(store, createIds(systemClock).next());
    return 'The configuration is right. Relays that run read it within 5 seconds, and say in their log that another one holds.\n';
  });
}

/** `sveiki sign-out-everybody` */
export function signOutEverybody(line: CommandLine): Promise<number> {
  return inRoom(line, async ({ auth }) => {
    await auth.endEverySession();
    return 'Every session of agents and visitors has ended, and no sign-in link holds. What is open ends within 5 seconds.\n';
  });
}
