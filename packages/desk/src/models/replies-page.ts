import { batch, computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type { Agent, AgentState, ImportedReplyFile, ReplyProblem, StoredReply } from '@sveiki/sdk/agent';
import type { Surroundings } from '../surroundings/surroundings.ts';
import { texts } from '../texts.ts';
import type { AlertsModel } from './alerts.ts';
import { onlineIn } from './online.ts';
import { sentenceOf } from './problems.ts';
import { contentOf, draftOf, emptyDraft, type ReplyDraft } from './reply-draft.ts';
import { leads } from './roles.ts';
import { decode, type RouteModel } from './route.ts';

/** Pages of a list asked for at most, one after the other, when something is looked for in all of them. */
const mostPages = 200;

/** `é` is found by `e`, `ё` by `е`. */
const folded = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();

/** The canned replies: found, written, changed, taken out and in. */
export function createRepliesPage(parts: {
  agent: Agent;
  state: ReadonlySignal<AgentState>;
  around: Surroundings;
  routing: RouteModel;
  alerts: AlertsModel;
}) {
  const { agent, state, around, routing, alerts } = parts;
  const { timeZone } = around;
  const isHere = computed(() => routing.route.value.page === 'replies');
  const isOnline = onlineIn(state);
  const scope = signal('all');
  const tag = signal('');
  const words = signal('');
  const loaded = signal<readonly StoredReply[]>([]);
  const cursor = signal<string | null>(null);
  const status = signal<'loading' | 'ready' | 'failed'>('loading');
  const problem = signal<string | null>(null);
  const isBusy = signal(false);
  /** What was being written, by the id of the reply or `new`: it outlives a look at another page. */
  const drafts = signal<ReadonlyMap<string, ReplyDraft>>(new Map());
  const problems = signal<readonly ReplyProblem[]>([]);
  const saveProblem = signal<string | null>(null);
  const imported = signal<(ImportedReplyFile & { file: string }) | null>(null);
  let turn = 0;

  /** Asks for the list anew, or for what follows. `until`: goes on until it is there. */
  async function load(more: boolean, until: () => boolean = () => true): Promise<void> {
    const mine = more && isBusy.value ? turn : ++turn;
    isBusy.value = true;
    try {
      let next = more ? cursor.value : null;
      let isFirst = !more;
      for (let page = 0; page < mostPages && (isFirst || next !== null); page += 1) {
        const found = await agent.replies.list({
          ...(next === null ? {} : { cursor: next }),
          ...(tag.peek() === '' ? {} : { tag: tag.peek() }),
          ...scopeQuery(scope.peek()),
        });
        if (mine !== turn) return;
        batch(() => {
          loaded.value = isFirst ? found.replies : [...loaded.value, ...found.replies];
          cursor.value = found.cursor;
          status.value = 'ready';
          problem.value = null;
        });
        isFirst = false;
        next = found.cursor;
        if (until()) return;
      }
    } catch (error) {
      if (mine !== turn) return;
      problem.value = sentenceOf(error);
      if (status.value === 'loading') status.value = 'failed';
    } finally {
      if (mine === turn) isBusy.value = false;
    }
  }

  /** The id of the reply that is being written; `new`; null: the list. */
  const editing = computed(() =>
    isHere.value && routing.route.value.detail !== '' ? decode(routing.route.value.detail) : null,
  );
  const stored = computed(() => loaded.value.find(({ id }) => id === editing.value) ?? null);
  const isAllWanted = () =>
    words.peek() !== '' || (editing.peek() !== null && editing.peek() !== 'new' && stored.peek() === null);

  const stopLoading = effect(() => {
    if (!isHere.value || !isOnline.value) return;
    void scope.value;
    void tag.value;
    untracked(() => void load(false, () => !isAllWanted()));
  });
  const stopLookingOn = effect(() => {
    const isWanted = words.value !== '' || (editing.value !== null && editing.value !== 'new' && stored.value === null);
    if (isWanted && status.value === 'ready' && cursor.value !== null && !isBusy.value)
      untracked(() => void load(true, () => !isAllWanted()));
  });
  const stopProblems = effect(() => {
    void editing.value;
    problems.value = [];
    saveProblem.value = null;
  });

  const isLead = computed(() => leads(state.value.me));
  const draft = computed<ReplyDraft | null>(() => {
    const id = editing.value;
    if (id === null) return null;
    const kept = drafts.value.get(id);
    if (kept !== undefined) return kept;
    if (id === 'new') return emptyDraft(isLead.value ? 'site' : 'me');
    return stored.value === null ? null : draftOf(stored.value, timeZone);
  });

  function forget(id: string) {
    const next = new Map(drafts.value);
    next.delete(id);
    drafts.value = next;
  }
  const toList = () => routing.go({ page: 'replies' });

  const rows = computed(() => {
    const wanted = folded(words.value.trim()).split(/\s+/).filter(Boolean);
    return loaded.value.filter((reply) => {
      if (wanted.length === 0) return true;
      const text = folded(
        `/${reply.shortcut} ${reply.title} ${reply.tags.join(' ')} ${Object.values(reply.body).join(' ')}`,
      );
      return wanted.every((word) => text.includes(word));
    });
  });

  return {
    rows,
    status,
    problem,
    isBusy,
    hasMore: computed(() => cursor.value !== null),
    scope,
    tag,
    words,
    /** Tags of what is loaded, for the filter. */
    tags: computed(() =>
      [...new Set([...loaded.value.flatMap(({ tags }) => tags), ...(tag.value === '' ? [] : [tag.value])])].sort(),
    ),
    loadMore: () => load(true),
    retry: () => load(false),
    editing,
    draft,
    stored,
    isLead,
    /** Who does not lead a team writes for himself; what others use is changed by leads. */
    mayEdit: computed(() => editing.value === 'new' || stored.value?.mayEdit === true),
    /** It is not there, or not his. */
    isLost: computed(
      () =>
        editing.value !== null &&
        draft.value === null &&
        status.value === 'ready' &&
        cursor.value === null &&
        !isBusy.value,
    ),
    isChanged: computed(() => editing.value !== null && drafts.value.has(editing.value)),
    problems,
    saveProblem,
    imported,
    change(part: Partial<ReplyDraft>) {
      const id = editing.value;
      if (id !== null && draft.value !== null)
        drafts.value = new Map(drafts.value).set(id, { ...draft.value, ...part });
    },
    /** Leaves without keeping what was changed. */
    cancel() {
      if (editing.value !== null) forget(editing.value);
      toList();
    },
    async save(): Promise<boolean> {
      const id = editing.value;
      const now = draft.value;
      if (id === null || now === null || isBusy.value) return false;
      isBusy.value = true;
      try {
        const saved = await agent.replies.save(contentOf(now, timeZone));
        if (!saved.ok) {
          batch(() => {
            problems.value = saved.problems;
            saveProblem.value = texts.replies.notSaved;
          });
          return false;
        }
        forget(id);
        alerts.toast(texts.replies.saved(saved.reply.title));
      } catch (error) {
        saveProblem.value = texts.replies.saveFailed(sentenceOf(error));
        return false;
      } finally {
        isBusy.value = false;
      }
      toList();
      await load(false);
      return true;
    },
    async remove(): Promise<void> {
      const one = stored.value;
      if (one === null || isBusy.value) return;
      isBusy.value = true;
      try {
        await agent.replies.remove(one.id);
        forget(one.id);
        alerts.toast(texts.replies.removed(one.title));
      } catch (error) {
        saveProblem.value = texts.replies.removeFailed(sentenceOf(error));
        return;
      } finally {
        isBusy.value = false;
      }
      toList();
      await load(false);
    },
    async takeIn(file: { name: string; text(): Promise<string> }) {
      if (isBusy.value) return;
      const kind = /\.json$/i.test(file.name) ? 'json' : 'csv';
      isBusy.value = true;
      imported.value = null;
      try {
        imported.value = { ...(await agent.replies.importFile(await file.text(), kind)), file: file.name };
      } catch (error) {
        alerts.toast(texts.replies.importFailed(sentenceOf(error)));
      } finally {
        isBusy.value = false;
      }
      await load(false);
    },
    async takeOut(kind: 'csv' | 'json') {
      try {
        const text = await agent.replies.exportFile(kind);
        around.saveFile({
          name: `canned-replies.${kind}`,
          text,
          type: kind === 'csv' ? 'text/csv' : 'application/json',
        });
      } catch (error) {
        alerts.toast(texts.replies.exportFailed(sentenceOf(error)));
      }
    },
    dispose() {
      stopLoading();
      stopLookingOn();
      stopProblems();
    },
  };
}

function scopeQuery(scope: string): { scope?: 'me' | 'site' | { team: string } } {
  if (scope === 'all') return {};
  if (scope === 'me' || scope === 'site') return { scope };
  return { scope: { team: scope.replace(/^team:/, '') } };
}
