import { configFile, loadConfig } from '../config.ts';
import type { Schedule } from '../config-types.ts';
import { seedDemo } from '../demo/seed.ts';
import { DEMO_PASSWORD, demoConfigFile, STAFF } from '../demo/shop.ts';
import { createLog, type LogOptions } from '../log.ts';
import { openFiles, type RunningServer, startServer } from '../main.ts';
import { type CommandLine, say } from './command-line.ts';
import { EXIT } from './exit-codes.ts';
import { readsAgain } from './read-again.ts';

const DEMO_LINK_LIFE_MS = 24 * 3_600_000;

/** `sveiki start` */
export async function start({ values, env }: CommandLine): Promise<number> {
  const file = configFile({ ...(values.config === undefined ? {} : { file: values.config }), env });
  const config = await loadConfig({ file, env });
  const end = untilToldToEnd();
  const server = await startServer(config, {
    source: file,
    readAgain: readsAgain(file, env),
    onFault: () => end.now(EXIT.store),
  });
  return end.stop(server);
}

/** `sveiki demo` */
export async function demo({ env }: CommandLine): Promise<number> {
  const config = await loadConfig({ file: demoConfigFile(), env, folder: process.cwd() });
  // A demo that is shown to others has an address of its own; the widget must work there too.
  for (const { origins } of config.sites) if (!origins.includes(config.publicUrl)) origins.push(config.publicUrl);
  const log = createLog({
    level: config.logLevel,
    write: (line) => void process.stderr.write(line),
  } satisfies LogOptions);
  const end = untilToldToEnd();
  const server = await startServer(config, {
    log,
    hasShop: true,
    source: 'the demo',
    alsoAt: config.sites[0]?.origins ?? [],
    prepare: async ({ store, config: own, passwords }) => {
      const { publicUrl: origin, schedules } = own;
      const parts = { store, files: await openFiles(own), now: Date.now(), origin, passwords };
      await seedDemo({ ...parts, hours: schedules['shop'] as Schedule });
    },
    onFault: () => end.now(EXIT.store),
  });
  const { publicUrl: origin } = server.config;
  const code = await server.auth.makeCode(STAFF.ada.id, DEMO_LINK_LIFE_MS);
  const people = Object.values(STAFF).map(({ email, name, role }) => `  ${email.padEnd(28)}${name}, ${role}`);
  say(
    [
      '',
      `Shop ${origin}/shop/`,
      `Desk ${origin}/desk/#code=${code}`,
      '',
      `The Desk link signs ${STAFF.ada.name} in, once. At ${origin}/desk/ everybody signs in with the password ${DEMO_PASSWORD}:`,
      ...people,
      '',
      `What is said is kept in ${config.dataDir}`,
      'Press Ctrl-C to stop.',
      '',
    ].join('\n'),
  );
  return end.stop(server);
}

/** Waits for SIGTERM, SIGINT (Ctrl-C) or SIGHUP, or for `now`; a second signal ends the process at once. */
export function untilToldToEnd(): { now(code: number): void; stop(server: RunningServer): Promise<number> } {
  let tell: (code: number) => void = () => {};
  const told = new Promise<number>((resolve) => {
    tell = resolve;
  });
  let signals = 0;
  for (const [signal, number] of [
    ['SIGTERM', 15],
    ['SIGINT', 2],
    ['SIGHUP', 1],
  ] as const) {
    process.on(signal, () => {
      if (++signals > 1) process.exit(128 + number);
      tell(EXIT.ok);
    });
  }
  return {
    now: tell,
    async stop(server) {
      const code = await told;
      await server.stop();
      return code;
    },
  };
}
