import { type Signal, signal } from '@preact/signals-core';
import { type FormAnswers, type FormDefinition, startAnswers, textIn, visibleFields } from '@sveiki/sdk';
import type { More } from '../locales/more/more.ts';
import { Live } from '../panel/live.ts';
import { statusOf } from '../talk/lines.ts';
import type { Scene } from '../talk/talk.tsx';
import { Form } from './form.tsx';
import { createPaper, type Paper } from './paper.ts';

/** The form that comes before the first message: what it asks and what was filled in. It outlives the screen. */
export interface BeforeChat {
  /** The form on screen. One that was begun stays, though meanwhile somebody came or everybody left. */
  _current(): { _form: FormDefinition; _paper: Paper } | null;
  /** It was sent. */
  _end(): void;
}

export function createBefore(scene: Scene): BeforeChat {
  const { _form: form, _model: model } = scene;
  let current: { _form: FormDefinition; _paper: Paper } | null = null;
  return {
    _current() {
      const next = form.value;
      if (!next) return current;
      if (current?._form.id === next.id) current = { ...current, _form: next };
      else if (!current?._paper._isTouched()) {
        const { visitor } = model._state.peek();
        const start = startAnswers(next, {
          ...(visitor?.name ? { 'visitor.name': visitor.name } : {}),
          ...(visitor ? { 'visitor.id': visitor.id } : {}),
          'page.url': location.href,
          'page.title': document.title,
          locale: model._tag.peek(),
        });
        current = { _form: next, _paper: createPaper(scene, next.id, start) };
      }
      return current;
    },
    _end() {
      current?._paper._forget();
      current = null;
    },
  };
}

interface Props {
  scene: Scene;
  words: Signal<More>;
  before: BeforeChat;
}

/** One screen: the form, and below it the composer with the first message. Sending one sends both. */
export class Before extends Live<Props> {
  /** The form is right, and there is no message. */
  readonly _isBare = signal(false);
  _submit = () => {};

  readonly _send = (answers: FormAnswers) => {
    const { scene, before } = this.props;
    const { _model: model } = scene;
    const form = before._current()?._form;
    if (!form) return;
    // A form that asks for a message of its own has the first message in it.
    const own = visibleFields(form, answers).find(({ kind, id }) => kind === 'textarea' && answers[id]);
    const text = model._draft.peek().trim() ? model._draft.peek() : `${(own && answers[own.id]) ?? ''}`;
    this._isBare.value = !text;
    if (text) model._say(text, { before: { form: form.id, answers } });
    scene._toField();
  };

  override componentDidMount() {
    const { _model: model, _say: say } = this.props.scene;
    model._gate = () => this._submit();
    const form = this.props.before._current()?._form;
    const title = form?.title === undefined ? '' : `${textIn(form.title, model._tag.peek())}. `;
    say(title + this.props.words.peek().fillIn);
  }
  override componentWillUnmount() {
    super.componentWillUnmount();
    const { scene, before } = this.props;
    const { _model: model } = scene;
    if (model._gate) model._gate = () => {};
    if (model._state.peek().entries.length > 0) before._end();
  }

  _draw({ scene, words, before }: Props) {
    const { _model: model, _formats: formats, _now: now } = scene;
    const current = before._current();
    if (!current) return null;
    const { _form: form, _paper: paper } = current;
    const more = words.value;
    const tag = model._tag.value;
    const state = model._state.value;
    const hasButton = form.submit !== undefined || form.fields.some(({ kind }) => kind === 'textarea');
    const isBare = this._isBare.value && !model._draft.value.trim();
    return (
      <div class="log before">
        <Form
          key={form.id}
          scene={scene}
          words={words}
          form={form}
          paper={paper}
          onSubmit={this._send}
          control={(submit) => {
            this._submit = submit;
          }}
          title={
            <>
              <h3 dir="auto">{form.title === undefined ? model._words.value.greeting : textIn(form.title, tag)}</h3>
              {state.site?.availability !== 'online' && (
                <p>{statusOf(state, model._words.value, formats.value, now.value)}</p>
              )}
              <p class="help">{more.fillIn}</p>
            </>
          }
          buttons={
            <>
              {isBare && (
                <p class="failed" role="alert">
                  {more.writeMessage}
                </p>
              )}
              {hasButton ? (
                <button type="submit" class="main">
                  {form.submit === undefined ? more.begin : textIn(form.submit, tag)}
                </button>
              ) : (
                // The composer has a button; this one lets Enter in a field do the same.
                <button type="submit" class="hidden" tabIndex={-1} aria-hidden="true" />
              )}
            </>
          }
        />
      </div>
    );
  }
}
