import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type { Agent, OutgoingBlock, Upload } from '@sveiki/sdk/agent';
import { texts } from '../texts.ts';
import type { Mode } from './drafts.ts';
import { sentenceOf } from './problems.ts';

/** Files in one message; a text may stand before them. */
export const maxFiles = 6;

/** A file that goes with what is being written. */
export interface Attachment {
  key: number;
  upload: Upload;
}

/** The files beside each draft. Those of a note stay with the note: nobody sends one to a visitor by going to the other tab. */
export function createAttachments(parts: {
  agent: Agent;
  /** Who writes; null: nobody is signed in. */
  me: ReadonlySignal<string | null>;
  conversation: ReadonlySignal<string | null>;
  mode: ReadonlySignal<Mode>;
}) {
  const { agent, me, conversation, mode } = parts;
  const lists = signal<ReadonlyMap<string, readonly Attachment[]>>(new Map());
  /** Grows with every change of an upload: uploads tell that they changed, not what. */
  const version = signal(0);
  /** Said to a screen reader. */
  const news = signal('');
  const placeOf = (as: Mode, id: string) => `${as} ${id}`;
  const place = computed(() => (conversation.value === null ? '' : placeOf(mode.value, conversation.value)));
  const items = computed(() => lists.value.get(place.value) ?? []);
  let keys = 0;

  function cancelAll() {
    for (const list of lists.value.values()) for (const { upload } of list) upload.cancel();
  }

  // Whoever comes back finds them; nobody else sends them.
  let owner: string | null = null;
  const stopOwner = effect(() => {
    const next = me.value;
    if (next === null) return;
    untracked(() => {
      if (owner !== null && owner !== next) {
        cancelAll();
        lists.value = new Map();
        news.value = '';
      }
    });
    owner = next;
  });

  function put(at: string, next: readonly Attachment[]) {
    const changed = new Map(lists.value);
    if (next.length === 0) changed.delete(at);
    else changed.set(at, next);
    lists.value = changed;
  }

  return {
    items,
    news,
    /** How far the uploads are: 'waiting' for bytes, 'failed' when one was not taken. */
    status: computed<'none' | 'waiting' | 'failed' | 'ready'>(() => {
      version.value;
      if (items.value.length === 0) return 'none';
      if (items.value.some(({ upload }) => upload.state === 'failed')) return 'failed';
      return items.value.some(({ upload }) => upload.state === 'uploading') ? 'waiting' : 'ready';
    }),
    /** For those who draw an upload: it changed. */
    version,
    add(files: Iterable<File>) {
      const id = conversation.value;
      const at = place.value;
      if (id === null) return;
      for (const file of files) {
        const list = lists.value.get(at) ?? [];
        if (list.length >= maxFiles) {
          news.value = texts.files.tooMany(maxFiles);
          return;
        }
        const upload = agent.files.upload(id, file);
        upload.subscribe(() => {
          version.value += 1;
          if (upload.state === 'ready') news.value = texts.files.ready(upload.name);
          if (upload.error !== null) news.value = texts.files.notUploaded(upload.name, sentenceOf(upload.error));
        });
        keys += 1;
        put(at, [...list, { key: keys, upload }]);
        news.value = texts.files.added(file.name);
      }
    },
    remove({ key, upload }: Attachment) {
      upload.cancel();
      put(
        place.value,
        items.value.filter((one) => one.key !== key),
      );
    },
    /** What is there, which is not there any more then. */
    take(): readonly Attachment[] {
      const taken = items.value;
      put(place.value, []);
      return taken;
    },
    /** Puts what was taken beside the draft of that conversation and mode, before what stands there by now. */
    giveBack(id: string, as: Mode, taken: readonly Attachment[]) {
      const at = placeOf(as, id);
      put(at, [...taken, ...(lists.value.get(at) ?? [])]);
    },
    link: (id: string) => agent.files.link(id),
    dispose() {
      stopOwner();
      cancelAll();
    },
  };
}

/** What a message has of them. */
export const fileBlocks = (taken: readonly Attachment[]): OutgoingBlock[] =>
  taken.flatMap(({ upload: { file } }) => (file === null ? [] : [{ kind: 'file', id: file.id, text: file.name }]));

/** "2.4 MB". */
export function sizeOf(bytes: number): string {
  const isLarge = bytes >= 1_000_000;
  const value = bytes / (isLarge ? 1_000_000 : 1_000);
  const shown = value < 10 ? Math.max(0.1, Math.round(value * 10) / 10) : Math.round(value);
  return `${shown} ${isLarge ? 'MB' : 'kB'}`;
}
