import { EXIT } from './exit-codes.ts';

/** What was asked for cannot be done; the message says why and what to do. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly exitCode: number;
  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

export interface CommandLine {
  positionals: string[];
  values: {
    config?: string | undefined;
    role?: string | undefined;
    team?: string[] | undefined;
    capacity?: string | undefined;
    days?: string | undefined;
    seed?: string | undefined;
    picture?: string | undefined;
    verify?: boolean | undefined;
    replace?: boolean | undefined;
    anchor?: string | undefined;
    since?: string | undefined;
    until?: string | undefined;
    person?: string | undefined;
    agent?: string | undefined;
    action?: string | undefined;
    reason?: string | undefined;
    all?: boolean | undefined;
    confirm?: boolean | undefined;
    'dry-run'?: boolean | undefined;
  };
  env: NodeJS.ProcessEnv;
}

export function say(text: string): number {
  process.stdout.write(text);
  return EXIT.ok;
}
