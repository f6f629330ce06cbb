import type {
  ConversationState,
  ImportedReplyFile,
  RenderedReply,
  ReplyContent,
  ReplyHit,
  ReplyProblem,
  SavedReply,
  StoredReply,
} from '@sveiki/protocol';
import type { BotCannedReply } from '@sveiki/sdk/config';
import { type Audit, changedNames, noAudit } from '../audit/audit.ts';
import { exportCannedRepliesAsCsv, importCannedRepliesFromCsv } from '../canned-files/csv.ts';
import { exportCannedRepliesAsJson, importCannedRepliesFromJson } from '../canned-files/json.ts';
import { CANNED_FILE_LIMITS } from '../canned-files/read-replies.ts';
import type { Config } from '../config-types.ts';
import { may } from '../domain/access.ts';
import { chooseBody, isReviewDue, isVisibleTo, validityAt } from '../domain/canned-replies/availability.ts';
import { checkReply } from '../domain/canned-replies/check.ts';
import {
  type CannedReply,
  type CannedReplyContent,
  type CannedReplyScope,
  type CannedReplyUsage,
  UNUSED,
} from '../domain/canned-replies/reply.ts';
import { createCannedReplyIndex, type Hit } from '../domain/canned-replies/search.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import { SPAM } from '../domain/spam/marking.ts';
import type { LogHook } from '../hooks/outbox.ts';
import type { Hook, Pipeline } from '../hooks/pipeline.ts';
import type { Log } from '../log.ts';
import type {
  AgentRow,
  AuditNote,
  Bus,
  BusMessage,
  CannedReplyRow,
  Clock,
  ConversationRow,
  Ids,
  Store,
} from '../ports.ts';
import { askedIn, fillIn, previewOf, sourcesOf } from './filling.ts';

/** Who asks: as much of an account as counts here. */
export type Member = Pick<AgentRow, 'id' | 'name' | 'role' | 'teams'>;

/**
 * Canned replies at run time. They are in the store; the configuration is only where they come from: at every start its new ones are added, and
 * those nobody changed in the desk become as it has them. What people changed holds, and what they removed stays away.
 */
export interface Replies {
  search(
    query: string,
    options: { agent: Member; conversation: string; limit: number },
  ): Promise<readonly ReplyHit[] | Refusal>;
  render(
    id: string,
    options: { agent: Member; conversation: string; values: Readonly<Record<string, string>> },
  ): Promise<RenderedReply | Refusal>;
  /** What a bot may say in a conversation: ready texts of everybody's replies and of those of the conversation's team. */
  searchForBot(query: string, options: { conversation: string; limit: number }): Promise<BotCannedReply[]>;
  /** For the welcome of a bot that runs elsewhere: the most used of those it finds that ask nothing, as many as fit. */
  atHand(bot: Member): { id: string; shortcut: string; title: string; text: string }[];
  list(
    query: { cursor?: string; tag?: string; scope?: 'me' | 'site' | { team: string } },
    agent: Member,
  ): { replies: StoredReply[]; cursor: string | null };
  save(reply: ReplyContent & { id?: string }, agent: Member): Promise<SavedReply | Refusal>;
  remove(id: string, agent: Member): Promise<Refusal | null>;
  importFile(text: string, kind: 'csv' | 'json', agent: Member): Promise<ImportedReplyFile>;
  exportFile(kind: 'csv' | 'json', agent: Member): Promise<string>;
  used(id: string, conversation: string, agent: Member): Promise<Refusal | null>;
  /** What became of conversations in which replies were used: a follower of the log. */
  readonly follower: LogHook;
  hear(message: BusMessage): void;
  /** Resolves when everything that was heard is known here. */
  settled(): Promise<void>;
}

/** There is no such thing as the language of a site; a reply without the visitor's is taken in this one, else in its first. */
const SITE_LOCALE = 'en';
const PAGE = 100;
/** So many are put into the index before others have their turn. */
const PUT_AT_ONCE = 100;
const MAX_DYNAMIC = 10;
const MAX_DYNAMIC_CHARS = 8_000;
const DYNAMIC = 'dynamic:';
const MAX_AT_HAND = 200;
const MAX_AT_HAND_CHARS = 16_384;

type DynamicHook = NonNullable<Config['hooks']['cannedReplies']>;
type Asked = Parameters<DynamicHook['run']>[0];
type Dynamic = Awaited<ReturnType<DynamicHook['run']>>;

export async function createReplies(parts: {
  config: Pick<Config, 'sites' | 'teams' | 'cannedReplies' | 'hooks'>;
  store: Store;
  bus: Bus;
  clock: Clock;
  ids: Ids;
  log: Log;
  audit?: Audit;
  pipeline: Pipeline;
  rowOf: (conversation: string) => Promise<ConversationRow | null>;
}): Promise<Replies> {
  const { config, store, bus, clock, ids, log, audit = noAudit, pipeline, rowOf } = parts;
  const index = createCannedReplyIndex();
  const rows = new Map<string, CannedReplyRow>();
  const usage = new Map<string, CannedReplyUsage>();

  const withUsage = (reply: CannedReplyContent): CannedReply => ({ ...reply, usage: usage.get(reply.id) ?? UNUSED });

  await seed();
  await know(await store.cannedReplies(), await store.replyUsage());

  async function seed(): Promise<void> {
    const kept = new Map((await store.cannedReplies()).map((row) => [row.reply.id, row]));
    const updatedAt = clock.now();
    const rows = config.cannedReplies.flatMap((reply): CannedReplyRow[] => {
      const before = kept.get(reply.id);
      // Whoever changed or removed it in the desk has the last word.
      if (before !== undefined && (before.updatedBy !== null || before.removed)) return [];
      if (before !== undefined && isSame(before.reply, reply)) return [];
      return [{ reply, updatedAt, updatedBy: null, removed: false }];
    });
    if (rows.length > 0) await store.saveCannedReplies(rows);
  }

  async function know(found: readonly CannedReplyRow[], uses: ReadonlyMap<string, CannedReplyUsage>): Promise<void> {
    for (const [i, row] of found.entries()) {
      const { id } = row.reply;
      if (i % PUT_AT_ONCE === PUT_AT_ONCE - 1) await new Promise<void>((resolve) => setImmediate(resolve));
      const known = uses.get(id);
      if (known !== undefined) usage.set(id, known);
      rows.set(id, row);
      if (row.removed) index.remove(id);
      else index.put(withUsage(row.reply));
    }
  }

  let reading: Promise<void> = Promise.resolve();
  /** What the store says holds; one reading after the other, so that an older one never wins. */
  function readAgain(ids: string[] | null): Promise<void> {
    reading = reading
      .then(async () => know(await store.cannedReplies(ids ?? undefined), await store.replyUsage(ids ?? undefined)))
      .catch((error: unknown) => log.error({ error }, 'Canned replies could not be read'));
    return reading;
  }

  async function changed(ids: string[]): Promise<void> {
    await readAgain(ids);
    // Above this it is cheaper to read all of them than to name them.
    bus.publish({ kind: 'canned-replies', ids: ids.length > PAGE ? null : ids });
  }

  // ------------------------------------------------------------------------------------------------ who may do what

  const readerOf = ({ id, teams }: Member) => ({ agent: id, teams });
  const mayShare = ({ role }: Member): boolean => may(role, 'write-shared-replies');
  const mayWrite = (scope: CannedReplyScope, agent: Member): boolean =>
    scope.kind === 'me' ? scope.agent === agent.id : mayShare(agent);
  /** What is in his list: what he finds, and (for leads) what other teams have. Personal ones are their owner's alone. */
  const isListed = ({ scope }: CannedReplyContent, agent: Member): boolean =>
    isVisibleTo(scope, readerOf(agent)) || (scope.kind !== 'me' && mayShare(agent));
  function listed(id: string, agent: Member): CannedReplyRow | Refusal {
    const row = rows.get(id);
    return row === undefined || row.removed || !isListed(row.reply, agent) ? refuse('not-found') : row;
  }
  const allListed = (agent: Member): CannedReplyRow[] =>
    [...rows.values()].filter((row) => !row.removed && isListed(row.reply, agent));

  /** What is wrong with where a reply is to stand, whatever it says. */
  async function placeProblems(reply: CannedReplyContent, agent: Member): Promise<ReplyProblem[]> {
    const problems: ReplyProblem[] = [];
    const { scope, owner } = reply;
    const fail = (path: string, problem: string, fix: string) => void problems.push({ path, problem, fix });
    if (scope.kind === 'team' && !config.teams.some(({ id }) => id === scope.team))
      fail('scope', `There is no team "${scope.team}".`, `Use one of: ${config.teams.map(({ id }) => id).join(', ')}.`);
    if (!mayWrite(scope, agent))
      fail('scope', 'What others use is written by leads, managers and admins.', 'Make it your own instead.');
    if (owner !== undefined && (await store.agent(owner)) === null)
      fail('owner', `There is no agent "${owner}".`, 'Name one by the id of the account, or leave it out.');
    const twin = [...rows.values()].find(
      (row) =>
        !row.removed &&
        row.reply.id !== reply.id &&
        row.reply.shortcut.toLowerCase() === reply.shortcut.toLowerCase() &&
        isSame(row.reply.scope, scope),
    );
    if (twin !== undefined)
      fail('shortcut', `"${twin.reply.title}" has this shortcut already.`, 'Choose another one, or change that reply.');
    return problems;
  }

  // --------------------------------------------------------------------------------------------------- in a message

  const shown = (reply: CannedReplyContent, { state }: ConversationRow) =>
    chooseBody(reply.body, state.locale, SITE_LOCALE);

  async function hitOf(hit: Hit, sources: Awaited<ReturnType<typeof sourcesOf>>): Promise<ReplyHit[]> {
    // Rows and index change together, but only the rows are read here.
    const reply = rows.get(hit.id)?.reply;
    const body = reply?.body[hit.locale];
    if (reply === undefined || body === undefined) return [];
    const filled = fillIn(body, reply.variables, sources, {});
    const preview = previewOf(body, reply.variables, sources, hit.marks);
    const { id, shortcut, title, scope, tags } = reply;
    return [
      {
        id,
        shortcut,
        title,
        scope: scope.kind === 'me' ? { kind: 'me' } : scope,
        tags,
        locale: hit.locale,
        why: hit.why,
        marks: [
          ...hit.marks.flatMap(({ field, start, end }) => (field === 'body' ? [] : [{ field, start, end }])),
          ...preview.marks,
        ],
        preview: preview.text,
        text: filled.ok ? filled.text : null,
        missing: askedIn(body, reply.variables, filled),
      },
    ];
  }

  async function dynamicHits(
    query: string,
    agent: Member,
    state: ConversationState,
    locale: string,
  ): Promise<ReplyHit[]> {
    const own = config.hooks.cannedReplies;
    if (own === undefined) return [];
    const hook: Hook<Asked, Dynamic> = {
      name: 'cannedReplies',
      stage: 'canned-replies',
      isForeign: true,
      run: (input, context) => own.run(input, context),
      ...(own.deadlineMs === undefined ? {} : { deadlineMs: own.deadlineMs }),
    };
    const { value } = await pipeline.decide(
      hook,
      { query, conversation: state, agent: agent.id },
      { otherwise: [], check: areDynamic, conversation: state.id },
    );
    return value.map(({ id, title, text }) => ({
      id: `${DYNAMIC}${id}`,
      shortcut: '',
      title,
      scope: { kind: 'site' },
      tags: [],
      locale,
      why: 'dynamic',
      marks: [],
      preview: text,
      text,
      missing: [],
    }));
  }

  // ------------------------------------------------------------------------------------------------------- storing

  async function saveOne(row: CannedReplyRow, notes: readonly AuditNote[]): Promise<void> {
    await store.saveCannedReplies([row], notes);
    await changed([row.reply.id]);
  }

  const by = (agent: Member, reply: string) => ({ actor: `agent:${agent.id}`, object: `reply:${reply}` }) as const;

  /** What is filled in tells of the visitor. */
  const noteRead = (agent: Member, { state }: ConversationRow): Promise<void> =>
    audit.noteOnce({
      ...{ actor: `agent:${agent.id}`, action: 'conversation.opened', object: `conversation:${state.id}` },
      person: state.visitor.id,
    });

  function storedReply({ reply, updatedAt, updatedBy }: CannedReplyRow, agent: Member): StoredReply {
    const now = clock.now();
    const { scope, ...rest } = reply;
    return {
      ...rest,
      scope: scope.kind === 'me' ? { kind: 'me' } : scope,
      usage: usage.get(reply.id) ?? UNUSED,
      validity: validityAt(reply, now),
      reviewDue: isReviewDue(reply, now),
      mayEdit: mayWrite(scope, agent),
      updatedAt,
      updatedBy,
    };
  }

  return {
    async search(query, { agent, conversation, limit }) {
      const row = await rowOf(conversation);
      if (row === null) return refuse('not-found');
      await noteRead(agent, row);
      const locale = row.state.locale ?? SITE_LOCALE;
      const dynamic = dynamicHits(query, agent, row.state, locale);
      const options = {
        ...readerOf(agent),
        locale: row.state.locale,
        siteLocale: SITE_LOCALE,
        now: clock.now(),
        limit,
      };
      const sources = await sourcesOf(row, agent, config, store);
      const found = (await Promise.all(index.search(query, options).map((hit) => hitOf(hit, sources)))).flat();
      const called = found.findLastIndex(({ why }) => why === 'shortcut' || why === 'shortcut-start') + 1;
      return found.toSpliced(called, 0, ...(await dynamic)).slice(0, limit);
    },
    async searchForBot(query, { conversation, limit }) {
      const row = await rowOf(conversation);
      if (row === null) return [];
      const { locale, team } = row.state;
      const options = { agent: '', teams: team === null ? [] : [team.id], locale, siteLocale: SITE_LOCALE };
      const hits = index.search(query, { ...options, now: clock.now(), limit });
      const sources = await sourcesOf(row, { name: '' }, config, store);
      const ready = await Promise.all(
        hits.map(async (hit) => {
          const [one] = await hitOf(hit, sources);
          return one === undefined || one.text === null
            ? []
            : [{ id: one.id, title: one.title, text: one.text, score: hit.share }];
        }),
      );
      return ready.flat();
    },
    atHand(bot) {
      const options = { ...readerOf(bot), locale: null, siteLocale: SITE_LOCALE, now: clock.now() };
      const all = index.search('', { ...options, limit: MAX_AT_HAND }).flatMap(({ id, locale }) => {
        const reply = rows.get(id)?.reply;
        const text = reply?.body[locale];
        if (reply === undefined || text === undefined || text.includes('{{')) return [];
        return [{ id, shortcut: reply.shortcut, title: reply.title, text }];
      });
      let chars = 0;
      return all.filter((one) => {
        chars += JSON.stringify(one).length;
        return chars <= MAX_AT_HAND_CHARS;
      });
    },
    async render(id, { agent, conversation, values }) {
      const row = await rowOf(conversation);
      const found = listed(id, agent);
      if (isRefusal(found)) return found;
      if (row === null) return refuse('not-found');
      await noteRead(agent, row);
      const { reply } = found;
      const { text } = shown(reply, row);
      const filled = fillIn(text, reply.variables, await sourcesOf(row, agent, config, store), values);
      if (filled.ok) return filled;
      return {
        ok: false,
        missing: askedIn(text, reply.variables, filled).filter(({ required }) => required),
        problems: filled.problems,
      };
    },
    list({ cursor, tag, scope }, agent) {
      const fits = ({ reply }: CannedReplyRow): boolean =>
        (tag === undefined || reply.tags.includes(tag)) &&
        (scope === undefined ||
          (typeof scope === 'object'
            ? reply.scope.kind === 'team' && reply.scope.team === scope.team
            : reply.scope.kind === scope));
      const key = ({ reply }: CannedReplyRow): string => `${reply.title.toLowerCase()}\n${reply.id}`;
      const all = allListed(agent)
        .filter(fits)
        .map((row) => ({ row, key: key(row) }))
        .filter((one) => cursor === undefined || one.key > cursor)
        .sort((a, b) => (a.key < b.key ? -1 : 1));
      const page = all.slice(0, PAGE);
      return {
        replies: page.map(({ row }) => storedReply(row, agent)),
        cursor: all.length > PAGE ? (page.at(-1)?.key ?? null) : null,
      };
    },
    async save({ id, ...content }, agent) {
      const before = id === undefined ? null : listed(id, agent);
      if (before !== null && isRefusal(before)) return before;
      if (before !== null && !mayWrite(before.reply.scope, agent)) return refuse('forbidden');
      const reply: CannedReplyContent = {
        ...content,
        id: id ?? ids.next(),
        shortcut: content.shortcut.trim().replace(/^\//, ''),
        title: content.title.trim(),
        variables: (content.variables ?? []) as CannedReplyContent['variables'],
        scope: content.scope.kind === 'me' ? { kind: 'me', agent: agent.id } : content.scope,
        attachments: content.attachments ?? [],
        tags: content.tags ?? [],
      };
      const problems = [...checkReply(reply), ...(await placeProblems(reply, agent))];
      if (before === null && allRows() >= CANNED_FILE_LIMITS.maxReplies) problems.push(tooMany);
      if (problems.length > 0) return { ok: false, problems };
      const row: CannedReplyRow = { reply, updatedAt: clock.now(), updatedBy: agent.id, removed: false };
      const names = changedNames(before?.reply ?? null, reply);
      await saveOne(row, audit.notes({ ...by(agent, reply.id), action: 'reply.saved', ...names }));
      return { ok: true, reply: storedReply(row, agent) };
    },
    async remove(id, agent) {
      const row = listed(id, agent);
      if (isRefusal(row)) return row;
      if (!mayWrite(row.reply.scope, agent)) return refuse('forbidden');
      const notes = audit.notes({ ...by(agent, id), action: 'reply.removed' });
      await saveOne({ ...row, updatedAt: clock.now(), updatedBy: agent.id, removed: true }, notes);
      return null;
    },
    async importFile(text, kind, agent) {
      const places = new Map<string, number>();
      const read = kind === 'csv' ? importCannedRepliesFromCsv : importCannedRepliesFromJson;
      const { replies, problems } = read(text, {
        locale: SITE_LOCALE,
        newId: () => ids.next(),
        placed: (id, at) => void places.set(id, at),
      });
      const wrong: ImportedReplyFile['problems'][number][] = [...problems];
      const right: CannedReplyRow[] = [];
      const updatedAt = clock.now();
      for (const reply of replies) {
        const before = rows.get(reply.id);
        const found: ReplyProblem[] = await placeProblems(reply, agent);
        if (before !== undefined && !before.removed && !mayWrite(before.reply.scope, agent))
          found.push({ path: 'id', problem: `"${reply.id}" is somebody else's.`, fix: 'Give this one another id.' });
        if (before === undefined && allRows() + right.length >= CANNED_FILE_LIMITS.maxReplies) found.push(tooMany);
        if (found.length === 0) right.push({ reply, updatedAt, updatedBy: agent.id, removed: false });
        else if (wrong.length < CANNED_FILE_LIMITS.maxProblems)
          wrong.push(...found.map((one) => ({ ...one, at: places.get(reply.id) ?? 0 })));
      }
      if (right.length > 0) {
        await store.saveCannedReplies(right, audit.notes({ actor: `agent:${agent.id}`, action: 'replies.imported' }));
        await changed(right.map(({ reply }) => reply.id));
      }
      return { saved: right.length, problems: wrong.toSorted((a, b) => a.at - b.at) };
    },
    async exportFile(kind, agent) {
      await audit.note({ actor: `agent:${agent.id}`, action: 'replies.exported' });
      const all = allListed(agent).map(({ reply }) => reply);
      return kind === 'csv' ? exportCannedRepliesAsCsv(all) : exportCannedRepliesAsJson(all);
    },
    async used(id, conversation, agent) {
      if (id.startsWith(DYNAMIC)) return null;
      const row = listed(id, agent);
      if (isRefusal(row)) return row;
      const found = await rowOf(conversation);
      if (found === null) return refuse('not-found');
      await store.countReplyUse({ reply: id, conversation, at: clock.now() });
      // The last words of a conversation: its end was told before.
      if (found.state.status === 'resolved' && found.state.wrapUp !== SPAM)
        await store.noteReplyOutcome(conversation, { resolved: true });
      await changed([id]);
      return null;
    },
    follower: {
      name: 'reply-outcomes',
      stage: 'canned-replies',
      on: ['resolved', 'answered'],
      deadlineMs: 5_000,
      retryMs: [1_000, 30_000, 600_000],
      async run({ event }) {
        const { body, conversation } = event;
        const csat = body.kind === 'answered' && body.survey?.kind === 'csat' ? body.score : undefined;
        if (csat === undefined && (body.kind !== 'resolved' || body.wrapUp === SPAM)) return;
        const outcome = csat === undefined ? ({ resolved: true } as const) : { csat };
        const used = await store.noteReplyOutcome(conversation, outcome);
        if (used.length > 0) await changed(used);
      },
    },
    hear(message) {
      if (message.kind === 'canned-replies') void readAgain(message.ids);
    },
    settled: () => reading,
  };

  function allRows(): number {
    let count = 0;
    for (const { removed } of rows.values()) if (!removed) count++;
    return count;
  }
}

const tooMany: ReplyProblem = {
  path: '',
  problem: `There are ${CANNED_FILE_LIMITS.maxReplies} canned replies already.`,
  fix: 'Remove some that nobody uses.',
};

const isSame = (one: object, other: object): boolean => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

/** Fields in one order: what went through a store comes back in another. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [key, sorted(field)]),
  );
}

/** What the site's own code may answer: a few texts of bounded size. */
function areDynamic(value: unknown): boolean {
  const isText = (text: unknown, max: number): boolean =>
    typeof text === 'string' && text.trim() !== '' && text.length <= max;
  return (
    Array.isArray(value) &&
    value.length <= MAX_DYNAMIC &&
    value.every(
      (one: unknown) =>
        typeof one === 'object' &&
        one !== null &&
        'id' in one &&
        isText(one.id, 64) &&
        'title' in one &&
        isText(one.title, 200) &&
        'text' in one &&
        isText(one.text, MAX_DYNAMIC_CHARS),
    )
  );
}
