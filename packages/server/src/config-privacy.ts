import { MASKED_KINDS, patternProblem } from '@sveiki/protocol';
import type { PrivacyInput } from '@sveiki/sdk/config';
import * as v from 'valibot';
import { id } from './config-features.ts';
import type { PrivacyConfig } from './config-types.ts';
import { retentionRules, retentionSettings } from './retention/rules.ts';

/** The section `privacy` of a configuration. */

const MAX_OWN_KINDS = 16;
const MAX_PATTERNS = 16;
const optional = v.exactOptional;
const flag = (byDefault: boolean) => optional(v.boolean(), byDefault);

const ownKind = v.strictObject({
  id: v.pipe(
    id,
    v.check(
      (own) => !(MASKED_KINDS as readonly string[]).includes(own),
      'is the name of a kind there is already.|Give yours another.',
    ),
  ),
  patterns: v.pipe(
    v.array(
      v.pipe(
        v.string(),
        v.rawCheck(({ dataset, addIssue }) => {
          const problem = dataset.typed ? patternProblem(dataset.value) : null;
          if (problem !== null) addIssue({ message: problem.replace(/\. /, '.|') });
        }),
      ),
    ),
    v.minLength(1, 'is empty.|Write what these look like: "KL-######".'),
    v.maxLength(MAX_PATTERNS, `has more than ${MAX_PATTERNS} patterns.|Keep those that people really type.`),
  ),
});

const masking = v.strictObject({
  card: flag(true),
  cvv: flag(true),
  key: flag(true),
  'private-key': flag(true),
  iban: flag(false),
  inn: flag(false),
  snils: flag(false),
  custom: optional(
    v.pipe(
      v.array(ownKind),
      v.maxLength(
        MAX_OWN_KINDS,
        `has more than ${MAX_OWN_KINDS} kinds.|Join some: one kind may have several patterns.`,
      ),
      v.check(
        (kinds) => new Set(kinds.map(({ id }) => id)).size === kinds.length,
        'names two kinds alike.|Rename one.',
      ),
    ),
    [],
  ),
});

export const privacySettings = v.strictObject({
  masking: optional(masking, {}),
  retention: optional(retentionSettings, []),
});

export function privacyConfig({ masking: chosen, retention }: v.InferOutput<typeof privacySettings>): PrivacyConfig {
  return {
    masking: { kinds: MASKED_KINDS.filter((kind) => chosen[kind]), own: chosen.custom },
    retention: retentionRules(retention),
  };
}

/** What holds where nothing is said. */
export const DEFAULT_PRIVACY: PrivacyConfig = privacyConfig(v.parse(privacySettings, {} satisfies PrivacyInput));
