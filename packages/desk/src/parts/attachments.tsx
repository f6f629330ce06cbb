import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Attachment, maxFiles, sizeOf } from '../models/attachments.ts';
import { sentenceOf } from '../models/problems.ts';
import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';
import { Icon } from './icon.tsx';

const words = texts.files;

/** Opens the chooser of files. */
export function AttachButton() {
  const { composer } = useDesk();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        class="button icon-only quiet"
        aria-label={words.attach}
        title={words.attach}
        onClick={() => input.current?.click()}
      >
        <Icon name="clip" />
      </button>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        onChange={({ currentTarget }) => {
          composer.attachments.add(currentTarget.files ?? []);
          // The same file may be chosen again.
          currentTarget.value = '';
        }}
      />
    </>
  );
}

/** What goes with the reply or note, and how far it is. */
export function Attachments() {
  const { attachments } = useDesk().composer;
  const items = attachments.items.value;
  return (
    <>
      <p class="unseen" role="status">
        {attachments.news.value}
      </p>
      {items.length > 0 && (
        <ul class="attachments" aria-label={words.list}>
          {items.map((item) => (
            <Row key={item.key} item={item} />
          ))}
        </ul>
      )}
      {items.length >= maxFiles && (
        <p class="attachments-full hint" aria-hidden="true">
          {words.tooMany(maxFiles)}
        </p>
      )}
    </>
  );
}

/** Asked again, the relay would say the same. */
const isForGood = (code: string) => ['bad-file', 'too-large', 'files-full', 'forbidden'].includes(code);

/** A button that goes away when it is pressed gives the keyboard on: to what takes that row off, else to the words. */
function leave({ detail }: MouseEvent, row: Element | null) {
  if (detail !== 0) return;
  const next = row?.querySelector<HTMLElement>('.icon-only') ?? document.getElementById('composer-text');
  next?.focus();
}

function Row({ item }: { item: Attachment }) {
  const { attachments } = useDesk().composer;
  attachments.version.value;
  const { name, size, state, progress, error } = item.upload;
  return (
    <li class="attachment">
      <Icon name="page" />
      <div class="attachment-words">
        <p>
          <bdi>{name}</bdi>
        </p>
        {error === null ? (
          <p class="hint">{sizeOf(size)}</p>
        ) : (
          <p class="attachment-failed">
            {sentenceOf(error)}{' '}
            {!isForGood(error.code) && (
              <button
                type="button"
                class="link"
                aria-label={words.tryAgainWith(name)}
                onClick={(event) => {
                  leave(event, event.currentTarget.closest('li'));
                  item.upload.retry();
                }}
              >
                {words.tryAgain}
              </button>
            )}
          </p>
        )}
        {state === 'uploading' && <progress max={1} value={progress} aria-label={words.progress(name)} />}
      </div>
      <button
        type="button"
        class="button icon-only quiet"
        aria-label={words.remove(name)}
        title={words.remove(name)}
        onClick={(event) => {
          const row = event.currentTarget.closest('li');
          leave(event, row?.nextElementSibling ?? row?.previousElementSibling ?? null);
          attachments.remove(item);
        }}
      >
        <Icon name="close" size={16} />
      </button>
    </li>
  );
}

const holdsFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes('Files') === true;

/** Takes files that are pasted into an element, or dropped anywhere on the conversation it is in; true while some are held over that. */
export function useDroppedFiles(element: { current: HTMLElement | null }): boolean {
  const { attachments } = useDesk().composer;
  const [isOver, setOver] = useState(false);
  useLayoutEffect(() => {
    const field = element.current;
    if (field === null) return;
    const place = field.closest<HTMLElement>('.conversation') ?? field;
    const abort = new AbortController();
    const { signal } = abort;
    place.addEventListener(
      'dragover',
      (event) => {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        setOver(true);
      },
      { signal },
    );
    place.addEventListener(
      'dragleave',
      ({ relatedTarget }) => {
        if (!(relatedTarget instanceof Node && place.contains(relatedTarget))) setOver(false);
      },
      { signal },
    );
    place.addEventListener(
      'drop',
      (event) => {
        setOver(false);
        if (!holdsFiles(event)) return;
        event.preventDefault();
        attachments.add(event.dataTransfer?.files ?? []);
      },
      { signal },
    );
    field.addEventListener(
      'paste',
      (event) => {
        const { files, types = [] } = event.clipboardData ?? {};
        if (files === undefined || files.length === 0) return;
        // Offices put a picture of the words beside the words.
        if (types.includes('text/plain') && types.includes('text/html')) return;
        event.preventDefault();
        attachments.add(files);
      },
      { signal },
    );
    return () => abort.abort();
  }, [element, attachments]);
  return isOver;
}

/** Else a browser leaves the desk for a file that was dropped beside its place. */
export function useNoStrayFiles(): void {
  useEffect(() => {
    const abort = new AbortController();
    const refuse = (event: DragEvent) => {
      if (event.defaultPrevented || event.dataTransfer === null || !holdsFiles(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'none';
    };
    document.addEventListener('dragover', refuse, abort);
    document.addEventListener('drop', refuse, abort);
    return () => abort.abort();
  }, []);
}
