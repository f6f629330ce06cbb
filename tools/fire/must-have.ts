import { spawnSync } from 'node:child_process';

/** @throws Error that says which program of the system is missing and where it comes from */
export function mustHave(program: string, from = program): void {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  if (error !== undefined) throw new Error(`This needs ${program}. On Debian: apt-get install ${from}`);
}
