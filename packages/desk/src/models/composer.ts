import { batch, computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { type Agent, type AgentState, type OutgoingBlock, plainText } from '@sveiki/sdk/agent';
import type { Surroundings } from '../surroundings/surroundings.ts';
import { texts } from '../texts.ts';
import { type Attachment, createAttachments, fileBlocks } from './attachments.ts';
import type { ConversationModel } from './conversation.ts';
import type { Drafts, Mode } from './drafts.ts';
import { sentenceOf } from './problems.ts';
import { createReplyPicker, openPlaceholder } from './reply-picker.ts';

/** A note shorter than this may well stand in a reply by chance. */
const shortNoteChars = 24;

/** Something to look at before a reply goes out. */
export type Caution = { kind: 'placeholder'; text: string } | { kind: 'note-inside'; text: string };

/** What is being written: one draft per conversation and mode, sent as a reply or kept as a note. */
export function createComposer(parts: {
  agent: Agent;
  state: ReadonlySignal<AgentState>;
  conversation: ConversationModel;
  drafts: Drafts;
  clock: Surroundings['clock'];
}) {
  const { agent, state, conversation, drafts, clock } = parts;
  const modes = signal<ReadonlyMap<string, Mode>>(new Map());
  const mode = computed<Mode>(() => modes.value.get(conversation.id.value ?? '') ?? 'reply');
  const text = signal('');
  const caution = signal<Caution | null>(null);
  const problem = signal<string | null>(null);
  /** Where the caret belongs once the box shows the text; a new object for every wish. */
  const caretWish = signal<{ at: number } | null>(null);
  /** Where it was last seen. */
  let caret = 0;
  /** The canned replies that were put into a draft, for counting what is sent of them. */
  const inserted = new Map<string, { id: string; text: string }[]>();
  /** What refused messages were made of, by their ids: the log has only words. */
  const refused = new Map<string, { words: string; files: readonly Attachment[] }>();
  const me = computed(() => state.value.me);
  const meId = computed(() => me.value?.id ?? null);
  const attachments = createAttachments({ agent, me: meId, conversation: conversation.id, mode });

  const stopDrafts = effect(() => {
    const id = conversation.id.value;
    const draft = id === null || meId.value === null ? '' : drafts.read(meId.value, id, mode.value);
    batch(() => {
      text.value = draft;
      caution.value = null;
      problem.value = null;
      caretWish.value = null;
    });
    caret = draft.length;
  });

  function keep(next: string) {
    text.value = next;
    const id = conversation.id.value;
    if (id !== null && meId.value !== null) drafts.write(meId.value, id, mode.value, next);
  }

  const replies = createReplyPicker({
    agent,
    state,
    clock,
    conversation: conversation.id,
    insert({ start, end }, reply) {
      const id = conversation.id.value;
      keep(text.value.slice(0, start) + reply.text + text.value.slice(end));
      if (id !== null && mode.value === 'reply') inserted.set(id, [...(inserted.get(id) ?? []), reply]);
      caret = start + reply.text.length;
      caretWish.value = { at: caret };
    },
  });

  /** Counts each reply that the visitor got at least the longest line of. A count that fails is no reason to trouble anybody. */
  function countUsed(id: string, words: string) {
    const sent = (inserted.get(id) ?? []).filter((reply) => words.includes(longestLine(reply.text)));
    inserted.delete(id);
    for (const reply of new Set(sent.map((one) => one.id))) {
      if (!reply.startsWith('dynamic:')) agent.replies.used(reply, id).catch(() => {});
    }
  }

  const canWrite = computed(() => mode.value === 'note' || conversation.footer.value === 'reply');

  /** What speaks against sending this reply as it stands. */
  function cautionFor(reply: string): Caution | null {
    const placeholder = openPlaceholder(reply);
    if (placeholder !== null) return { kind: 'placeholder', text: texts.composer.blank(placeholder) };
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
    const who = meId.value;
    const status = attachments.status.value;
    if (id === null || who === null || (words.trim() === '' && status === 'none') || !canWrite.value) return;
    if (status === 'waiting' || status === 'failed') {
      problem.value = texts.files[status];
      return;
    }
    caution.value = as === 'reply' && !options.despite ? cautionFor(words) : null;
    if (caution.value !== null) return;
    problem.value = null;
    replies.close();
    keep('');
    const files = attachments.take();
    const blocks: OutgoingBlock[] = [
      ...(words.trim() === '' ? [] : [{ kind: 'text' as const, text: words }]),
      ...fileBlocks(files),
    ];
    const message = files.length === 0 ? words : blocks;
    try {
      await (as === 'reply' ? agent.send(id, message) : agent.note(id, message));
      if (as === 'reply') countUsed(id, words);
    } catch (error) {
      restore({ id, as, who, words, files }, error);
    }
  }

  /** A refused message stands in the log with its words; where it does not, it comes back here, for who wrote it. */
  function restore(
    written: { id: string; as: Mode; who: string; words: string; files: readonly Attachment[] },
    error: unknown,
  ) {
    const { id, as, who, words, files } = written;
    const stands = state.value.watched
      .get(id)
      ?.pending.findLast((one) => one.text.startsWith(words) && one.error !== null);
    if (stands !== undefined) {
      if (files.length > 0) refused.set(stands.id, { words, files });
      return;
    }
    if (meId.value !== who) return;
    if (drafts.read(who, id, as) === '') drafts.write(who, id, as, words);
    attachments.giveBack(id, as, files);
    if (conversation.id.value !== id || mode.value !== as) return;
    if (text.value === '') text.value = words;
    problem.value = texts.composer.notKept(sentenceOf(error));
  }

  return {
    mode,
    text,
    caution,
    problem,
    attachments,
    canWrite,
    setMode(next: Mode) {
      const id = conversation.id.value;
      if (id !== null) modes.value = new Map(modes.value).set(id, next);
    },
    replies,
    caretWish,
    /** The agent typed; `at` is where the caret is, for canned replies. */
    input(next: string, at: number) {
      const id = conversation.id.value;
      caret = at;
      batch(() => {
        keep(next);
        caution.value = null;
        replies.follow(next, at);
      });
      if (id === null || next.trim() === '') return;
      if (mode.value === 'note') agent.typing(id, { note: true });
      else if (conversation.isOwn.value) agent.typing(id);
    },
    caretAt(at: number) {
      caret = at;
    },
    /** Opens the canned replies where the caret is. */
    openReplies() {
      const at = Math.min(caret, text.value.length);
      const gap = at === 0 || /\s$/u.test(text.value.slice(0, at)) ? '' : ' ';
      const place = at + gap.length;
      caret = place + 1;
      batch(() => {
        keep(`${text.value.slice(0, at)}${gap}/${text.value.slice(at)}`);
        caretWish.value = { at: caret };
        replies.openAt(place);
        replies.follow(text.value, caret);
      });
    },
    /** Puts words behind what stands there. */
    append(words: string) {
      caret = Number.MAX_SAFE_INTEGER;
      keep(text.value.trim() === '' ? words : `${text.value.trimEnd()}\n\n${words}`);
    },
    submit,
    /** The reply becomes a note: nothing of it was shown to the visitor. */
    makeNote() {
      const words = text.value;
      keep('');
      const id = conversation.id.value;
      if (id === null) return;
      const files = attachments.take();
      modes.value = new Map(modes.value).set(id, 'note');
      keep(words);
      attachments.giveBack(id, 'note', files);
    },
    /** Takes a refused message back to change it. */
    takeBack(message: { id: string; text: string; isNote: boolean }) {
      const id = conversation.id.value;
      if (id === null) return;
      const as = message.isNote ? 'note' : 'reply';
      const { words, files } = refused.get(message.id) ?? { words: message.text, files: [] };
      refused.delete(message.id);
      modes.value = new Map(modes.value).set(id, as);
      keep([text.value, words].filter((one) => one.trim() !== '').join('\n'));
      attachments.giveBack(id, as, files);
      agent.discard(id, message.id);
    },
    dispose() {
      stopDrafts();
      attachments.dispose();
      replies.dispose();
    },
  };
}

const longestLine = (text: string) =>
  text
    .split('\n')
    .reduce((a, b) => (b.length > a.length ? b : a), '')
    .trim();
export type ComposerModel = ReturnType<typeof createComposer>;
