// `npm run eval:masking`: how many lines of real customer-service conversations have something hidden in them, by kind, and the first of them to look at.
// The conversations lie beside the repository (../shared/data); without them there is nothing to measure, and that is an error.
import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createMask, MASKED_KINDS } from '../../packages/protocol/src/index.ts';

const folder = resolve(import.meta.dirname, '../../../shared/data');
const shownLines = 20;
if (!existsSync(folder)) {
  console.error(`There are no conversations in ${folder}. Put them there as .json, .jsonl, .csv or .txt files.`);
  process.exit(1);
}
const mask = createMask({ kinds: MASKED_KINDS });
const found: Record<string, number> = {};
const shown: string[] = [];
let lines = 0;
let hidden = 0;
for (const name of readdirSync(folder, { recursive: true }).map(String)) {
  if (!/\.(jsonl?|csv|tsv|txt)$/.test(name)) continue;
  for await (const line of createInterface({ input: createReadStream(join(folder, name)) })) {
    // A line of a file of its own making may be a whole book: what a message may have is looked at.
    const text = line.slice(0, 16_384);
    const masked = mask(text);
    lines++;
    if (masked.hidden.length === 0) continue;
    hidden++;
    for (const kind of masked.hidden) found[kind] = (found[kind] ?? 0) + 1;
    const at = masked.text.indexOf('••');
    if (shown.length < shownLines) shown.push(`  ${name}: ${masked.text.slice(Math.max(0, at - 50), at + 30)}`);
  }
}
const share = ((100 * hidden) / Math.max(1, lines)).toFixed(3);
console.log(`${hidden} of ${lines} lines (${share} %) have something hidden in them: ${JSON.stringify(found)}`);
console.log(shown.join('\n'));
