import { type FormTexts, RATING_SCALES, type SurveyQuestion, textIn } from '@sveiki/sdk/agent';
import { texts } from '../texts.ts';
import { deskLocale } from './answers.ts';
import { cleaned } from './names.ts';

type Figures = SurveyQuestion['human'];

const round = (value: number, digits = 0) => String(Math.round(value * 10 ** digits) / 10 ** digits);
/** A share is never 100 or 0 by rounding alone. */
export function percent(share: number): string {
  const whole = Math.round(share);
  if (whole === 100 && share < 100) return '> 99 %';
  if (whole === 0 && share > 0) return '< 1 %';
  return `${whole} %`;
}

/** "82 % satisfied", with its interval and how many answered, in words. `headline` is null while nobody did. */
export function figuresInWords(figures: Figures): {
  headline: string | null;
  range: string | null;
  more: string | null;
} {
  const words = texts.surveys.figures;
  if (figures.n === 0) return { headline: null, range: null, more: null };
  if (figures.kind === 'nps') {
    const range = figures.margin === null ? null : words.margin(round(figures.margin));
    return {
      headline: figures.shown === null ? null : words.nps(signed(figures.shown)),
      range,
      more: words.npsParts(figures.promoters, figures.passives, figures.detractors),
    };
  }
  const share = figures.kind === 'csat' ? figures.csat : figures.ces;
  const { interval, mean } = figures;
  return {
    headline: share === null ? null : words[figures.kind](percent(share)),
    range: interval === null ? null : words.interval(round(interval.low), round(interval.high)),
    more: mean === null ? null : words.mean(round(mean, 2)),
  };
}

const signed = (value: number) => (value > 0 ? `+${value}` : String(value).replace('-', '−'));

/** How often each point was given: from the highest, with its share of all. */
export function distribution(
  question: Pick<SurveyQuestion, 'scale'>,
  figures: Figures,
): { point: number; name: string; count: number; share: number }[] {
  const [low] = RATING_SCALES[question.scale];
  return figures.counts
    .map((count, index) => ({
      point: low + index,
      name:
        question.scale === 'thumbs' ? (index > 0 ? texts.asked.thumbUp : texts.asked.thumbDown) : String(low + index),
      count,
      share: figures.n === 0 ? 0 : (100 * count) / figures.n,
    }))
    .reverse();
}

export const labelIn = (label: FormTexts): string => cleaned(textIn(label, deskLocale));
