import { simulate } from '@sveiki/server/simulate';
import { quietDay, strict } from './day.ts';
import { startService } from './service.ts';
import config from './sveiki.config.ts';

const service = await startService();
for (const [locale, words] of [
  ['lv', 'Labdien, man ir jautājums par rēķinu.'],
  ['de', 'Guten Tag, mein Fahrrad bremst nicht mehr.'],
  ['en', 'Do you repair coffee machines?'],
] as const) {
  const { owner, routed, assigned } = await service.visitor(locale, words);
  console.log(`${locale}  ${words}\n    → ${owner}: ${routed} · ${assigned}\n`);
}
await service.stop();

for (const [name, one] of [
  ['as configured', config],
  ['without relaxation', strict],
] as const) {
  const [day] = (await simulate(one, quietDay(), { seed: 1 })).variants;
  console.log(`${name}: ${day?.answered} of ${day?.queued} answered, ${day?.abandoned} gave up`);
}
