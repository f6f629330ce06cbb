import { batch, computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type { Agent, AgentState, AskedReplyValue, ReplyHit, ReplyMark } from '@sveiki/sdk/agent';
import type { Surroundings } from '../surroundings/surroundings.ts';
import { codeOf, sentenceOf } from './problems.ts';

/** Between two keys of somebody who types on. */
const pauseMs = 100;
const shownAtMost = 20;
/** Longer than this it is a sentence that begins with a slash. */
const longestQuery = 60;

/** The list of canned replies that stands open over the composer. */
export interface Picker {
  query: string;
  hits: readonly ReplyHit[];
  active: number;
  /** `searching`: the hits are those of an earlier query. */
  status: 'searching' | 'ready' | 'failed' | 'offline';
  problem: string | null;
}

/** What has to be typed before a reply can be put in. */
export interface Filling {
  hit: ReplyHit;
  fields: readonly AskedReplyValue[];
  /** Names of the fields that were left out. */
  missing: readonly string[];
  problems: readonly string[];
  isBusy: boolean;
}

interface Span {
  start: number;
  end: number;
}

/**
 * What is asked for by a slash before the caret: several words where the slash is the first thing written, or stands where the list was opened by
 * hand (`opened`); one word behind a space. Addresses and fractions ask for nothing.
 */
export function replyQuery(text: string, caret: number, opened: number | null): (Span & { query: string }) | null {
  const before = text.slice(0, caret);
  const first = /^\s*\//.exec(before);
  const start =
    opened !== null && opened < caret && text[opened] === '/'
      ? opened
      : first !== null
        ? first[0].length - 1
        : (/(?:^|\s)\/[^\s/]*$/u.exec(before)?.index ?? null);
  if (start === null) return null;
  const from = before.indexOf('/', start);
  const query = before.slice(from + 1);
  if (/[\n/]/.test(query) || query.length > longestQuery) return null;
  return { query, start: from, end: caret };
}

/** A text in pieces, those that answer the query marked. */
export function marked(
  text: string,
  field: ReplyMark['field'],
  marks: readonly ReplyMark[],
): { text: string; isMarked: boolean }[] {
  const pieces: { text: string; isMarked: boolean }[] = [];
  let at = 0;
  const add = (until: number, isMarked: boolean) => {
    if (until > at) pieces.push({ text: text.slice(at, until), isMarked });
    at = Math.max(at, until);
  };
  for (const mark of marks.filter((one) => one.field === field).sort((a, b) => a.start - b.start)) {
    add(Math.min(mark.start, text.length), false);
    add(Math.min(mark.end, text.length), true);
  }
  add(text.length, false);
  return pieces;
}

/** Finds canned replies while somebody types, and asks for what they need. The text itself belongs to the composer. */
export function createReplyPicker(parts: {
  agent: Agent;
  state: ReadonlySignal<AgentState>;
  clock: Surroundings['clock'];
  conversation: ReadonlySignal<string | null>;
  /** Puts a reply where the slash stood. */
  insert: (span: Span, reply: { id: string; text: string }) => void;
}) {
  const { agent, state, clock, conversation, insert } = parts;
  const picker = signal<Picker | null>(null);
  const filling = signal<Filling | null>(null);
  let span: Span = { start: 0, end: 0 };
  /** Where the list was opened by hand, and where it was closed by hand. */
  let opened: number | null = null;
  let closed: number | null = null;
  /** Enter came before the hits did. */
  let isChosen = false;
  let stopWaiting = () => {};
  let search: AbortController | null = null;

  function halt() {
    stopWaiting();
    search?.abort();
    search = null;
    isChosen = false;
  }
  function close() {
    halt();
    opened = null;
    picker.value = null;
  }

  async function run(query: string, of: string) {
    search?.abort();
    const mine = new AbortController();
    search = mine;
    try {
      const hits = await agent.replies.search(query, { conversation: of, limit: shownAtMost, signal: mine.signal });
      if (search !== mine || picker.value === null) return;
      // Somebody types on: what was found for less is shown, and nothing of it is chosen by a quick Enter.
      if (picker.value.query !== query) {
        picker.value = { ...picker.value, hits, active: 0 };
        return;
      }
      // Words that nothing is found for are words, not a question.
      if (hits.length === 0 && /\s/.test(query)) return close();
      picker.value = { query, hits, active: 0, status: 'ready', problem: null };
      if (isChosen) {
        isChosen = false;
        choose(0);
      }
    } catch (error) {
      if (search !== mine || mine.signal.aborted || picker.value?.query !== query) return;
      isChosen = false;
      const isOffline = codeOf(error) === 'offline';
      picker.value = {
        query,
        hits: [],
        active: 0,
        status: isOffline ? 'offline' : 'failed',
        problem: sentenceOf(error),
      };
    }
  }

  function put(reply: { id: string; text: string }) {
    const where = span;
    batch(() => {
      close();
      filling.value = null;
      insert(where, reply);
    });
  }

  /** True when the key had something to choose. */
  function choose(index: number): boolean {
    const hit = picker.value?.hits[index];
    if (hit === undefined) return false;
    if (hit.text !== null) put({ id: hit.id, text: hit.text });
    else {
      picker.value = null;
      filling.value = { hit, fields: hit.missing, missing: [], problems: [], isBusy: false };
    }
    return true;
  }

  const stopLeaving = effect(() => {
    void conversation.value;
    untracked(() => {
      close();
      closed = null;
      filling.value = null;
    });
  });

  return {
    picker: computed(() => picker.value),
    filling: computed(() => filling.value),
    /** The text changed, and the caret is there. */
    follow(text: string, caret: number) {
      const asked = replyQuery(text, caret, opened);
      const of = conversation.value;
      if (asked === null || of === null) {
        closed = null;
        return close();
      }
      if (closed === asked.start) return;
      closed = null;
      span = { start: asked.start, end: asked.end };
      const { connection } = state.value;
      if (connection.status !== 'online') {
        halt();
        picker.value = { query: asked.query, hits: [], active: 0, status: 'offline', problem: null };
        return;
      }
      const before = picker.value;
      isChosen = false;
      picker.value = {
        query: asked.query,
        hits: before?.hits ?? [],
        active: before?.active ?? 0,
        status: 'searching',
        problem: null,
      };
      stopWaiting();
      if (before === null) void run(asked.query, of);
      else stopWaiting = clock.after(pauseMs, () => void run(asked.query, of));
    },
    /** The slash at this place was put there to open the list. */
    openAt(place: number) {
      opened = place;
      closed = null;
    },
    move(by: 1 | -1) {
      const now = picker.value;
      if (now === null || now.hits.length === 0) return;
      picker.value = { ...now, active: (now.active + by + now.hits.length) % now.hits.length };
    },
    choose,
    /** Enter: what is pointed at, or, while it is still being looked for, the best hit as soon as it is there. False: there is nothing to choose. */
    chooseActive(): boolean {
      const now = picker.value;
      if (now === null) return false;
      if (now.status === 'searching') {
        isChosen = true;
        return true;
      }
      return choose(now.active);
    },
    /** Escape: the words stay as they are, and this slash asks for nothing any more. */
    dismiss() {
      closed = span.start;
      close();
    },
    close,
    async fill(values: Record<string, string>) {
      const now = filling.value;
      const of = conversation.value;
      if (now === null || of === null || now.isBusy) return;
      filling.value = { ...now, isBusy: true };
      const still = () => filling.value?.hit === now.hit && conversation.value === of;
      try {
        const rendered = await agent.replies.render(now.hit.id, { conversation: of, values });
        if (!still()) return;
        if (rendered.ok) return put({ id: now.hit.id, text: rendered.text });
        filling.value = {
          ...now,
          fields: [
            ...now.fields,
            ...rendered.missing.filter(({ name }) => !now.fields.some((one) => one.name === name)),
          ],
          missing: rendered.missing.filter(({ required }) => required).map(({ name }) => name),
          problems: rendered.problems.map(({ problem, fix }) => `${problem} ${fix}`.trim()),
          isBusy: false,
        };
      } catch (error) {
        if (still()) filling.value = { ...now, problems: [sentenceOf(error)], isBusy: false };
      }
    },
    leaveFilling() {
      closed = span.start;
      filling.value = null;
    },
    dispose() {
      stopLeaving();
      halt();
    },
  };
}

const placeholder = /\{\{[^{}\n]{1,60}\}\}/;

/** A hole that a template left, or somebody typed: the visitor would see it as it stands. */
export const openPlaceholder = (text: string): string | null => placeholder.exec(text)?.[0] ?? null;
