import * as v from 'valibot';
import { LIMITS } from '../limits.ts';
import { idSchema, instantSchema } from './ids.ts';
import { teamRefSchema } from './people.ts';

/** A skill a conversation needs. Levels run from 1 to 5; a preferred one only raises those who have it. */
export const skillNeedSchema = v.strictObject({
  skill: idSchema,
  level: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(5))),
  required: v.exactOptional(v.boolean()),
});

/** After `afterMs` of waiting a step holds: required skills it names are only preferred from then on. */
export const relaxStepSchema = v.strictObject({
  afterMs: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  drop: v.pipe(v.array(idSchema), v.maxLength(LIMITS.maxSkills)),
});

/** What routing decided, and why. Staff only. */
export const routingSchema = v.strictObject({
  team: v.nullable(teamRefSchema),
  /** Higher goes first; waiting raises it (see the team's ageing). */
  priority: v.pipe(v.number(), v.safeInteger(), v.minValue(-100), v.maxValue(100)),
  skills: v.pipe(v.array(skillNeedSchema), v.maxLength(LIMITS.maxSkills)),
  relax: v.pipe(v.array(relaxStepSchema), v.maxLength(LIMITS.maxSkills)),
  /** Kept for this agent until then. */
  sticky: v.nullable(v.strictObject({ agent: idSchema, until: instantSchema })),
  /** What it takes of an agent's capacity; without one it is 1. */
  weight: v.exactOptional(v.pipe(v.number(), v.minValue(0.25), v.maxValue(20))),
  /** Who decided: nobody in particular, a rule, a hook, or what holds when a hook failed. */
  by: v.picklist(['default', 'rule', 'hook', 'fallback']),
  reason: v.pipe(v.string(), v.maxLength(LIMITS.maxSummaryChars)),
});
export type Routing = v.InferOutput<typeof routingSchema>;

/** Agents who are asked whether they take a conversation, until when. The first who accepts has it. */
export const offerSchema = v.strictObject({
  agents: v.pipe(v.array(idSchema), v.maxLength(LIMITS.maxOffered)),
  until: instantSchema,
});
export type Offer = v.InferOutput<typeof offerSchema>;
