import { batch, computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { type Agent, type AgentState, plainText } from '@sveiki/sdk/agent';
import { texts } from '../texts.ts';
import { type CannedReply, cannedQuery, expand, findCanned, openPlaceholders } from './canned-replies.ts';
import type { ConversationModel } from './conversation.ts';
import type { Drafts, Mode } from './drafts.ts';
import { sentenceOf } from './problems.ts';

/** A note shorter than this may well stand in a reply by chance. */
const shortNoteChars = 24;

/** Something to look at before a reply goes out. */
export type Caution = { kind: 'placeholder'; text: string } | { kind: 'note-inside'; text: string };

export interface Picker {
  start: number;
  end: number;
  items: readonly CannedReply[];
  active: number;
}

/** What is being written: one draft per conversation and mode, sent as a reply or kept as a note. */
export function createComposer(parts: {
  agent: Agent;
  state: ReadonlySignal<AgentState>;
  conversation: ConversationModel;
  drafts: Drafts;
}) {
  const { agent, state, conversation, drafts } = parts;
  const modes = signal<ReadonlyMap<string, Mode>>(new Map());
  const mode = computed<Mode>(() => modes.value.get(conversation.id.value ?? '') ?? 'reply');
  const text = signal('');
  const caution = signal<Caution | null>(null);
  const problem = signal<string | null>(null);
  const picker = signal<Picker | null>(null);
  const me = computed(() => state.value.me);
  const meId = computed(() => me.value?.id ?? null);

  const stopDrafts = effect(() => {
    const id = conversation.id.value;
    const draft = id === null || meId.value === null ? '' : drafts.read(meId.value, id, mode.value);
    batch(() => {
      text.value = draft;
      caution.value = null;
      problem.value = null;
      picker.value = null;
    });
  });

  function keep(next: string) {
    text.value = next;
    const id = conversation.id.value;
    if (id !== null && meId.value !== null) drafts.write(meId.value, id, mode.value, next);
  }

  const canWrite = computed(() => mode.value === 'note' || conversation.footer.value === 'reply');

  /** What speaks against sending this reply as it stands. */
  function cautionFor(reply: string): Caution | null {
    const [placeholder] = openPlaceholders(reply);
    if (placeholder !== undefined) return { kind: 'placeholder', text: texts.composer.blank(placeholder) };
    for (const { body, actor } of conversation.watched.value?.events ?? []) {
      if (body.kind !== 'note') continue;
      const note = plainText(body.blocks).trim();
      if (note.length < shortNoteChars || !reply.includes(note)) continue;
      return {
        kind: 'note-inside',
        text: texts.composer.noteInside('name' in actor ? actor.name : texts.events.aColleague),
      };
    }
    return null;
  }

  async function submit(options: { despite?: boolean } = {}): Promise<void> {
    const id = conversation.id.value;
    const words = text.value;
    const as = mode.value;
    if (id === null || words.trim() === '' || !canWrite.value) return;
    caution.value = as === 'reply' && !options.despite ? cautionFor(words) : null;
    if (caution.value !== null) return;
    problem.value = null;
    picker.value = null;
    keep('');
    try {
      await (as === 'reply' ? agent.send(id, words) : agent.note(id, words));
    } catch (error) {
      restore(id, as, words, error);
    }
  }

  /** A refused message stands in the log with its words; where it does not, the words come back here. */
  function restore(id: string, as: Mode, words: string, error: unknown) {
    const stands = state.value.watched.get(id)?.pending.some((one) => one.text === words && one.error !== null);
    if (stands || meId.value === null) return;
    if (drafts.read(meId.value, id, as) === '') drafts.write(meId.value, id, as, words);
    if (conversation.id.value !== id || mode.value !== as) return;
    if (text.value === '') text.value = words;
    problem.value = texts.composer.notKept(sentenceOf(error));
  }

  return {
    mode,
    text,
    caution,
    problem,
    picker,
    canWrite,
    setMode(next: Mode) {
      const id = conversation.id.value;
      if (id !== null) modes.value = new Map(modes.value).set(id, next);
    },
    /** The agent typed; `caret` is where, for canned replies. */
    input(next: string, caret: number) {
      const id = conversation.id.value;
      batch(() => {
        keep(next);
        caution.value = null;
        const query = cannedQuery(next, caret);
        const items = query === null ? [] : findCanned(state.value.cannedReplies, query.word);
        picker.value =
          query === null || items.length === 0 ? null : { start: query.start, end: caret, items, active: 0 };
      });
      if (id === null || next.trim() === '') return;
      if (mode.value === 'note') agent.typing(id, { note: true });
      else if (conversation.isOwn.value) agent.typing(id);
    },
    movePicker(by: 1 | -1) {
      const open = picker.value;
      if (open !== null) picker.value = { ...open, active: (open.active + by + open.items.length) % open.items.length };
    },
    closePicker() {
      picker.value = null;
    },
    /** Puts a canned reply where its `/word` stands; returns where the caret goes. */
    insert(index: number): number {
      const open = picker.value;
      const item = open?.items[index];
      if (open === null || item === undefined) return text.value.length;
      const words = expand(item.text, {
        visitor: conversation.givenName.value,
        agent: me.value?.name ?? null,
      });
      batch(() => {
        keep(text.value.slice(0, open.start) + words + text.value.slice(open.end));
        picker.value = null;
      });
      return open.start + words.length;
    },
    /** Puts words behind what stands there. */
    append(words: string) {
      keep(text.value.trim() === '' ? words : `${text.value.trimEnd()}\n\n${words}`);
    },
    submit,
    /** The reply becomes a note: nothing of it was shown to the visitor. */
    makeNote() {
      const words = text.value;
      keep('');
      const id = conversation.id.value;
      if (id === null) return;
      modes.value = new Map(modes.value).set(id, 'note');
      keep(words);
    },
    /** Takes a refused message back to change it. */
    takeBack(message: { id: string; text: string; isNote: boolean }) {
      const id = conversation.id.value;
      if (id === null) return;
      modes.value = new Map(modes.value).set(id, message.isNote ? 'note' : 'reply');
      keep(text.value.trim() === '' ? message.text : `${text.value}\n${message.text}`);
      agent.discard(id, message.id);
    },
    dispose: stopDrafts,
  };
}
export type ComposerModel = ReturnType<typeof createComposer>;
