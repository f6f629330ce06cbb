import type { RelaxStep, SkillNeed } from '@sveiki/sdk/config';

/** A language as a skill: the primary part of its tag. Null for what is no language tag. */
export function languageSkill(tag: string | null): `language:${string}` | null {
  const primary = tag?.toLowerCase().split(/[-_]/)[0] ?? '';
  return /^[a-z]{2,8}$/.test(primary) ? `language:${primary}` : null;
}

export const isRequired = (need: SkillNeed): boolean => need.required !== false;

/** What is needed after some waiting: skills that a step dropped are preferred from then on. */
export function needsAfter(skills: readonly SkillNeed[], relax: readonly RelaxStep[], waitedMs: number): SkillNeed[] {
  const dropped = new Set<string>(relax.flatMap(({ afterMs, drop }) => (afterMs <= waitedMs ? drop : [])));
  if (dropped.size === 0) return [...skills];
  return skills.map((need) =>
    dropped.has(need.skill) || (dropped.has('language') && need.skill.startsWith('language:'))
      ? { ...need, required: false }
      : need,
  );
}

type Skilled = { skills: Readonly<Record<string, number>> };

export function meets(agent: Skilled, need: SkillNeed): boolean {
  return (agent.skills[need.skill] ?? 0) >= (need.level ?? 1);
}

/** Whether somebody has every required skill at its level. */
export function canServe(agent: Skilled, needs: readonly SkillNeed[]): boolean {
  return needs.every((need) => !isRequired(need) || meets(agent, need));
}

/** The sum of an agent's levels over all needed skills, required or preferred. */
export function skillScore(agent: Skilled, needs: readonly SkillNeed[]): number {
  return needs.reduce((sum, { skill }) => sum + (agent.skills[skill] ?? 0), 0);
}

/** Needs of several sources as one list: each skill once, with the highest level, and required when any of them requires it. */
export function mergeNeeds(...sources: readonly (readonly SkillNeed[])[]): SkillNeed[] {
  const merged = new Map<string, SkillNeed>();
  for (const need of sources.flat()) {
    const known = merged.get(need.skill);
    const level = Math.max(need.level ?? 1, known?.level ?? 1) as NonNullable<SkillNeed['level']>;
    const required = isRequired(need) || (known !== undefined && isRequired(known));
    merged.set(need.skill, { skill: need.skill, level, required });
  }
  return [...merged.values()];
}
