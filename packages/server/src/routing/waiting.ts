import { type ConversationState, queuePlaceOf } from '@sveiki/protocol';
import type { RelaxStep, SkillNeed } from '@sveiki/sdk/config';
import type { Waiting } from '../domain/routing/assign.ts';
import { weightIn } from '../domain/routing/carrying.ts';

/** A queued conversation as routing plans with it. All of it stands in its log. */
export function waitingOf(state: ConversationState): Waiting {
  const { routing, offer, passedBy = [], passedAt = null } = state;
  return {
    ...queuePlaceOf(state),
    // The wire knows skills as words; what came over it was checked against the configuration.
    skills: (routing?.skills ?? []) as SkillNeed[],
    relax: (routing?.relax ?? []) as RelaxStep[],
    sticky: routing?.sticky ?? null,
    weight: weightIn(state),
    offered: offer !== undefined,
    passedBy,
    passedAt,
  };
}
