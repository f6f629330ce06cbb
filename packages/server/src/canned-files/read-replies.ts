import * as v from 'valibot';
import { checkReply } from '../domain/canned-replies/check.ts';
import type { CannedReplyContent, CannedReplyScope, CannedReplyVariable } from '../domain/canned-replies/reply.ts';
import { readDates } from '../domain/canned-replies/seed.ts';

export const CANNED_FILE_LIMITS = {
  maxBytes: 20_000_000,
  maxReplies: 20_000,
  /** UTF-8 bytes of one row of a CSV file. */
  maxRowBytes: 400_000,
  /** A file with more problems is of another kind; reading stops there and says so. */
  maxProblems: 500,
} as const;

/** What is wrong with one reply of a file, and the way out. */
export interface ImportProblem {
  /** CSV: the line on which the row begins; JSON: which reply it is. Both from 1; 0 is the whole file. */
  at: number;
  /** The field, such as `body.lv`; empty for the whole reply. */
  path: string;
  problem: string;
  fix: string;
}

export interface ImportedReplies {
  replies: CannedReplyContent[];
  problems: ImportProblem[];
}

export interface ImportOptions {
  /** Of a body whose locale the file does not name. */
  locale: string;
  /** For replies without an id. */
  newId: () => string;
  /** Told of each reply that is kept where it stands, as `ImportProblem.at` says it. */
  placed?: (id: string, at: number) => void;
}

/** A reply as files have it: scope and times are texts, what is absent has its default. */
export interface FileReply {
  id?: string;
  shortcut: string;
  title?: string;
  body: Record<string, string>;
  variables?: CannedReplyVariable[];
  scope?: string;
  attachments?: string[];
  validFrom?: string;
  validUntil?: string;
  owner?: string;
  reviewBy?: string;
  tags?: string[];
}

const text = v.string();
export const variablesSchema = v.array(
  v.strictObject({
    name: text,
    // Whether there is such a source is checked with the rest of the reply.
    source: v.exactOptional(text as v.GenericSchema<NonNullable<CannedReplyVariable['source']>>),
    ask: v.exactOptional(text),
    default: v.exactOptional(text),
    required: v.exactOptional(v.boolean()),
  }),
);

export function toFileReply(reply: CannedReplyContent): FileReply {
  const { validFrom, validUntil, reviewBy } = reply;
  return {
    id: reply.id,
    shortcut: reply.shortcut,
    title: reply.title,
    body: { ...reply.body },
    scope: writeScope(reply.scope),
    variables: [...reply.variables],
    attachments: [...reply.attachments],
    ...(validFrom === undefined ? {} : { validFrom: iso(validFrom) }),
    ...(validUntil === undefined ? {} : { validUntil: iso(validUntil) }),
    ...(reply.owner === undefined ? {} : { owner: reply.owner }),
    ...(reviewBy === undefined ? {} : { reviewBy: iso(reviewBy) }),
    tags: [...reply.tags],
  };
}

const iso = (instant: number): string => new Date(instant).toISOString();

/** Gathers the replies of a file. Each that is wrong, or there twice, is named; the others are kept. */
export function createGatherer({ newId, placed }: ImportOptions): {
  result: ImportedReplies;
  fail(at: number, path: string, problem: string, fix: string): void;
  add(at: number, file: FileReply): void;
  isFull(): boolean;
  /** Says that the rest, from here on, was not read. */
  stop(at: number): void;
} {
  const result: ImportedReplies = { replies: [], problems: [] };
  const ids = new Map<string, number>();
  const shortcuts = new Map<string, number>();
  const { maxProblems, maxReplies } = CANNED_FILE_LIMITS;

  const isFull = (): boolean => result.problems.length >= maxProblems || result.replies.length >= maxReplies;
  const fail = (at: number, path: string, problem: string, fix: string): void => {
    if (result.problems.length < maxProblems) result.problems.push({ at, path, problem, fix });
  };
  const add = (at: number, file: FileReply): void => {
    const before = result.problems.length;
    const { instants, problems } = readDates({
      validFrom: file.validFrom,
      validUntil: file.validUntil,
      reviewBy: file.reviewBy,
    });
    const scope = readScope(file.scope ?? 'site');
    if (scope === null) fail(at, 'scope', 'This is no scope.', 'Write site, team:<id> or me:<id of the agent>.');
    const shortcut = file.shortcut.trim().replace(/^\//, '');
    const reply: CannedReplyContent = {
      id: file.id ?? newId(),
      shortcut,
      title: file.title ?? shortcut,
      body: file.body,
      variables: file.variables ?? [],
      scope: scope ?? { kind: 'site' },
      attachments: file.attachments ?? [],
      ...instants,
      ...(file.owner === undefined ? {} : { owner: file.owner }),
      tags: file.tags ?? [],
    };
    for (const { path, problem, fix } of [...problems, ...checkReply(reply)]) fail(at, path, problem, fix);
    const key = `${writeScope(reply.scope)} ${shortcut.toLowerCase()}`;
    const sameId = ids.get(reply.id);
    const sameShortcut = shortcuts.get(key);
    if (sameId !== undefined) fail(at, 'id', `The one at ${sameId} has this id too.`, 'Change or remove one of them.');
    if (sameShortcut !== undefined) {
      fail(at, 'shortcut', `The one at ${sameShortcut} has this shortcut too.`, 'Change or remove one of them.');
    }
    if (result.problems.length > before) return;
    ids.set(reply.id, at);
    shortcuts.set(key, at);
    result.replies.push(reply);
    placed?.(reply.id, at);
  };
  const stop = (at: number): void => {
    const problem = 'Reading stopped here: there are too many problems or replies.';
    result.problems.push({ at, path: '', problem, fix: 'Correct the file, or import the rest apart.' });
  };
  return { result, fail, add, isFull, stop };
}

function writeScope(scope: CannedReplyScope): string {
  if (scope.kind === 'site') return 'site';
  return scope.kind === 'team' ? `team:${scope.team}` : `me:${scope.agent}`;
}

function readScope(written: string): CannedReplyScope | null {
  const [, kind, id] = /^(site|team:|me:)(.*)$/.exec(written.trim()) ?? [];
  if (kind === 'site') return id === '' ? { kind } : null;
  if (kind === 'team:') return { kind: 'team', team: id ?? '' };
  return kind === 'me:' ? { kind: 'me', agent: id ?? '' } : null;
}
