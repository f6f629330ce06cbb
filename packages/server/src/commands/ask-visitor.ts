import { type Answer, type Answers, type Ask, type AskFrame, checkAnswers } from '@sveiki/protocol';
import { answer, ask, askBySystem, type Question } from '../domain/asking.ts';
import { refuse } from '../domain/refusal.ts';
import { surveyScore } from '../domain/surveys/score.ts';
import { actOnConversation } from './act-on-conversation.ts';
import type { Command } from './command.ts';
import { type Directory, ownerOf } from './directory.ts';
import { asVisitor, bySystem } from './hand-off.ts';

/** The owner asks: a form of his own, or one of the configuration. */
export function askVisitor(agent: string, frame: AskFrame, directory: Directory): Command {
  return actOnConversation(agent, frame, directory, (state, self, view) => {
    const what: Ask | null =
      frame.what.kind === 'form' ? { form: frame.what.form, until: null } : directory.question(frame.what.id, view.now);
    return what === null ? refuse('no-such-form') : ask(state, ownerOf(self), frame.ownership, what);
  });
}

/** The relay asks: a survey whose time has come. */
export function askSurvey(id: string, conversation: string, what: Ask): Command {
  return bySystem('s:surveys', id, conversation, (state) => askBySystem(state, what));
}

/** The visitor answers `question`, which was read from his conversation before: null when it is not there. */
export function answerQuestion(
  visitor: string,
  frame: Answer,
  question: Question | null,
  directory: Directory,
): Command {
  return asVisitor(visitor, frame, (state, view) => {
    if (question === null) return refuse('no-such-question');
    const { form, survey } = question.asked;
    const checked = checkAnswers(form, frame.answers, { partial: frame.partial === true });
    if (!checked.ok) return { refused: 'bad-answers', problems: checked.problems };
    return answer(
      state,
      question,
      {
        answers: checked.answers as Answers,
        score: surveyScore(survey?.kind ?? 'custom', form, checked.answers),
        final: frame.partial !== true,
      },
      view.now,
      directory.editWindowMs(survey?.id ?? null),
    );
  });
}
