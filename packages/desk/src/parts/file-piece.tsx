import type { FileBlock } from '@sveiki/sdk/agent';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { sizeOf } from '../models/attachments.ts';
import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';
import { safeHref } from './href.ts';
import { Icon } from './icon.tsx';

const words = texts.files;
const maxSide = 280;

/** A file in a message: a picture to look at, or something to fetch. Its address is asked for when it comes on screen, and again before it is used. */
export function FilePiece({ file }: { file: FileBlock }) {
  const { attachments } = useDesk().composer;
  const place = useRef<HTMLDivElement>(null);
  const [url, setUrl] = useState<string | null>(null);
  /** Where the picture was loaded from: it stays when its address is asked for anew. */
  const [source, setSource] = useState<string | null>(null);
  /** Why it is not shown: it is away for good, or was not loaded this time. */
  const [problem, setProblem] = useState<'gone' | 'notLoaded' | null>(null);
  const isRetry = useRef(false);
  const { id, name, type, size, width = 0, height = 0 } = file;
  const isPicture = type.startsWith('image/') && width > 0 && height > 0;

  function refresh() {
    attachments.link(id).then(
      (link) => {
        setUrl(link.url);
        setSource((known) => known ?? link.url);
        setProblem(null);
      },
      ({ code }: { code?: string }) => {
        if (code === 'no-such-file') {
          setUrl(null);
          setProblem('gone');
        }
        // A picture that is there stays.
        else if (!isPicture || source === null) setProblem('notLoaded');
      },
    );
  }
  // While there is a button for it, nothing takes that away from under the pointer or the keyboard.
  const refreshUnseen = () => {
    if (problem !== 'notLoaded') refresh();
  };
  // The button is gone then: the keyboard goes on at what came in its place.
  useLayoutEffect(() => {
    if (problem !== null || !isRetry.current) return;
    isRetry.current = false;
    if (document.activeElement === document.body) place.current?.querySelector('a')?.focus();
  }, [problem]);

  useEffect(() => {
    if (typeof IntersectionObserver !== 'function' || place.current === null) return refresh();
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      refresh();
    });
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [id]);

  const scale = Math.min(1, maxSide / width, maxSide / height);
  return (
    <div ref={place} class="file-piece" onPointerEnter={refreshUnseen} onFocusIn={refreshUnseen}>
      <Lead url={url} className={isPicture && problem === null ? '' : 'file-row'}>
        {isPicture && problem === null ? (
          <Image
            url={source}
            name={name}
            width={Math.round(width * scale)}
            height={Math.round(height * scale)}
            onFail={() => {
              setSource(null);
              setProblem('notLoaded');
            }}
          />
        ) : (
          <>
            <Icon name="page" />
            <span class="attachment-words">
              <span class="unseen">{url === null ? name : words.download(name)}</span>
              <bdi aria-hidden="true">{name}</bdi>
              <span class="hint">{problem === null ? sizeOf(size) : words[problem]}</span>
            </span>
          </>
        )}
      </Lead>
      {problem === 'notLoaded' && (
        <button
          type="button"
          class="link"
          aria-label={words.tryAgainWith(name)}
          onClick={() => {
            isRetry.current = true;
            refresh();
          }}
        >
          {words.tryAgain}
        </button>
      )}
    </div>
  );
}

/** A page of its own; until the address is there, only what would lead to it. */
function Lead({ url, className, children }: { url: string | null; className: string; children: ComponentChildren }) {
  const address = url ?? '';
  const href = safeHref(address);
  if (href === null) return <span class={className}>{children}</span>;
  return (
    <a class={className} href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

/** Keeps its place until it is there. */
function Image(props: { url: string | null; name: string; width: number; height: number; onFail: () => void }) {
  const { url, name, width, height, onFail } = props;
  const address = url ?? '';
  const source = safeHref(address);
  const size = { width: Math.max(1, width), height: Math.max(1, height) };
  if (source === null) return <img class="file-picture" alt={words.picture(name)} {...size} />;
  return <img class="file-picture" src={source} alt={words.picture(name)} {...size} onError={onFail} />;
}
