import type { AnswerProblem, FormField } from '@sveiki/sdk';
import type { More } from '../locales/more/more.ts';
import { fill } from '../talk/formats.ts';

/** Something that fits a mask: `SV-####` gives `SV-1234`. */
export function exampleOf(mask: string): string {
  let digit = 0;
  let letter = 0;
  return mask.replace(/\\(.)|[#@*+]/g, (sign, literal?: string) => {
    if (literal) return literal;
    if (sign === '+') return '';
    return sign === '#' ? `${++digit % 10}` : String.fromCharCode(65 + (letter++ % 26));
  });
}

/** What is wrong with an answer, in words. */
export function problemText({ code, params }: AnswerProblem, field: FormField, words: More): string {
  const { min, max, pattern } = params;
  const value = `${typeof pattern === 'string' ? exampleOf(pattern) : (min ?? max ?? '')}`;
  const isLow = code === 'too-low';
  if (isLow || code === 'too-high') {
    if (field.kind === 'date') return fill(isLow ? words.tooEarly : words.tooLateDay, value);
    if (field.kind === 'multi-select') return fill(isLow ? words.chooseMore : words.chooseFewer, value);
  }
  if (code === 'required' && field.kind === 'consent') return words.tick;
  return fill(words.problems[code] ?? words.problems['wrong-type'], value);
}
