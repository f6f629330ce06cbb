import { type Signal, signal } from '@preact/signals-core';
import type { AnswerProblem } from '@sveiki/sdk';
import type { Scene } from '../talk/talk.tsx';

/** Answers as they stand in the fields: also half typed or wrong. */
export type Raw = Readonly<Record<string, unknown>>;

/** What somebody has filled in so far, on the screen and on disk. */
export interface Paper {
  readonly _answers: Signal<Raw>;
  readonly _problems: Signal<readonly AnswerProblem[]>;
  /** He put it aside. */
  readonly _isAside: Signal<boolean>;
  /** Something was filled in by hand. */
  _isTouched(): boolean;
  _set(field: string, value: unknown): void;
  _putAside(isAside: boolean): void;
  _forget(): void;
}

/**
 * The paper of a form or question. It lies beside the chat's own things on disk, under a name that begins as theirs do, so that forgetting the visitor forgets
 * it too.
 */
export function createPaper({ _host: host }: Scene, id: string, start: Raw): Paper {
  const key = `sveiki:${host.getAttribute('site')}:form:${id}`;
  const isKept = host.getAttribute('storage') !== 'memory';
  const disk = <T>(run: (disk: Storage) => T): T | null => {
    try {
      return isKept ? run(localStorage) : null;
    } catch {
      // No room, or a page that may not keep anything: it stays on the screen.
      return null;
    }
  };
  let kept: { answers?: Raw; isAside?: boolean } = {};
  try {
    kept = JSON.parse(disk((storage) => storage.getItem(key)) ?? '{}');
  } catch {
    // What cannot be read was not written here.
  }
  let touched = kept.answers;
  const answers = signal<Raw>({ ...start, ...touched });
  const problems = signal<readonly AnswerProblem[]>([]);
  const isAside = signal(kept.isAside === true);
  const keep = () =>
    disk((storage) => storage.setItem(key, JSON.stringify({ answers: touched, isAside: isAside.peek() })));
  return {
    _answers: answers,
    _problems: problems,
    _isAside: isAside,
    _isTouched: () => !!touched,
    _set(field, value) {
      touched = { ...touched, [field]: value };
      answers.value = { ...answers.peek(), [field]: value };
      problems.value = problems.peek().filter((problem) => problem.field !== field);
      keep();
    },
    _putAside(next) {
      isAside.value = next;
      keep();
    },
    _forget() {
      touched = undefined;
      disk((storage) => storage.removeItem(key));
    },
  };
}
