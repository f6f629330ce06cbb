import * as v from 'valibot';
import type { CannedReplyContent } from '../domain/canned-replies/reply.ts';
import {
  CANNED_FILE_LIMITS,
  createGatherer,
  type FileReply,
  type ImportedReplies,
  type ImportOptions,
  toFileReply,
  variablesSchema,
} from './read-replies.ts';

const text = v.string();
const replySchema = v.strictObject({
  id: v.exactOptional(text),
  shortcut: text,
  title: v.exactOptional(text),
  // Asked for one kind at a time, so that a problem is named where it is.
  body: v.lazy(
    (body): v.GenericSchema<string | Record<string, string>> =>
      typeof body === 'string' ? text : v.record(text, text),
  ),
  variables: v.exactOptional(variablesSchema),
  scope: v.exactOptional(text),
  attachments: v.exactOptional(v.array(text)),
  validFrom: v.exactOptional(text),
  validUntil: v.exactOptional(text),
  owner: v.exactOptional(text),
  reviewBy: v.exactOptional(text),
  tags: v.exactOptional(v.array(text)),
});

const FIELDS = Object.keys(replySchema.entries).join(', ');

/** `{ "cannedReplies": [...] }`; times are ISO 8601, the scope is `site`, `team:<id>` or `me:<id>`. Usage is not content and stays at home. */
export function exportCannedRepliesAsJson(replies: readonly CannedReplyContent[]): string {
  return `${JSON.stringify({ cannedReplies: replies.map(toFileReply) }, null, 2)}\n`;
}

/** Reads what the export writes, and a bare list; `body` may be one text. Every reply that is wrong is named, and the others are kept. */
export function importCannedRepliesFromJson(source: string, options: ImportOptions): ImportedReplies {
  const { result, fail, add, isFull, stop } = createGatherer(options);
  if (source.length > CANNED_FILE_LIMITS.maxBytes) {
    fail(0, '', 'The file is too large.', `Import up to ${CANNED_FILE_LIMITS.maxBytes} bytes at once.`);
    return result;
  }
  let file: unknown;
  try {
    file = JSON.parse(source.replace(/^\ufeff/, ''));
  } catch (error) {
    fail(0, '', `This is not JSON: ${(error as Error).message}`, 'Correct it there, or import CSV.');
    return result;
  }
  const list: unknown =
    typeof file === 'object' && file !== null && 'cannedReplies' in file ? file.cannedReplies : file;
  if (!Array.isArray(list)) {
    fail(0, '', 'There is no list of replies.', 'Write [ … ] or { "cannedReplies": [ … ] }.');
    return result;
  }
  for (const [index, value] of list.entries()) {
    const at = index + 1;
    if (isFull()) {
      stop(at);
      break;
    }
    const read = v.safeParse(replySchema, value);
    if (read.success) {
      const { body, ...rest } = read.output;
      add(at, { ...rest, body: typeof body === 'string' ? { [options.locale]: body } : body } satisfies FileReply);
      continue;
    }
    for (const issue of read.issues) {
      const { expected, received } = issue;
      const problem =
        expected === 'never'
          ? 'There is no such field.'
          : received === 'undefined'
            ? 'It is missing.'
            : `Here stands ${received}, and it should be ${expected}.`;
      fail(at, v.getDotPath(issue) ?? '', problem, `The fields are ${FIELDS}.`);
    }
  }
  return result;
}
