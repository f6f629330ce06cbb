import type { Signal } from '@preact/signals-core';
import {
  checkAnswers,
  type FormAnswers,
  type FormDefinition,
  type FormTexts,
  pipeAnswers,
  textIn,
  visibleFields,
} from '@sveiki/sdk';
import { type ComponentChildren, createRef } from 'preact';
import type { More } from '../locales/more/more.ts';
import { Live } from '../panel/live.ts';
import type { Scene } from '../talk/talk.tsx';
import { Field } from './field.tsx';
import type { Paper, Raw } from './paper.ts';

let count = 0;

interface Props {
  scene: Scene;
  words: Signal<More>;
  form: FormDefinition;
  paper: Paper;
  /** Gets answers that are right. */
  onSubmit(answers: FormAnswers): void;
  /** What is right so far; `isSure`: pressed, not only passed by. */
  onAnswer?(answers: FormAnswers, isSure: boolean): void;
  /** One question first: what follows its scale is shown when a point was chosen. */
  isStepwise?: boolean;
  /** Between the fields and the end of the form. */
  buttons: ComponentChildren;
  title: ComponentChildren;
  /** Told how to submit it from outside. */
  control?: (submit: () => void) => void;
}

/** The first scale of the form is in sight, and no point of it was chosen. */
export function isBeforeScale(form: FormDefinition, raw: Raw): boolean {
  const scale = visibleFields(form, raw).find(({ kind }) => kind === 'rating');
  return !!scale && checkAnswers(form, raw, { partial: true }).answers[scale.id] === undefined;
}

/** A form: its fields as their conditions allow, and what is wrong with the answers when they are to be sent. */
export class Form extends Live<Props> {
  readonly _box = createRef<HTMLFormElement>();
  readonly _prefix = `f${++count}`;
  _isRefused = false;

  readonly _submit = () => {
    const { form, paper, onSubmit } = this.props;
    const { ok, answers, problems } = checkAnswers(form, paper._answers.peek());
    paper._problems.value = problems;
    if (ok) return onSubmit(answers);
    this._isRefused = true;
    this.forceUpdate();
  };

  override componentDidMount() {
    this.props.control?.(this._submit);
  }
  /** The first wrong field tells what is wrong with it when it has the focus. */
  override componentDidUpdate() {
    if (!this._isRefused) return;
    this._isRefused = false;
    const wrong = this._box.current?.querySelector('[data-wrong]');
    wrong?.querySelector<HTMLElement>('input, select, textarea')?.focus();
    wrong?.scrollIntoView({ block: 'nearest' });
  }

  _draw({ scene, words, form, paper, onAnswer, isStepwise, buttons, title }: Props) {
    const tag = scene._model._tag.value;
    const raw = paper._answers.value;
    const known = checkAnswers(form, raw, { partial: true }).answers;
    const text = (texts: FormTexts) => pipeAnswers(textIn(texts, tag), known, form, tag);
    let fields = visibleFields(form, raw);
    if (isStepwise && isBeforeScale(form, raw))
      fields = fields.slice(0, fields.findIndex(({ kind }) => kind === 'rating') + 1);
    return (
      <form
        class="form"
        ref={this._box}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          this._submit();
        }}
      >
        {title}
        {fields.map((field) => (
          <Field
            key={field.id}
            field={field}
            prefix={this._prefix}
            paper={paper}
            words={words.value}
            tag={tag}
            text={text}
            onAnswer={(isSure) =>
              onAnswer?.(checkAnswers(form, paper._answers.peek(), { partial: true }).answers, isSure)
            }
          />
        ))}
        {buttons}
      </form>
    );
  }
}
