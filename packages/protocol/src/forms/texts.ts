import type { FormAnswers, FormDefinition, FormTexts } from './form.ts';

/** The text in a language: exactly it (`de-AT`), its wider one (`de`), English, or the first there is. */
export function textIn(texts: FormTexts, locale: string): string {
  if (typeof texts === 'string') return texts;
  const parts = locale.split('-');
  for (; parts.length; parts.pop()) {
    const tag = parts.join('-');
    if (Object.hasOwn(texts, tag)) return texts[tag] as string;
  }
  return texts['en'] ?? Object.values(texts)[0] ?? '';
}

/** Finds `{{answer.order}}` and `{{answer.order|what to say without one}}`. */
export const PIPE = /\{\{ *answer\.([\w-]{1,40}) *(?:\|([^{}]*))?\}\}/g;

/** Characters an answer may take up in a label. */
const MAX_PIPED_CHARS = 200;

/**
 * Puts earlier answers into a text: `{{answer.order}}`, or `{{answer.name|there}}` with what to say when there is none. The result is plain text
 * and is not read again: an answer that looks like a placeholder stays one. With the form, choices and points appear in the words of their labels.
 */
export function pipeAnswers(text: string, answers: FormAnswers, form?: FormDefinition, locale = 'en'): string {
  return text.replace(PIPE, (_, id: string, otherwise = '') => {
    const words = Object.hasOwn(answers, id) ? answerInWords(id, answers, form, locale) : '';
    return words.length > MAX_PIPED_CHARS ? `${words.slice(0, MAX_PIPED_CHARS)}…` : words || otherwise;
  });
}

/** One answer as people read it: the labels of what was chosen, the name of a point where it has one; ticks say nothing. */
export function answerInWords(id: string, answers: FormAnswers, form?: FormDefinition, locale = 'en'): string {
  const field = form?.fields.find((one) => one.id === id);
  const answer = Object.hasOwn(answers, id) ? answers[id] : undefined;
  const word = (value: string): string => {
    const texts =
      field && 'options' in field
        ? field.options?.find((option) => option.value === value)?.label
        : field?.kind === 'rating'
          ? field.points?.[value]
          : undefined;
    return texts === undefined ? value : textIn(texts, locale);
  };
  if (answer === undefined || typeof answer === 'boolean') return '';
  return typeof answer === 'object' ? answer.map(word).join(', ') : word(String(answer));
}
