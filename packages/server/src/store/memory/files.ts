import type { Batch, FileRow, Store } from '../../ports.ts';
import { sentFiles } from '../batch.ts';

type Methods = Pick<
  Store,
  'files' | 'saveFile' | 'receiveFile' | 'finishFile' | 'filesOf' | 'unsentFiles' | 'removeFiles' | 'fileUsage'
>;

/** Rows of files, in memory. `visitorOf` says whose a conversation is. */
export function rememberFiles(visitorOf: (conversation: string) => string | undefined): {
  methods: Methods;
  /** What a batch that was let through sends. */
  send(batch: Batch): void;
} {
  const rows = new Map<string, FileRow>();
  const found = (is: (row: FileRow) => boolean): FileRow[] =>
    structuredClone([...rows.values()].filter(is).sort((a, b) => (a.id < b.id ? -1 : 1)));
  const sum = (is: (row: FileRow) => boolean): number => found(is).reduce((bytes, { size }) => bytes + size, 0);
  return {
    send(batch) {
      for (const { file, ...sent } of sentFiles(batch)) {
        const row = rows.get(file);
        if (row !== undefined) row.sent ??= sent;
      }
    },
    methods: {
      files: async (ids) => found(({ id }) => ids.includes(id)),
      saveFile: async (row) => {
        if (rows.has(row.id)) throw new Error(`There is a file ${row.id} already.`);
        rows.set(row.id, structuredClone(row));
      },
      receiveFile: async (id, from, to) => {
        const row = rows.get(id);
        if (row?.received !== from) return false;
        row.received = to;
        return true;
      },
      finishFile: async (id, { name, type, size, width, height }) => {
        const row = rows.get(id);
        if (row?.ready !== false) return false;
        Object.assign(row, { name, type, size, width, height, ready: true });
        return true;
      },
      filesOf: async (of) =>
        found(({ author, sent }) =>
          'conversation' in of
            ? sent?.conversation === of.conversation
            : author === `v:${of.visitor}` || (sent !== null && visitorOf(sent.conversation) === of.visitor),
        ),
      unsentFiles: async (before, limit) =>
        found(({ sent, createdAt }) => sent === null && createdAt < before)
          .sort((a, b) => a.createdAt - b.createdAt)
          .slice(0, limit),
      removeFiles: async (ids) => {
        for (const id of ids) rows.delete(id);
      },
      fileUsage: async ({ site, author, conversation }) => {
        const isUnsent = (row: FileRow): boolean => row.sent === null && row.author === author;
        return {
          site: sum((row) => row.site === site),
          conversation: conversation === null ? 0 : sum(({ sent }) => sent?.conversation === conversation),
          unsent: { count: found(isUnsent).length, bytes: sum(isUnsent) },
        };
      },
    },
  };
}
