import { defineConfig } from '@sveiki/sdk/config';
import type { Arrival } from '@sveiki/server/simulate';
import config from './sveiki.config.ts';

const MINUTE = 60_000;

/** The same service without its second thoughts: whoever speaks a language that nobody does waits for ever. */
export const strict = defineConfig({ ...config, teams: config.teams.map((team) => ({ ...team, relax: [] })) });

/** An hour of bicycles: somebody every ten minutes, in turns in German, Latvian and Finnish, which nobody of the team speaks. */
export function quietDay(): Arrival[] {
  const languages = ['de', 'lv', 'fi'];
  return Array.from({ length: 6 }, (_, i) => ({
    id: `visit-${i}`,
    at: i * 10 * MINUTE,
    visitor: `visitor-${i}`,
    team: 'sales',
    language: languages[i % languages.length] ?? null,
    text: 'bicycle',
    patienceMs: 5 * MINUTE,
    handleMs: 8 * MINUTE,
  }));
}
