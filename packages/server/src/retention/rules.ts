import type { RetentionRuleInput } from '@sveiki/sdk/config';
import * as v from 'valibot';
import type { Config } from '../config-types.ts';

/** What is kept for how long: of these teams and sites, or of all. */
export interface RetentionRule {
  what: RetentionRuleInput['what'];
  days: number;
  teams: readonly string[] | null;
  sites: readonly string[] | null;
}

const MAX_DAYS = 3_650;
const names = v.pipe(
  v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(200))),
  v.minLength(1, 'is empty.|Name at least one, or leave it out for all.'),
  v.maxLength(1_000),
);

/** The list `privacy.retention` of a configuration. */
export const retentionSettings = v.pipe(
  v.array(
    v.pipe(
      v.strictObject({
        what: v.picklist(
          ['messages', 'files', 'answers', 'visitors'],
          'is none of these.|Use messages, files, answers or visitors.',
        ),
        days: v.pipe(
          v.number(),
          v.integer('is no whole number.|Write whole days.'),
          v.minValue(1, 'is below 1.|Use 1 to 3650.'),
          v.maxValue(MAX_DAYS, 'is above 3650.|Use 1 to 3650; leave the rule out to keep things.'),
        ),
        teams: v.exactOptional(names),
        sites: v.exactOptional(names),
      }),
      v.check(
        ({ what, teams }) => what !== 'visitors' || teams === undefined,
        'has teams, and visitors have none.|They belong to sites: name "sites", or nothing.',
      ),
    ),
  ),
  v.maxLength(100, 'has more than 100 rules.|Join some: a rule may name several teams.'),
);

export function retentionRules(chosen: v.InferOutput<typeof retentionSettings>): RetentionRule[] {
  return chosen.map(({ what, days, teams = null, sites = null }) => ({ what, days, teams, sites }));
}

/** As the configuration says what is wrong with it. */
interface Problem {
  path: string;
  reason: string;
  fix: string;
}

/** Names that nothing has: such a rule would take nothing, and nobody would notice. */
export function retentionProblems({ privacy, teams, sites }: Pick<Config, 'privacy' | 'teams' | 'sites'>): Problem[] {
  const known = { team: new Set(teams.map(({ id }) => id)), site: new Set(sites.map(({ key }) => key)) };
  const unknown = (kind: 'team' | 'site', names: readonly string[] | null, path: string): Problem[] =>
    (names ?? []).flatMap((name, n) =>
      known[kind].has(name)
        ? []
        : [
            {
              path: `${path}.${kind}s[${n}]`,
              reason: `There is no ${kind} "${name}".`,
              fix: `Use one of ${[...known[kind]].map((one) => `"${one}"`).join(', ')}.`,
            },
          ],
    );
  return privacy.retention.flatMap((rule, i) => {
    const path = `privacy.retention[${i}]`;
    return [...unknown('team', rule.teams, path), ...unknown('site', rule.sites, path)];
  });
}
