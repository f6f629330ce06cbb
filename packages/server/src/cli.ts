#!/usr/bin/env node
import { nodeProblem } from './node-version.ts';

// Everything else is imported after this: a driver made for a newer Node would crash before anybody could say why.
const problem = nodeProblem(process.versions.node);
if (problem === null) {
  const { runCommand } = await import('./cli/run-command.ts');
  process.exitCode = await runCommand(process.argv.slice(2));
} else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}
