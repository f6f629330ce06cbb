import { type Signal, signal } from '@preact/signals-core';
import type { ChatFiles, MessageRef, Upload } from '@sveiki/sdk';
import { createRef } from 'preact';
import type { FileWords } from '../locales/files/file-words.ts';
import { Live, live } from '../panel/live.ts';
import type { Before } from '../panel/model.ts';
import { Icon } from '../panel/parts/icon.tsx';
import { fill } from '../talk/formats.ts';
import type { Scene } from '../talk/talk.tsx';
import { Picture, problemIn, Sign, sizeIn } from './parts.tsx';

/** Files in one message; a text may stand before them. */
const maxFiles = 6;
/** What telephones are told, so that they make of their own kinds of pictures one that everybody can see. */
const accept =
  'image/png,image/jpeg,image/gif,image/webp,application/pdf,text/plain,text/csv,audio/*,video/mp4,video/quicktime,.zip,.docx,.xlsx,.pptx,.odt,.ods,.md,.log';
const thumbSize = 40;

interface Item {
  key: number;
  file: File;
  /** Null for one that was not even begun. */
  upload: Upload | null;
  /** Why it was not. */
  refused: string | null;
}

/** Asked again, the relay would say the same. */
const isForGood = ({ error }: Upload) => /^(bad-file|too-large|files-full|forbidden)$/.test(error?.code ?? '');

/** What goes with the next message. */
export function createTray(scene: Scene, files: ChatFiles, words: Signal<FileWords>) {
  const items = signal<readonly Item[]>([]);
  /** Grows with every change of an upload: uploads tell that they changed, not what. */
  const version = signal(0);
  const isOver = signal(false);
  let keys = 0;
  const { _model: model } = scene;

  function add(list: Iterable<File>) {
    const maxBytes = model._state.peek().site?.files?.maxBytes ?? 0;
    for (const file of list) {
      if (items.peek().length >= maxFiles) {
        scene._say(fill(words.peek().tooMany, `${maxFiles}`));
        break;
      }
      const isTooLarge = file.size > maxBytes;
      const upload = isTooLarge ? null : files.upload(file);
      const item: Item = { key: ++keys, file, upload, refused: isTooLarge ? 'too-large' : null };
      upload?.subscribe(() => {
        version.value++;
        if (upload.state === 'ready') scene._say(fill(words.peek().ready, file.name));
        if (upload.error) scene._say(`${file.name}. ${problemOf(item)}`);
      });
      items.value = [...items.peek(), item];
      scene._say(isTooLarge ? `${file.name}. ${problemOf(item)}` : fill(words.peek().added, file.name));
    }
    scene._toField();
  }

  function problemOf({ upload, refused }: Item): string {
    const maxBytes = model._state.peek().site?.files?.maxBytes ?? 0;
    const code = refused ?? upload?.error?.code;
    return code ? problemIn(words.value, code, sizeIn(model._tag.value, maxBytes)) : '';
  }

  function remove(item: Item) {
    item.upload?.cancel();
    items.value = items.peek().filter((other) => other !== item);
    scene._toField();
  }

  /** What sends the files that may be sent, or null when there are none; the tray is empty after that. */
  function take(): ((text: string, before?: Before) => Promise<MessageRef>) | null {
    const going = items.peek().flatMap(({ upload }) => (upload && !upload.error ? [upload] : []));
    if (going.length === 0) return null;
    const taken = items.peek();
    items.value = [];
    return async (text, before) => {
      model._isAtEnd.value = true;
      try {
        return await files.send(text, going, before);
      } catch (error) {
        // The text was too long: the files wait with it for another try.
        if ((error as { code?: string }).code === 'too-large') items.value = [...taken, ...items.peek()];
        throw error;
      }
    };
  }

  /** Nobody can write here now, or has agreed to. */
  const isClosed = () =>
    scene._consent?._isClosed.value === true || model._isPaused.value || model._state.value.problem !== null;
  const holdsFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes('Files') === true;

  class Button extends Live<object> {
    readonly _input = createRef<HTMLInputElement>();
    _draw() {
      if (isClosed()) return null;
      return (
        <>
          <button
            type="button"
            class="icon attach"
            part="attach"
            aria-label={words.value.attach}
            title={words.value.attach}
            onClick={() => this._input.current!.click()}
          >
            <Sign name="clip" />
          </button>
          <input
            ref={this._input}
            type="file"
            hidden
            multiple
            accept={accept}
            onChange={({ currentTarget }) => {
              add(currentTarget.files ?? []);
              // The same file may be chosen again.
              currentTarget.value = '';
            }}
          />
        </>
      );
    }
  }

  const Row = live(({ item }: { item: Item }) => {
    version.value;
    const { file, upload } = item;
    const problem = problemOf(item);
    const isPicture = /^image\/(png|jpeg|gif|webp)$/.test(file.type) && !problem;
    return (
      <li>
        <span class="thumb">
          {isPicture ? (
            <Picture load={async () => file} width={thumbSize} height={thumbSize} failed={() => {}} />
          ) : (
            <Sign name="page" />
          )}
        </span>
        <div class="about">
          <p>
            <bdi>{file.name}</bdi>
          </p>
          {problem ? <p class="failed">{problem}</p> : <p class="size">{sizeIn(model._tag.value, file.size)}</p>}
          {problem && upload && !isForGood(upload) && (
            <button
              type="button"
              class="retry"
              onClick={() => {
                upload.retry();
                // This button goes.
                scene._toField();
              }}
            >
              {words.value.retry}
            </button>
          )}
          {upload?.state === 'uploading' && (
            <progress max={1} value={upload.progress} aria-label={fill(words.value.progress, file.name)} />
          )}
        </div>
        <button
          type="button"
          class="icon"
          aria-label={fill(words.value.remove, file.name)}
          onClick={() => remove(item)}
        >
          <Icon name="close" />
        </button>
      </li>
    );
  });

  const Tray = live(() => (
    <>
      {isOver.value && <p class="drop">{words.value.drop}</p>}
      {items.value.length > 0 && (
        <ul class="tray" aria-label={words.value.list}>
          {items.value.map((item) => (
            <Row key={item.key} item={item} />
          ))}
        </ul>
      )}
    </>
  ));

  /** Files that are dropped on the panel or pasted into it. Returns what ends that. */
  function listen(): () => void {
    const { _root: root } = scene._host;
    const abort = new AbortController();
    const on = <E extends Event>(name: string, run: (event: E) => void) =>
      root.addEventListener(name, run as EventListener, abort);
    const isOnPanel = ({ target }: Event) => target instanceof Element && target.closest('.panel') !== null;
    on('dragover', (event: DragEvent) => {
      if (!holdsFiles(event) || !isOnPanel(event)) return;
      // Also where nothing is taken: else the browser would leave the page for the file.
      event.preventDefault();
      isOver.value = !isClosed();
    });
    on('dragleave', (event: DragEvent) => {
      const { relatedTarget } = event;
      if (!(relatedTarget instanceof Node && root.contains(relatedTarget))) isOver.value = false;
    });
    on('drop', (event: DragEvent) => {
      isOver.value = false;
      if (!holdsFiles(event) || !isOnPanel(event)) return;
      event.preventDefault();
      if (!isClosed()) add(event.dataTransfer?.files ?? []);
    });
    on('paste', (event: ClipboardEvent) => {
      const { files: pasted, types } = event.clipboardData ?? {};
      if (!pasted?.length || isClosed()) return;
      // Out of a table or a letter: a picture comes along with what was meant, the words.
      if (types?.includes('text/plain') && types.includes('text/html')) return;
      event.preventDefault();
      add(pasted);
    });
    return () => abort.abort();
  }

  return {
    _Button: Button,
    _Tray: Tray,
    /** Something in it can be sent. */
    _isFull: () => version.value >= 0 && items.value.some(({ upload }) => upload && !upload.error),
    _take: take,
    _why: (code: string) => problemIn(words.value, code, ''),
    _listen: listen,
    _clear() {
      for (const { upload } of items.peek()) upload?.cancel();
      items.value = [];
    },
  };
}
