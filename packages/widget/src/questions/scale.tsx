import { type FormField, RATING_SCALES, textIn } from '@sveiki/sdk';
import type { More } from '../locales/more/more.ts';
import { fill } from '../talk/formats.ts';

type Rating = FormField & { kind: 'rating' };

/** Mouths of the five faces, and the two thumbs. Drawn: fonts with such signs are not everywhere. */
const mouths = ['M8 17q4-5 8 0', 'M8 16.5q4-2.5 8 0', 'M8 16h8', 'M8 15q4 2.5 8 0', 'M8 14.5q4 5 8 0'];
const thumb = 'M8 11v9H4v-9zm0 0 4-8c3 0 2 3 1.5 6H19l1 1-1.5 9L17 20H8';

/** What a point means, in words; empty where nobody said. */
function meaningOf(field: Rating, point: number, words: More, tag: string): string {
  const [low, high] = RATING_SCALES[field.scale];
  const own = field.points?.[point] ?? (point === low ? field.low : point === high ? field.high : undefined);
  if (own !== undefined) return textIn(own, tag);
  if (field.scale === 'csat') return words.csat[point - 1] ?? '';
  return field.scale === 'thumbs' ? (words.thumbs[point] ?? '') : '';
}

/** A point with its meaning: "4 of 5, Good". */
export function pointName(field: Rating, point: number, words: More, tag: string): string {
  const meaning = meaningOf(field, point, words, tag);
  if (field.scale === 'thumbs') return meaning;
  return fill(meaning ? words.pointNamed : words.point, `${point}`, `${RATING_SCALES[field.scale][1]}`, meaning);
}

interface Props {
  field: Rating;
  words: More;
  tag: string;
  /** Names the group of points. */
  name: string;
  value: unknown;
  /** The ids of what explains it. */
  describedBy: string | undefined;
  /** `isSure`: he pressed it; otherwise he may only be passing by with the arrow keys. */
  onChoose(point: number, isSure: boolean): void;
}

/** The points of a scale as radio buttons: arrow keys, names and state come from the platform. */
export function Scale({ field, words, tag, name, value, describedBy, onChoose }: Props) {
  const [low, high] = RATING_SCALES[field.scale];
  const points = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  const hasFaces = field.scale === 'csat';
  const end = (texts: Rating['low'], point: number) =>
    texts !== undefined || hasFaces ? <span dir="auto">{meaningOf(field, point, words, tag)}</span> : <span />;
  const chosen = typeof value === 'number' ? value : Number.NaN;
  return (
    <>
      <div class={`points ${field.scale}`}>
        {points.map((point) => (
          <label key={point} class="point">
            <input
              type="radio"
              name={name}
              checked={point === chosen}
              aria-label={pointName(field, point, words, tag)}
              aria-describedby={describedBy}
              onChange={() => onChoose(point, false)}
              // A press of the pointer, unlike an arrow key, has a place and a count.
              onClick={(event) => event.detail > 0 && onChoose(point, true)}
            />
            <span aria-hidden="true">
              {hasFaces && (
                <svg viewBox="0 0 24 24" width="28" height="28" aria-hidden="true">
                  <path d={`M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20M8.5 9.5v.1m7-.1v.1${mouths[point - 1]}`} />
                </svg>
              )}
              {field.scale === 'thumbs' ? (
                <>
                  <svg viewBox="0 0 24 24" width="24" height="24" class={point ? '' : 'down'} aria-hidden="true">
                    <path d={thumb} />
                  </svg>
                  {words.thumbs[point]}
                </>
              ) : (
                point
              )}
            </span>
          </label>
        ))}
      </div>
      {field.scale !== 'thumbs' && (
        <p class="ends" aria-hidden="true">
          {Number.isNaN(chosen) ? (
            <>
              {end(field.low, low)}
              {end(field.high, high)}
            </>
          ) : (
            <span dir="auto">{pointName(field, chosen, words, tag)}</span>
          )}
        </p>
      )}
    </>
  );
}
