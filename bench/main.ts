// Measures what the product promises, each number beside its yardstick in the same run. See README.md for how, and what the noise means.
//
//   npm run bench -- [--only id,id] [--quick]
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureMemory } from './memory.ts';
import { measureMessages } from './messages.ts';
import { type Result, saveResults, tableOf, verdictOf } from './results.ts';
import { measureStartup } from './startup.ts';
import { measureWidget } from './widget.ts';

const benches = {
  widget: measureWidget,
  startup: measureStartup,
  messages: measureMessages,
  memory: measureMemory,
};
const file = join(import.meta.dirname, 'results.json');

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

const values = readArguments();
const wanted = values.only?.split(',');
const unknown = wanted?.find((id) => !Object.hasOwn(benches, id.split('.')[0]!));
if (unknown !== undefined) {
  console.error(
    `There is no bench "${unknown}". There are ${Object.keys(benches).join(', ')}; ids begin with one of them.`,
  );
  process.exit(1);
}

const results: Result[] = [];
for (const [name, measure] of Object.entries(benches)) {
  if (wanted !== undefined && !wanted.some((id) => id.split('.')[0] === name)) continue;
  console.error(`measuring ${name} …`);
  const measured = await measure({ quick: values.quick });
  results.push(...measured.filter(({ id }) => wanted === undefined || wanted.includes(name) || wanted.includes(id)));
}
saveResults(file, results);
console.log(tableOf(results));
process.exit(results.some((result) => verdictOf(result) === 'UNDER FLOOR') ? 1 : 0);

function readArguments(): { only?: string; quick: boolean } {
  try {
    return parseArgs({ options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } } }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\nUse: npm run bench -- [--only id,id] [--quick]`);
    process.exit(1);
  }
}
