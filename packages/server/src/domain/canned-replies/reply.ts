import type { CannedReplySource, CannedReplyVariableInput } from '@sveiki/sdk/config';

export type VariableSource = CannedReplySource;
export type CannedReplyVariable = CannedReplyVariableInput;

export const VARIABLE_SOURCES = Object.keys({
  'visitor.name': true,
  'visitor.email': true,
  'agent.name': true,
  'conversation.id': true,
  'site.name': true,
  'team.name': true,
} satisfies Record<VariableSource, true>) as readonly VariableSource[];

/** Who finds it: one agent, the members of a team, everybody who answers. */
export type CannedReplyScope = { kind: 'me'; agent: string } | { kind: 'team'; team: string } | { kind: 'site' };

/** What people write. Times in milliseconds since 1970. */
export interface CannedReplyContent {
  id: string;
  shortcut: string;
  title: string;
  /** Template source by locale, at least one. */
  body: Readonly<Record<string, string>>;
  variables: readonly CannedReplyVariable[];
  scope: CannedReplyScope;
  /** Ids of files in the store. */
  attachments: readonly string[];
  /** Offered from this instant on. */
  validFrom?: number;
  /** Offered until before this instant. */
  validUntil?: number;
  /** Id of the agent who answers for it. */
  owner?: string;
  /** When somebody should read it again. */
  reviewBy?: number;
  tags: readonly string[];
}

/** What became of it. `csat` has the sum and the number of the ratings of conversations in which it was sent. */
export interface CannedReplyUsage {
  uses: number;
  lastUsedAt: number | null;
  resolved: number;
  csat: { sum: number; n: number };
}

/** A canned reply as it is stored. */
export interface CannedReply extends CannedReplyContent {
  usage: CannedReplyUsage;
}

export const CANNED_REPLY_LIMITS = {
  maxShortcutChars: 40,
  maxTitleChars: 200,
  maxLocales: 40,
  maxBodyChars: 8_000,
  maxVariables: 20,
  maxVariableNameChars: 40,
  maxLabelChars: 80,
  maxDefaultChars: 200,
  /** Tags of the template in one body, and how deep `{{#if}}` may stand in `{{#if}}`. */
  maxTags: 50,
  maxDepth: 3,
  /** Characters of one value put into a body. */
  maxValueChars: 1_000,
  maxAttachments: 10,
  maxWords: 20,
  maxWordChars: 50,
} as const;

export const UNUSED: CannedReplyUsage = { uses: 0, lastUsedAt: null, resolved: 0, csat: { sum: 0, n: 0 } };

export function countUse(usage: CannedReplyUsage, now: number): CannedReplyUsage {
  return { ...usage, uses: usage.uses + 1, lastUsedAt: Math.max(now, usage.lastUsedAt ?? 0) };
}

/** What came of one conversation in which it was sent: call it once for each reply that was used there. `csat` is 1 to 5. */
export function countOutcome(
  usage: CannedReplyUsage,
  outcome: { resolved?: boolean; csat?: number },
): CannedReplyUsage {
  const { resolved = false, csat } = outcome;
  return {
    ...usage,
    resolved: usage.resolved + (resolved ? 1 : 0),
    csat: csat === undefined ? usage.csat : { sum: usage.csat.sum + csat, n: usage.csat.n + 1 },
  };
}
