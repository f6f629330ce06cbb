import { viewEvent, viewState } from '../domain/audience.ts';
import type { ConversationRow, FileRow, FileStore, Store, VisitorRow } from '../ports.ts';
import { type ZipEntry, zip } from './zip.ts';

/** Raised when a reader of an older archive would misunderstand a newer one. The format is in docs/privacy.md. */
const FORMAT = { format: 'sveiki.person', version: 1 };
const PAGE = 200;
const CONVERSATIONS = 50;

export interface ExportParts {
  store: Store;
  files: FileStore;
}

/**
 * Everything that is kept about one person, as a ZIP archive that is made while it is sent: `person.json`, `conversations/<id>.json` and `files/`.
 * `all`: also what staff said among itself and what routing decided, which the person is never given by himself.
 */
export function exportPerson(
  parts: ExportParts,
  visitor: VisitorRow,
  { all, now }: { all: boolean; now: number },
): AsyncGenerator<Uint8Array> {
  return zip(entriesOf(parts, visitor, all, now));
}

async function* entriesOf(
  parts: ExportParts,
  visitor: VisitorRow,
  all: boolean,
  now: number,
): AsyncGenerator<ZipEntry> {
  const { store, files } = parts;
  const uploads = (await store.filesOf({ visitor: visitor.id })).filter(
    ({ sent, author }) => all || (sent === null ? author === `v:${visitor.id}` : sent.audience === 'public'),
  );
  const sessions = await store.visitorSessions(visitor.id);
  const person = {
    ...FORMAT,
    exportedAt: now,
    holds: all ? 'everything' : 'what the person may see',
    person: visitor,
    // Without the hashes of their tokens: those open nothing, and are nothing that was said about anybody.
    sessions: sessions.map(({ createdAt, expiresAt }) => ({ createdAt, expiresAt })),
    surveysAsked: await store.surveyAsksOf(visitor.id),
    files: uploads.map((file) => ({
      ...{ id: file.id, name: file.name, type: file.type, size: file.size, uploadedAt: file.createdAt },
      ...{ conversation: file.sent?.conversation ?? null, path: pathOf(file) },
    })),
  };
  yield { path: 'person.json', at: now, bytes: [Buffer.from(`${JSON.stringify(person, null, 2)}\n`)] };
  for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null; ) {
    const page: Awaited<ReturnType<Store['list']>> = await store.list({
      ...{ view: 'visitor', agent: '', visitor: visitor.id, limit: CONVERSATIONS, before },
    });
    for (const row of page.conversations) {
      const { id, startedAt } = row.state;
      yield { path: `conversations/${id}.json`, at: startedAt, bytes: conversation(store, row, all) };
    }
    before = page.cursor;
  }
  for (const file of uploads) {
    const bytes = await files.get(file.key);
    if (bytes !== null) yield { path: pathOf(file), at: file.createdAt, bytes };
  }
}

/** A page of the log at a time. */
async function* conversation(store: Store, { site, state }: ConversationRow, all: boolean): AsyncGenerator<Uint8Array> {
  const reader = all ? 'agent' : 'visitor';
  const cursors = ((await store.cursors([state.id])).get(state.id) ?? []).filter(
    (one) => all || one.reader === 'visitor',
  );
  const head = { ...FORMAT, site, conversation: viewState(state, reader), read: cursors };
  yield Buffer.from(`${JSON.stringify(head).slice(0, -1)},\n"events":[`);
  let isFirst = true;
  for (let after = 0; ; ) {
    const count = all ? 'staff' : 'public';
    const { events, more } = await store.events({ conversation: state.id, count, after, limit: PAGE });
    const lines = events.flatMap((event) => viewEvent(event, reader) ?? []).map((event) => JSON.stringify(event));
    if (lines.length > 0) yield Buffer.from(`${isFirst ? '' : ','}\n${lines.join(',\n')}`);
    isFirst &&= lines.length === 0;
    const last = events.at(-1);
    if (!more || last === undefined) break;
    after = all ? last.seq : (last.publicSeq ?? last.seq);
  }
  yield Buffer.from('\n]}\n');
}

/** Names of files are people's own words: only their harmless characters become a path. */
function pathOf({ id, name }: Pick<FileRow, 'id' | 'name'>): string {
  return `files/${id}-${name.replace(/[^\p{L}\p{N}._ -]/gu, '_').replace(/\.{2,}/g, '.')}`;
}
