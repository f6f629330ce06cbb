import { type Signal, signal } from '@preact/signals-core';
import {
  type AnswerProblem,
  type ChatError,
  type ConversationEvent,
  type Entry,
  type EventOf,
  type FormAnswers,
  pipeAnswers,
  textIn,
} from '@sveiki/sdk';
import { createRef } from 'preact';
import type { More } from '../locales/more/more.ts';
import { Live } from '../panel/live.ts';
import type { Scene } from '../talk/talk.tsx';
import { Form, isBeforeScale } from './form.tsx';
import type { Paper } from './paper.ts';
import { pointName } from './scale.tsx';

/** Somebody who goes through a scale by arrow keys has arrived when he rests so long. */
const restMs = 500;

interface Props {
  scene: Scene;
  words: Signal<More>;
  entry: Entry;
  /** The paper of a question, with what is known of it. */
  paperOf(id: string, known: FormAnswers): Paper;
}

const answersTo = ({ event }: Entry, id: string) =>
  event?.body.kind === 'answered' && event.body.ask === id ? event.body : undefined;

/** A form or survey at its place in the conversation: to be answered, put aside, answered, or over. */
export class Question extends Live<Props> {
  readonly _box = createRef<HTMLLIElement>();
  /** He wants to answer it (again). */
  readonly _isTaken = signal(false);
  /** Final answers are on their way. */
  readonly _isGiven = signal(false);
  readonly _refusal = signal('');
  readonly _event = this.props.entry.event as EventOf<'asked'> & ConversationEvent;
  _timer: ReturnType<typeof setTimeout> | undefined;
  _unkept: FormAnswers | undefined;
  /** What the relay was told last; a press is a change too, and a change is left later. */
  _told = '{}';
  _isLeft = false;

  /** What is right so far is kept by the relay at once. */
  readonly _keep = () => {
    clearTimeout(this._timer);
    const answers = this._unkept;
    this._unkept = undefined;
    const told = JSON.stringify(answers ?? {});
    if (!answers || told === '{}' || told === this._told) return;
    this._told = told;
    this.props.scene._chat.answer(this._event.id, answers, { partial: true }).catch(() => {});
  };

  readonly _onAnswer = (answers: FormAnswers, isSure: boolean) => {
    clearTimeout(this._timer);
    this._unkept = answers;
    if (isSure) this._keep();
    else this._timer = setTimeout(this._keep, restMs);
  };

  readonly _onSubmit = (answers: FormAnswers) => {
    const { scene, words } = this.props;
    clearTimeout(this._timer);
    this._unkept = undefined;
    this._refusal.value = '';
    this._isGiven.value = true;
    this._isTaken.value = false;
    this._isLeft = true;
    scene._chat.answer(this._event.id, answers).then(
      () => this._paper().paper._forget(),
      ({ code, message, problems }: ChatError) => {
        if (code === 'destroyed') return;
        const { paper } = this._paper();
        this._isGiven.value = false;
        this._isTaken.value = code !== 'too-late';
        paper._problems.value = problems as readonly AnswerProblem[];
        // Without a list of fields it is what the site itself says about the answers.
        this._refusal.value =
          code === 'too-late'
            ? words.peek().tooLate
            : code === 'bad-answers' && problems.length < 1
              ? message
              : words.peek().refused;
      },
    );
  };

  _paper() {
    const { scene, paperOf } = this.props;
    const { id } = this._event;
    const { question, entries } = scene._model._state.value;
    const given = entries.findLast((entry) => answersTo(entry, id));
    const body = given && answersTo(given, id);
    const known = question?.id === id ? question.answers : ((body?.answers ?? {}) as FormAnswers);
    return { paper: paperOf(id, known), known, body };
  }

  override componentWillUnmount() {
    super.componentWillUnmount();
    this._keep();
  }
  /** What had the focus may be gone; it stays in the question. */
  override componentDidUpdate() {
    if (!this._isLeft) return;
    this._isLeft = false;
    const box = this._box.current;
    if (!this.props.scene._host._root.activeElement) box?.focus({ preventScroll: true });
  }

  _draw({ scene, words }: Props) {
    const { _model: model, _now: now } = scene;
    const { body: ask, id } = this._event;
    const { form, survey, until } = ask;
    const { question, conversation, connection, entries } = model._state.value;
    const { paper, known, body } = this._paper();
    const more = words.value;
    const tag = model._tag.value;
    const text = (texts: Parameters<typeof textIn>[0]) => pipeAnswers(textIn(texts, tag), known, form, tag);
    const title = form.title === undefined ? model._words.value.asked : text(form.title);
    const isOver = until !== null && now.value > until;
    // Final answers that wait for the relay are told by a question that is gone, though nobody answered it.
    const isOnTheWay = !body?.final && (this._isGiven.value || (conversation?.asked === id && question?.id !== id));
    const isDone = body?.final || isOnTheWay;
    const refusal = this._refusal.value;
    const take = (isTaken: boolean) => {
      this._isTaken.value = isTaken;
      paper._putAside(!isTaken && !isDone);
      this._isLeft = true;
      this._refusal.value = '';
    };
    const isOpen = this._isTaken.value || (!isDone && !isOver && question?.id === id && !paper._isAside.value);
    if (isOpen) {
      const isFirstStep = survey !== undefined && isBeforeScale(form, paper._answers.value);
      return (
        <li class="asked" ref={this._box} tabIndex={-1}>
          <section aria-label={title}>
            <Form
              scene={scene}
              words={words}
              form={form}
              paper={paper}
              isStepwise={survey !== undefined}
              onSubmit={this._onSubmit}
              {...(body?.final ? {} : { onAnswer: this._onAnswer })}
              title={form.title !== undefined && <h3 dir="auto">{title}</h3>}
              buttons={
                <>
                  {refusal && (
                    <p class="failed" role="alert" dir="auto">
                      {refusal}
                    </p>
                  )}
                  <div class="buttons">
                    {!isFirstStep && (
                      <button type="submit" class="main">
                        {form.submit === undefined ? more.submit : text(form.submit)}
                      </button>
                    )}
                    <button type="button" onClick={() => take(false)}>
                      {more.later}
                    </button>
                  </div>
                </>
              }
            />
          </section>
        </li>
      );
    }
    const rating = isDone && form.fields.find((field) => field.kind === 'rating');
    const point = rating && rating.kind === 'rating' ? (body?.answers ?? paper._answers.value)[rating.id] : undefined;
    const hasComment = form.fields.some((field) => field.kind === 'textarea' && body?.answers[field.id]);
    const isLast = entries.findLast(({ event }) => event?.body.kind === 'asked')?.event?.id === id;
    return (
      <li class="line asked" ref={this._box} tabIndex={-1}>
        <p dir="auto">
          {isDone ? (form.thanks === undefined ? more.thanks : text(form.thanks)) : title}
          {rating &&
            rating.kind === 'rating' &&
            typeof point === 'number' &&
            ` ${pointName(rating, point, more, tag)}.`}
          {isOnTheWay && connection.status !== 'online' && ` ${more.kept}`}
          {(isOver && !isDone) || refusal ? ` ${refusal || more.tooLate}` : ''}
        </p>
        {/* A comment closes an answer for good. */}
        {!isOver && !isOnTheWay && !hasComment && (isLast || !isDone) && refusal !== more.tooLate && (
          <button type="button" class="quiet" onClick={() => take(true)}>
            {isDone ? more.change : more.answer}
          </button>
        )}
      </li>
    );
  }
}
