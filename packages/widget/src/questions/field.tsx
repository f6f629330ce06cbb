import { type FormField, type FormTexts, textIn } from '@sveiki/sdk';
import type { ComponentChildren } from 'preact';
import type { More } from '../locales/more/more.ts';
import { fill } from '../talk/formats.ts';
import { link } from '../talk/parts/text.tsx';
import type { Paper } from './paper.ts';
import { problemText } from './problem.ts';
import { Scale } from './scale.tsx';

interface Props {
  field: FormField;
  /** Begins every id of this form; no other form on the screen has it. */
  prefix: string;
  paper: Paper;
  words: More;
  tag: string;
  /** Puts earlier answers into a text. */
  text(texts: FormTexts): string;
  /** An answer is there to be kept; `isSure`: for certain, not only in passing. */
  onAnswer(isSure: boolean): void;
}

const inputs: Record<
  string,
  {
    type: 'text' | 'email' | 'tel' | 'url' | 'date';
    autocomplete?: 'name' | 'email' | 'tel' | 'url';
    inputmode?: 'decimal';
  }
> = {
  text: { type: 'text' },
  name: { type: 'text', autocomplete: 'name' },
  email: { type: 'email', autocomplete: 'email' },
  phone: { type: 'tel', autocomplete: 'tel' },
  link: { type: 'url', autocomplete: 'url' },
  // Not of type "number": it throws away what it cannot read, such as a decimal comma, and nobody could say what is wrong with it.
  number: { type: 'text', inputmode: 'decimal' },
  date: { type: 'date' },
};

/** One field with its label, its help and what is wrong with it. */
export function Field({ field, prefix, paper, words, tag, text, onAnswer }: Props) {
  const { kind } = field;
  const id = `${prefix}-${field.id}`;
  const value = paper._answers.value[field.id];
  const problem = paper._problems.value.find((one) => one.field === field.id);
  const help = field.help === undefined ? '' : text(field.help);
  const describedBy = [help && `${id}-help`, problem && `${id}-wrong`].filter(Boolean).join(' ') || undefined;
  const set = (next: unknown) => paper._set(field.id, next);
  const isRequired = 'required' in field && field.required === true;
  const label = text(field.label);
  const title = isRequired || kind === 'consent' || kind === 'checkbox' ? label : fill(words.optional, label);
  const common = {
    id,
    'aria-describedby': describedBy,
    'aria-invalid': problem ? true : undefined,
    'aria-required': isRequired || undefined,
  } as const;
  const around = (content: ComponentChildren, heading?: ComponentChildren) => (
    <>
      {heading}
      {help && (
        <p class="help" id={`${id}-help`} dir="auto">
          {help}
        </p>
      )}
      {content}
      {problem && (
        <p class="failed" id={`${id}-wrong`}>
          {problemText(problem, field, words)}
        </p>
      )}
    </>
  );
  const wrapped = (content: ComponentChildren) => (
    <div class="field" data-wrong={problem && ''}>
      {around(
        content,
        <label for={id} dir="auto">
          {title}
        </label>,
      )}
    </div>
  );
  const group = (content: ComponentChildren, role?: 'radiogroup') => (
    <fieldset
      class="field"
      data-wrong={problem && ''}
      {...(role && { role, 'aria-required': isRequired || undefined, 'aria-invalid': problem ? true : undefined })}
      aria-labelledby={`${id}-label`}
      aria-describedby={describedBy}
    >
      {around(
        content,
        <legend id={`${id}-label`} dir="auto">
          {title}
        </legend>,
      )}
    </fieldset>
  );

  switch (kind) {
    case 'hidden':
      return null;
    case 'header':
      return (
        <div class="field">
          <h4 dir="auto">{label}</h4>
          {help && <p dir="auto">{help}</p>}
        </div>
      );
    case 'rating':
      return group(
        <Scale
          field={field}
          words={words}
          tag={tag}
          name={id}
          value={value}
          describedBy={problem && `${id}-wrong`}
          onChoose={(point, isSure) => {
            set(point);
            onAnswer(isSure);
          }}
        />,
        'radiogroup',
      );
    case 'checkbox':
    case 'consent':
      return (
        <div class="field" data-wrong={problem && ''}>
          <label class="tick" dir="auto">
            <input
              type="checkbox"
              {...common}
              checked={value === true}
              onChange={(event) => {
                set(event.currentTarget.checked);
                onAnswer(true);
              }}
            />
            <span>{title}</span>
          </label>
          {kind === 'consent' && field.policy && link(field.policy, words.policy)}
          {around(null)}
        </div>
      );
    case 'radio':
    case 'multi-select': {
      const chosen: readonly unknown[] = Array.isArray(value) ? value : [value];
      const isRadio = kind === 'radio';
      return group(
        (field.options ?? []).map((option) => (
          <label key={option.value} class="tick" dir="auto">
            <input
              type={isRadio ? 'radio' : 'checkbox'}
              name={id}
              checked={chosen.includes(option.value)}
              aria-describedby={problem && `${id}-wrong`}
              onChange={(event) => {
                const { checked } = event.currentTarget;
                const others = chosen.filter((one) => typeof one === 'string' && one !== option.value);
                set(isRadio ? option.value : checked ? [...others, option.value] : others);
                onAnswer(!isRadio);
              }}
            />
            <span>{textIn(option.label, tag)}</span>
          </label>
        )),
        isRadio ? 'radiogroup' : undefined,
      );
    }
    case 'select':
    case 'department':
      return wrapped(
        <select
          {...common}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => {
            set(event.currentTarget.value);
            onAnswer(true);
          }}
        >
          <option value="">{words.choose}</option>
          {(field.options ?? []).map((option) => (
            <option key={option.value} value={option.value} selected={value === option.value}>
              {textIn(option.label, tag)}
            </option>
          ))}
        </select>,
      );
    case 'textarea':
      return wrapped(
        <textarea
          {...common}
          rows={3}
          dir={value ? 'auto' : undefined}
          value={value === undefined ? '' : `${value}`}
          onInput={(event) => set(event.currentTarget.value)}
          onChange={() => onAnswer(false)}
        />,
      );
    default:
      return wrapped(
        <input
          {...common}
          // The types tell inputs apart by their type, which is known only here.
          {...(inputs[kind] as { type: 'text' })}
          dir={value && kind !== 'date' ? 'auto' : undefined}
          value={value === undefined ? '' : `${value}`}
          onInput={(event) => set(event.currentTarget.value)}
          onChange={() => onAnswer(false)}
        />,
      );
  }
}
