import { type AgentProfile, type ConversationState, isKind, type WatchedConversation } from '@sveiki/sdk/agent';
import { texts } from '../texts.ts';
import { cleaned, shortName } from './names.ts';
import { languageName, ownerName } from './people.ts';

type Routing = NonNullable<ConversationState['routing']>;

/** "Latvian, at least 3", "billing, preferred": what a conversation needs, for people. */
export function skillsInWords(skills: Routing['skills']): string {
  return skills
    .map(({ skill, level, required }) => {
      const name = skillName(skill);
      const words = level === undefined || level <= 1 ? name : texts.arrival.level(name, level);
      return required === false ? texts.arrival.preferred(words) : words;
    })
    .join(', ');
}

/** Languages are skills too: `language:lv` is "Latvian". */
export function skillName(skill: string): string {
  const language = /^language:(.+)$/.exec(skill)?.[1];
  return (language === undefined ? null : languageName(language)) ?? shortName(skill.replace(/[-_]/g, ' '));
}

export interface Arrival {
  /** How it came to whoever has it: "Given to you: round robin, 2 of 4 busy". Null when it waits, or the log does not go back so far. */
  how: string | null;
  /** What routing decided for the wait. */
  decision: string | null;
  /** The site's own code failed, and what it declared for that case held instead. */
  isFallback: boolean;
  priority: number | null;
  skills: string | null;
  /** Kept for one agent: who, until when. */
  kept: { agent: string; until: number } | null;
  weight: number | null;
}

/** Why a conversation is where it is; null when nothing is known about it. */
export function arrivalOf(
  { state, events }: Pick<WatchedConversation, 'state' | 'events'>,
  { me, agents }: { me: string; agents: readonly AgentProfile[] },
): Arrival | null {
  const { routing, owner } = state;
  const assigned = owner === null ? undefined : events.findLast((event) => isKind(event, 'assigned'));
  const how =
    assigned?.body.kind === 'assigned'
      ? texts.arrival.how[assigned.body.how](
          assigned.body.owner.id === me ? texts.arrival.you : ownerName(assigned.body.owner),
          shortReason(assigned.body.reason),
        )
      : null;
  const routed = events.findLast((event) => isKind(event, 'routed'));
  const decision = routing ?? (routed?.body.kind === 'routed' ? routed.body : undefined);
  if (how === null && decision === undefined) return null;
  const kept = decision?.sticky ?? null;
  return {
    how,
    decision: shortReason(decision?.reason),
    isFallback: decision?.by === 'fallback',
    priority: decision === undefined || decision.priority === 0 ? null : decision.priority,
    skills: decision === undefined || decision.skills.length === 0 ? null : skillsInWords(decision.skills),
    kept:
      kept === null
        ? null
        : {
            agent:
              kept.agent === me ? texts.arrival.you : (agents.find(({ id }) => id === kept.agent)?.name ?? kept.agent),
            until: kept.until,
          },
    weight: decision?.weight === undefined || decision.weight === 1 ? null : decision.weight,
  };
}

const shortReason = (reason: string | undefined): string | null => cleaned(reason ?? '') || null;
