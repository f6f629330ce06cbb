import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CommandFailed, type CommandLine, say } from './command-line.ts';
import { EXIT } from './exit-codes.ts';
import { withSmallYoungHeap } from './young-heap.ts';

const HELP = `Usage: sveiki <command>

  start                       Runs the relay until SIGTERM or Ctrl-C.
  dev                         The same, and follows changes of the configuration while it runs.
  check                       Reads the configuration and says what is wrong with it.
  backup <folder>             Copies the data into a new folder, also while the relay runs.
  restore <backup>            Puts a backup into the data folder, after it has read all of it.
      --verify                Checks the log of every conversation, too.
      --replace               Keeps what is there beside it. Stop the relay first.
  add-agent <email> <name>    Adds somebody who answers, and prints a link to sign in with.
      --role agent|lead|manager|admin   --team <id> (as often as needed)   --capacity <number>
  link <email>                Prints a link that signs in once, within 15 minutes.
  set-password <email>        Reads a new password from standard input; every session ends.
  deactivate <email>          Takes all rights away; open sessions end within seconds.
  sign-out-everybody          Ends every session of agents and visitors; what is open ends within seconds.
  reload                      Has relays that run read their configuration and its secrets again.
  make-key                    Prints a key for SVEIKI_SECRET_KEY or a key file.
  rotate key|links|audit|site Puts a new secret in place of one, also while the relay runs.
  audit verify                Checks that no row of the audit log was changed, taken out or put in.
      --anchor <position:hash>
  audit export                Prints rows of the audit log as CSV.
      --since <date>   --until <date>   --person <visitor>   --agent <id>   --action <name>
  export-person <who> <file>  Writes all that a person may see of what is kept about him into a new ZIP file.
      --all                   Notes and what routing decided, too.
  erase-person <who>          Says what is kept about a person; takes it out for good, and prints the receipt.
      --confirm   --reason asked-by-person|consent-withdrawn|no-longer-needed|unlawful|other
  retention                   Takes out what was kept long enough. A relay that runs does it by itself.
      --dry-run               Only counts it, with examples.
  simulate                    Plays past conversations through this routing: waits, loads, fairness, side by side.
      --days <number> (7)   --seed <number>   --picture <file.svg>
  demo                        Runs a shop with made-up conversations, to look around.

Options
  --config <file>             Configuration: JSON, or a module with a default export.
                              Default: SVEIKI_CONFIG, else sveiki.config.ts, .mjs, .js or .json here
  --help, --version

Environment: PORT, HOST, SVEIKI_CONFIG, SVEIKI_DATA_DIR, SVEIKI_PUBLIC_URL, SVEIKI_LOG_LEVEL,
SVEIKI_METRICS_TOKEN, SVEIKI_SECRET_KEY, SVEIKI_TRUSTED_PROXIES, SVEIKI_RATE_FACTOR
A secret may be in a file: NAME_FILE names it in place of NAME.

Exit codes: ${EXIT.ok} done · ${EXIT.failed} failed · ${EXIT.usage} not understood · ${EXIT.data} database damaged or newer · ${EXIT.store} store failed · ${EXIT.config} configuration
`;

const OPTIONS = {
  config: { type: 'string' },
  role: { type: 'string' },
  team: { type: 'string', multiple: true },
  capacity: { type: 'string' },
  days: { type: 'string' },
  seed: { type: 'string' },
  picture: { type: 'string' },
  verify: { type: 'boolean' },
  replace: { type: 'boolean' },
  anchor: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  person: { type: 'string' },
  agent: { type: 'string' },
  action: { type: 'string' },
  reason: { type: 'string' },
  all: { type: 'boolean' },
  confirm: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** Runs `sveiki` with these arguments and gives its exit code. Nothing that is slow to load is loaded before it is needed. */
export async function runCommand(args: readonly string[]): Promise<number> {
  try {
    const { positionals, values } = parse(args);
    const [command, ...rest] = positionals;
    if (values.version) return say(versionText());
    if (values.help || command === 'help') return say(HELP);
    const line: CommandLine = { positionals: rest, values, env: process.env };
    switch (command) {
      case 'start':
        return await (await withSmallYoungHeap(() => import('./serve.ts'))).start(expecting(line, 0));
      case 'dev':
        return await (await withSmallYoungHeap(() => import('./dev.ts'))).dev(expecting(line, 0));
      case 'demo':
        return await (await withSmallYoungHeap(() => import('./serve.ts'))).demo(expecting(line, 0));
      case 'check':
        return await (await import('./check.ts')).check(expecting(line, 0));
      case 'backup':
        return await (await import('./backup.ts')).backup(expecting(line, 1));
      case 'restore':
        return await (await import('./restore.ts')).restore(expecting(line, 1));
      case 'add-agent':
        return await (await import('./agents.ts')).addAgent(expecting(line, 2));
      case 'link':
        return await (await import('./agents.ts')).link(expecting(line, 1));
      case 'set-password':
        return await (await import('./agents.ts')).setPassword(expecting(line, 1));
      case 'deactivate':
        return await (await import('./agents.ts')).deactivate(expecting(line, 1));
      case 'sign-out-everybody':
        return await (await import('./rotate.ts')).signOutEverybody(expecting(line, 0));
      case 'reload':
        return await (await import('./rotate.ts')).reload(expecting(line, 0));
      case 'make-key':
        return (await import('./rotate.ts')).makeKey();
      case 'rotate':
        return await (await import('./rotate.ts')).rotate(expecting(line, 1));
      case 'audit':
        return await (await import('./audit.ts')).audit(expecting(line, 1));
      case 'export-person':
        return await (await import('./export-person.ts')).exportPersonTo(expecting(line, 2));
      case 'erase-person':
        return await (await import('./erase-person.ts')).erasePerson(expecting(line, 1));
      case 'retention':
        return await (await import('./retention.ts')).retention(expecting(line, 0));
      case 'simulate':
        return await (await import('./simulate.ts')).simulateConfig(expecting(line, 0));
      case undefined:
        throw new CommandFailed(HELP, EXIT.usage);
      default:
        throw new CommandFailed(`There is no command "${command}". "sveiki --help" lists them.`, EXIT.usage);
    }
  } catch (error) {
    process.stderr.write(`${messageOf(error).trimEnd()}\n`);
    return exitCodeOf(error);
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new CommandFailed(`${(error as Error).message}\n"sveiki --help" says what there is.`, EXIT.usage);
  }
}

function expecting(line: CommandLine, count: number): CommandLine {
  if (line.positionals.length === count) return line;
  const what = count === 0 ? 'no more words' : count === 1 ? 'one more word' : `${count} more words`;
  throw new CommandFailed(
    `This command takes ${what}, and there are ${line.positionals.length}. "sveiki --help" shows them.`,
    EXIT.usage,
  );
}

/** Expected ends have names; everything else is a fault of ours and shows where it comes from. */
const CODES: Record<string, number> = {
  ConfigError: EXIT.config,
  CorruptDatabase: EXIT.data,
  NewerDatabase: EXIT.data,
  PortTaken: EXIT.failed,
  SecretKeyError: EXIT.config,
  StorageFull: EXIT.store,
};

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandFailed) return error.exitCode;
  return error instanceof Error ? (CODES[error.name] ?? EXIT.failed) : EXIT.failed;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof CommandFailed || CODES[error.name] !== undefined) return error.message;
  return error.stack ?? error.message;
}

function versionText(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', packageFolderOf(import.meta.url)), 'utf8')) as {
    version: string;
  };
  return `${manifest.version}\n`;
}

/** The manifest lies above `dist/` when this is built, and above `src/` when it is not: this file is in `src/cli/` then. */
function packageFolderOf(url: string): string {
  return url.includes('/src/cli/') ? new URL('../', url).href : url;
}
