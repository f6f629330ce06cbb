import { createRef } from 'preact';
import type { FileWords } from '../locales/files/file-words.ts';
import { Live } from '../panel/live.ts';
import { drawPicture } from './draw.ts';

const shapes = {
  clip: 'M20 11.5 12 19.5a5 5 0 0 1-7-7l8.5-8.5a3.4 3.4 0 0 1 4.8 4.8L9.8 17.300a1.700 1.700 0 0 1-2.400-2.400L15 7.300',
  page: 'M7 3h7l5 5v13H7zM14 3v5h5',
};

export const Sign = ({ name }: { name: keyof typeof shapes }) => (
  <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
    <path d={shapes[name]} />
  </svg>
);

interface PictureProps {
  /** Gives the bytes; null when there are none to be had. */
  load(): Promise<Blob | null>;
  width: number;
  height: number;
  /** For a screen reader; without one it is only there for the eye. */
  label?: string | undefined;
  /** It cannot be drawn. */
  failed(): void;
}

/** A picture, drawn once when it is there. */
export class Picture extends Live<PictureProps> {
  readonly _canvas = createRef<HTMLCanvasElement>();

  override componentDidMount() {
    const { load, width, height, failed } = this.props;
    load().then(
      async (bytes) => {
        const canvas = this._canvas.current;
        if (canvas && !(bytes && (await drawPicture(canvas, bytes, width, height)))) failed();
      },
      () => failed(),
    );
  }

  _draw({ width, height, label }: PictureProps) {
    return (
      <canvas
        ref={this._canvas}
        width={width}
        height={height}
        {...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': 'true' })}
      />
    );
  }
}

/** "2.4 MB", as the language writes it. */
export function sizeIn(tag: string, bytes: number): string {
  const isLarge = bytes >= 1_000_000;
  const value = Math.max(isLarge ? bytes / 1_000_000 : bytes / 1_000, 0.1);
  const unit = isLarge ? 'megabyte' : 'kilobyte';
  try {
    return new Intl.NumberFormat(tag, { style: 'unit', unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
  } catch {
    return `${value.toFixed(1)} ${isLarge ? 'MB' : 'kB'}`;
  }
}

export function problemIn(words: FileWords, code: string, size: string): string {
  const { problems } = words;
  const text = Object.hasOwn(problems, code) ? problems[code as keyof typeof problems] : problems.other;
  return text.replace('{0}', size);
}
