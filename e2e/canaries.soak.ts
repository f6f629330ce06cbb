import { expect, it } from 'vitest';
import { SILENT_CHUNKS, UNSEEN, unnamed } from './canaries-unseen.ts';
import { visitEverything } from './canaries-visit.ts';

/* All of it, twice: under the policies of the pages, and without, where nothing but the renderers stands between a text and the page. */
it.each([
  ['under the policies of the pages', false],
  ['without any policy', true],
])('runs nothing of what is in a text, %s', async (_name, isBare) => {
  const visit = await visitEverything({ isShort: false, isBare });
  const { problems, unseen, unvisited, ...counts } = visit;
  console.log(JSON.stringify(counts));
  expect(problems).toEqual([]);
  expect(unnamed(unseen.desk, UNSEEN.desk)).toEqual([]);
  expect(unnamed(unseen.widget, UNSEEN.widget)).toEqual([]);
  expect(unnamed(unvisited, SILENT_CHUNKS)).toEqual([]);
});
