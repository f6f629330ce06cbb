import { visibleFields } from '@sveiki/sdk';
import type { FigureInterval } from '@sveiki/sdk/agent';
import { openBookshop } from './bookshop.ts';

const shop = await openBookshop();

// Satisfaction: a tap counts at once, a comment may follow.
for (const score of [5, 5, 4, 5, 2]) {
  const { chat, question } = await shop.serve('sales');
  const { id } = await question();
  await chat.answer(id, { score }, { partial: true });
  if (score < 4) await chat.answer(id, { score, comment: 'It took very long.' });
}

// A form of one's own: what is asked depends on what was answered.
const { chat, question } = await shop.serve('returns');
const { id, form } = await question();
for (const answers of [{ reason: 'read' }, { reason: 'damaged', ease: 3 }])
  console.log(`${JSON.stringify(answers)} asks ${visibleFields(form, answers).map((field) => field.id)}`);
await chat.answer(id, { reason: 'damaged', packing: 'Thicker paper.', ease: 3, hard: ['label'] });

// Recommendation: half of the conversations are asked.
for (let i = 0; i < 6; i++) await shop.serve('club');

for (const { id, response, questions } of await shop.cleo.surveys.list()) {
  console.log(`\n${id}: ${response.sent} asked, ${response.answered} answered`);
  for (const { field, human } of questions) {
    const [value, margin] =
      human.kind === 'nps'
        ? [human.nps, human.margin === null ? '' : `± ${human.margin.toFixed(0)}`]
        : [human.kind === 'csat' ? human.csat : human.ces, spanOf(human.interval)];
    console.log(`  ${human.kind} of "${field}": ${value ?? '-'} (n ${human.n}${human.few ? ', few' : ''}) ${margin}`);
  }
}
const { rows } = await shop.cleo.surveys.answers('satisfaction', { score: 2 });
console.log(`\nThe 2 leads to conversation ${rows[0]?.conversation}: ${JSON.stringify(rows[0]?.answers)}`);
await shop.stop();

function spanOf(interval: FigureInterval | null): string {
  return interval === null ? '' : `95 % between ${interval.low.toFixed(0)} and ${interval.high.toFixed(0)}`;
}
