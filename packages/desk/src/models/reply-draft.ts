import type { ReplyContent, ReplyProblem, ReplyVariable, StoredReply } from '@sveiki/sdk/agent';
import { dayOf, endOf, lastDayBefore, startOf } from './days.ts';

/** Where a variable can take its value from by itself; empty: it is asked for. */
export const variableSources = [
  'visitor.name',
  'visitor.email',
  'agent.name',
  'conversation.id',
  'site.name',
  'team.name',
] as const;

/** A canned reply as it is being written: every field a text, as forms have them. */
export interface ReplyDraft {
  id: string | null;
  shortcut: string;
  title: string;
  bodies: readonly { locale: string; text: string }[];
  variables: readonly { name: string; source: string; ask: string; default: string; required: boolean }[];
  /** `me`, `site` or `team:<id>`. */
  scope: string;
  tags: string;
  owner: string;
  validFrom: string;
  /** The last day it is offered. */
  validUntil: string;
  reviewBy: string;
  attachments: readonly string[];
}

export const emptyDraft = (scope: string): ReplyDraft => ({
  id: null,
  shortcut: '',
  title: '',
  bodies: [{ locale: 'en', text: '' }],
  variables: [],
  scope,
  tags: '',
  owner: '',
  validFrom: '',
  validUntil: '',
  reviewBy: '',
  attachments: [],
});

export function draftOf(reply: StoredReply, timeZone: string): ReplyDraft {
  const day = (at: number | undefined) => (at === undefined ? '' : dayOf(at, timeZone));
  return {
    id: reply.id,
    shortcut: reply.shortcut,
    title: reply.title,
    bodies: Object.entries(reply.body).map(([locale, text]) => ({ locale, text })),
    variables: reply.variables.map((one) => ({
      name: one.name,
      source: one.source ?? '',
      ask: one.ask ?? '',
      default: one.default ?? '',
      required: one.required ?? true,
    })),
    scope: reply.scope.kind === 'team' ? `team:${reply.scope.team}` : reply.scope.kind,
    tags: reply.tags.join(', '),
    owner: reply.owner ?? '',
    validFrom: day(reply.validFrom),
    validUntil: reply.validUntil === undefined ? '' : lastDayBefore(reply.validUntil, timeZone),
    reviewBy: day(reply.reviewBy),
    attachments: reply.attachments,
  };
}

export function scopeOf(text: string): ReplyContent['scope'] {
  if (text.startsWith('team:')) return { kind: 'team', team: text.slice(5) };
  return { kind: text === 'me' ? 'me' : 'site' };
}

/** What is stored of a draft. Fields left empty are left out; the relay says what is wrong with the others. */
export function contentOf(draft: ReplyDraft, timeZone: string): ReplyContent & { id?: string } {
  const instant = (name: 'validFrom' | 'validUntil' | 'reviewBy', at: number | null) =>
    at === null ? {} : { [name]: at };
  return {
    ...(draft.id === null ? {} : { id: draft.id }),
    shortcut: draft.shortcut.trim().replace(/^\//, ''),
    title: draft.title.trim(),
    body: Object.fromEntries(
      draft.bodies
        .filter(({ locale, text }) => locale.trim() !== '' || text.trim() !== '')
        .map(({ locale, text }) => [locale.trim(), text]),
    ),
    variables: draft.variables.filter(({ name }) => name.trim() !== '').map(variableOf),
    scope: scopeOf(draft.scope),
    tags: draft.tags
      .split(',')
      .map((tag) => tag.trim())
      .filter(Boolean),
    attachments: draft.attachments,
    ...(draft.owner === '' ? {} : { owner: draft.owner }),
    ...instant('validFrom', startOf(draft.validFrom, timeZone)),
    ...instant('validUntil', endOf(draft.validUntil, timeZone)),
    ...instant('reviewBy', startOf(draft.reviewBy, timeZone)),
  };
}

function variableOf(one: ReplyDraft['variables'][number]): ReplyVariable {
  return {
    name: one.name.trim(),
    required: one.required,
    ...(one.source === '' ? {} : { source: one.source }),
    ...(one.ask.trim() === '' ? {} : { ask: one.ask.trim() }),
    ...(one.default === '' ? {} : { default: one.default }),
  };
}

/** What is wrong with the part of a draft that begins with `path`, in one text; null when nothing is. */
export function problemAt(problems: readonly ReplyProblem[], path: string): string | null {
  const found = problems.filter((one) => one.path === path || one.path.startsWith(`${path}.`));
  return found.length === 0 ? null : found.map(({ problem, fix }) => `${problem} ${fix}`.trim()).join(' ');
}
