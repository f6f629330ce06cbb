import { type Signal, signal } from '@preact/signals-core';
import { type AnswerProblem, type FormAnswers, type FormDefinition, pipeAnswers, textIn } from '@sveiki/sdk';
import { render } from 'preact';
import { chooseLanguage } from '../launcher/languages.ts';
import type { More } from '../locales/more/more.ts';
import { moreWords } from '../locales/more/words.ts';
import { Live } from '../panel/live.ts';
import { Form } from '../questions/form.tsx';
import type { Paper, Raw } from '../questions/paper.ts';
import questions from '../questions/questions.css';
import type { Scene } from '../talk/talk.tsx';
import css from './survey.css';

/** What the relay tells whoever has the link. */
interface ShownQuestion {
  form: FormDefinition;
  locale: string | null;
  answers: FormAnswers | null;
  final: boolean;
}

type Told = { ok: true } | { ok: false; problems: readonly AnswerProblem[]; message: string | null };

/** One question behind a link, without the chat. What is right so far is kept by the relay. */
export async function startSurvey(
  root: HTMLElement,
  { token, fetch, wishes }: { token: string; fetch: typeof globalThis.fetch; wishes: readonly string[] },
): Promise<void> {
  const { document } = root.ownerDocument.defaultView ?? globalThis;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`${css}${questions}`);
  document.adoptedStyleSheets = [sheet];

  const ask = async (path: string, body: object): Promise<Response | null> => {
    try {
      return await fetch(`api/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token, ...body }),
      });
    } catch {
      return null;
    }
  };
  const speak = async (locale: string | null): Promise<[tag: Signal<string>, words: Signal<More>, scene: Scene]> => {
    const [chosen] = chooseLanguage([locale, ...wishes]);
    document.documentElement.lang = chosen;
    document.documentElement.dir = /^ar\b/i.test(chosen) ? 'rtl' : 'ltr';
    const tag = signal(chosen);
    // A form asks no more of the scene it is in than its language.
    const scene = { _model: { _tag: tag }, _follow() {} } as unknown as Scene;
    return [tag, await moreWords(scene), scene];
  };

  const response = await ask('question', {});
  if (!response?.ok) {
    const [, words] = await speak(null);
    const isClosed = response !== null && response.status < 429;
    render(<p role="alert">{isClosed ? words.peek().tooLate : words.peek().refused}</p>, root);
    if (!isClosed) addEventListener('online', () => location.reload(), { once: true });
    return;
  }
  const question = (await response.json()) as ShownQuestion;
  const [, words, scene] = await speak(question.locale);
  const paper = createSheet(question.answers ?? {});
  const answer = async (answers: FormAnswers, isFinal: boolean): Promise<Told | 'closed' | 'away'> => {
    const told = await ask('answer', { id: newId(), answers, ...(isFinal ? {} : { partial: true }) });
    if (told?.ok) return (await told.json()) as Told;
    return told !== null && told.status < 429 ? 'closed' : 'away';
  };
  render(<SurveyPage {...{ root, scene, words, paper, question, answer }} />, root);
}

interface Props {
  root: HTMLElement;
  scene: Scene;
  words: Signal<More>;
  paper: Paper;
  question: ShownQuestion;
  answer(answers: FormAnswers, isFinal: boolean): Promise<Told | 'closed' | 'away'>;
}

class SurveyPage extends Live<Props> {
  readonly _stage = signal<'form' | 'done' | 'closed'>(this.props.question.final ? 'done' : 'form');
  readonly _refusal = signal('');

  readonly _onSubmit = (answers: FormAnswers) => {
    const { answer, paper, words, root } = this.props;
    this._refusal.value = '';
    void answer(answers, true).then((told) => {
      if (told === 'away') {
        this._refusal.value = words.peek().kept;
        // As promised: once, when the network is back.
        addEventListener('online', () => this._onSubmit(answers), { once: true });
        return;
      }
      if (told === 'closed' || told.ok) {
        this._stage.value = told === 'closed' ? 'closed' : 'done';
        // What had the focus is gone: it stays on the page.
        root.tabIndex = -1;
        root.focus();
        return;
      }
      paper._problems.value = told.problems;
      this._refusal.value = told.message ?? words.peek().refused;
    });
  };

  _draw({ scene, words, paper, question, answer }: Props) {
    const { form } = question;
    const more = words.value;
    const tag = scene._model._tag.value;
    const answers = paper._answers.value as FormAnswers;
    const text = (texts: Parameters<typeof textIn>[0]) => pipeAnswers(textIn(texts, tag), answers, form, tag);
    const stage = this._stage.value;
    const change = () => {
      this._stage.value = 'form';
    };
    if (stage === 'closed') return <p role="status">{more.tooLate}</p>;
    if (stage === 'done')
      return (
        <div class="form">
          <p role="status" dir="auto">
            {form.thanks === undefined ? more.thanks : text(form.thanks)}
          </p>
          <div class="buttons">
            <button type="button" onClick={change}>
              {more.change}
            </button>
          </div>
        </div>
      );
    return (
      <Form
        scene={scene}
        words={words}
        form={form}
        paper={paper}
        onSubmit={this._onSubmit}
        {...(question.final
          ? {}
          : {
              onAnswer: (right: FormAnswers) => {
                if (Object.keys(right).length > 0) void answer(right, false);
              },
            })}
        title={form.title !== undefined && <h1 dir="auto">{text(form.title)}</h1>}
        buttons={
          <>
            {this._refusal.value && (
              <p class="failed" role="alert" dir="auto">
                {this._refusal.value}
              </p>
            )}
            <div class="buttons">
              <button type="submit" class="main">
                {form.submit === undefined ? more.submit : text(form.submit)}
              </button>
            </div>
          </>
        }
      />
    );
  }
}

/** A paper that lies nowhere but on the screen: the link may have been opened on anybody's computer. */
function createSheet(start: Raw): Paper {
  const answers = signal<Raw>(start);
  const problems = signal<readonly AnswerProblem[]>([]);
  let isTouched = false;
  return {
    _answers: answers,
    _problems: problems,
    _isAside: signal(false),
    _isTouched: () => isTouched,
    _set(field, value) {
      isTouched = true;
      answers.value = { ...answers.peek(), [field]: value };
      problems.value = problems.peek().filter((problem) => problem.field !== field);
    },
    _putAside() {},
    _forget() {},
  };
}

/** Time-ordered, and nobody else's. */
function newId(): string {
  const random = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0'));
  return `${Date.now().toString(36)}-${random.join('')}`;
}
