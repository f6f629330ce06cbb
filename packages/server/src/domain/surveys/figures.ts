import type { RatingScale } from '@sveiki/protocol';
import { FEW, type Interval, mean, percent, round, wilson, Z95 } from '../measures/statistics.ts';

/** M11. Percentages exact, `interval` 95 % Wilson. `few`: shown greyed, and not compared. */
export interface CsatFigures {
  kind: 'csat';
  n: number;
  /** Good answers in percent of all: the top two of five, the best of three, thumbs up. */
  csat: number | null;
  mean: number | null;
  interval: Interval | null;
  /** How often each point was given, from the lowest. */
  counts: number[];
  few: boolean;
}

/** M12. `nps` from -100 to 100 with two decimals, as it is kept; `shown` is what people see. `margin`: half of the 95 % interval, in points. */
export interface NpsFigures {
  kind: 'nps';
  n: number;
  promoters: number;
  passives: number;
  detractors: number;
  nps: number | null;
  shown: number | null;
  margin: number | null;
  counts: number[];
  few: boolean;
}

/** M13, CES 2.0: 7 is the easiest. `ces` is the headline, the share of 5, 6 and 7 in percent; `index` is %(6, 7) - %(1, 2, 3). */
export interface CesFigures {
  kind: 'ces';
  n: number;
  ces: number | null;
  mean: number | null;
  index: number | null;
  interval: Interval | null;
  counts: number[];
  few: boolean;
}

export type Figures = CsatFigures | NpsFigures | CesFigures;

/** Below this many answers an NPS is greyed. */
const FEW_NPS = 30;

const count = (scores: readonly number[], low: number, high: number): number =>
  scores.filter((score) => score >= low && score <= high).length;
const counts = (scores: readonly number[], low: number, high: number): number[] =>
  Array.from({ length: high - low + 1 }, (_, i) => count(scores, low + i, low + i));

/** CSAT over the points of a scale from 1: of five (4 and 5 are good), of three (3), of two (2). */
export function csat(scores: readonly number[], points: 5 | 3 | 2 = 5): CsatFigures {
  const good = count(scores, points === 5 ? 4 : points, points);
  const n = scores.length;
  return {
    kind: 'csat',
    n,
    csat: percent(good, n),
    mean: mean(scores),
    interval: wilson(good, n),
    counts: counts(scores, 1, points),
    few: n < FEW,
  };
}

export function nps(scores: readonly number[]): NpsFigures {
  const n = scores.length;
  const promoters = count(scores, 9, 10);
  const detractors = count(scores, 0, 6);
  const value = n === 0 ? null : ((promoters - detractors) / n) * 100;
  const spread = n === 0 ? 0 : (promoters + detractors) / n - ((promoters - detractors) / n) ** 2;
  return {
    kind: 'nps',
    n,
    promoters,
    passives: n - promoters - detractors,
    detractors,
    nps: value === null ? null : round(value, 2),
    shown: value === null ? null : round(value),
    margin: n === 0 ? null : Z95 * Math.sqrt(spread / n) * 100,
    counts: counts(scores, 0, 10),
    few: n < FEW_NPS,
  };
}

export function ces(scores: readonly number[]): CesFigures {
  const n = scores.length;
  const easy = count(scores, 5, 7);
  return {
    kind: 'ces',
    n,
    ces: percent(easy, n),
    mean: mean(scores),
    index: n === 0 ? null : ((count(scores, 6, 7) - count(scores, 1, 3)) / n) * 100,
    interval: wilson(easy, n),
    counts: counts(scores, 1, 7),
    few: n < FEW,
  };
}

/** The figures of one rating question, by its scale. Thumbs (0 and 1) are a CSAT of two points. */
export function figures(scale: RatingScale, scores: readonly number[]): Figures {
  switch (scale) {
    case 'csat':
      return csat(scores);
    case 'thumbs':
      return csat(
        scores.map((score) => score + 1),
        2,
      );
    case 'nps':
      return nps(scores);
    case 'ces':
      return ces(scores);
  }
}
