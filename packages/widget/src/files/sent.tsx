import { type Signal, signal } from '@preact/signals-core';
import type { ChatFiles } from '@sveiki/sdk';
import { createRef } from 'preact';
import type { FileWords } from '../locales/files/file-words.ts';
import { Live } from '../panel/live.ts';
import { fill } from '../talk/formats.ts';
import { link } from '../talk/parts/text.tsx';
import type { Scene } from '../talk/talk.tsx';
import { Picture, Sign, sizeIn } from './parts.tsx';

const maxWidth = 240;
const maxHeight = 240;
const minSide = 60;

/** A file of a message, after every value of it was looked at. */
export interface SentFile {
  id: string;
  name: string;
  type: string;
  size: number;
  width: number;
  height: number;
}

/** Out of what came over the wire; null when it is no file. */
export function fileIn(block: unknown): SentFile | null {
  const { kind, id, name, type, size, width, height } = Object(block) as Record<string, unknown>;
  if (kind !== 'file' || typeof id !== 'string' || typeof name !== 'string' || typeof type !== 'string') return null;
  const number = (value: unknown) => (typeof value === 'number' && value > 0 ? value : 0);
  return { id, name, type, size: number(size), width: number(width), height: number(height) };
}

interface Props {
  scene: Scene;
  files: ChatFiles;
  words: Signal<FileWords>;
  file: SentFile;
}

/** One file in the conversation: a picture to look at, or something to fetch. Its address is asked for when it comes on screen, and again when it is old. */
export class Sent extends Live<Props> {
  readonly _box = createRef<HTMLDivElement>();
  readonly _href = signal('');
  readonly _isDrawn = signal(true);
  _observer: IntersectionObserver | undefined;
  readonly _isSeen = signal(false);

  readonly _refresh = () => {
    const { files, file } = this.props;
    void files.link(file.id).then(
      ({ url }) => {
        this._href.value = url;
      },
      () => {
        this._href.value = '';
      },
    );
  };

  override componentDidMount() {
    const box = this._box.current;
    const see = () => {
      this._isSeen.value = true;
      this._refresh();
    };
    if (!box || typeof IntersectionObserver !== 'function') return see();
    this._observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      this._observer?.disconnect();
      see();
    });
    this._observer.observe(box);
  }
  override componentWillUnmount() {
    this._observer?.disconnect();
    super.componentWillUnmount();
  }

  readonly _load = async (): Promise<Blob | null> => {
    const { files, file } = this.props;
    const { url } = await files.link(file.id);
    const response = await fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer' });
    return response.ok ? response.blob() : null;
  };

  _draw({ scene, words, file }: Props) {
    const { name, type, size, width, height } = file;
    const isPicture = type.startsWith('image/') && width > 0 && height > 0 && this._isDrawn.value;
    const scale = Math.min(1, maxWidth / width, maxHeight / height);
    const shown = {
      width: Math.max(minSide, Math.round(width * scale)),
      height: Math.max(minSide, Math.round(height * scale)),
    };
    const label = fill(isPicture ? words.value.picture : words.value.download, name);
    const what = isPicture ? (
      <span class="picture" ref={sizeOf(shown)}>
        {this._isSeen.value && (
          <Picture
            load={this._load}
            {...shown}
            label={label}
            failed={() => {
              this._isDrawn.value = false;
            }}
          />
        )}
      </span>
    ) : (
      <span class="piece">
        <span class="thumb">
          <Sign name="page" />
        </span>
        <span class="about">
          <span class="hidden">{label}</span>
          <p aria-hidden="true">
            <bdi>{name}</bdi>
          </p>
          <p class="size">{sizeIn(scene._model._tag.value, size)}</p>
        </span>
      </span>
    );
    return (
      <div ref={this._box} onPointerEnter={this._refresh} onFocusIn={this._refresh}>
        {link(this._href.value, what)}
      </div>
    );
  }
}

/** Keeps the place of a picture before it is there, so that nothing moves when it comes. No style attribute: a page may forbid them. */
const sizeOf = (size: { width: number; height: number }) => (element: HTMLElement | null) => {
  if (!element) return;
  element.style.inlineSize = `${size.width}px`;
  element.style.aspectRatio = `${size.width} / ${size.height}`;
};
