import type { Answer } from '@sveiki/protocol';
import type { Config } from '../config-types.ts';
import type { Question } from '../domain/asking.ts';
import type { Hook, Pipeline } from '../hooks/pipeline.ts';
import { createMasking } from '../masking/masking.ts';
import type { ConversationRow } from '../ports.ts';

type Own = NonNullable<Config['hooks']['checkAnswers']>;
type Input = Parameters<Own['run']>[0];

/** The site's own word on answers before they count. */
export interface AnswerCheck {
  /** What the visitor is told instead of having answered; null when the answers may count, or the site's code has no answer in time. */
  objection(frame: Pick<Answer, 'conversation' | 'answers' | 'partial'>, question: Question): Promise<string | null>;
}

const MAX_CHARS = 500;

export function createAnswerCheck(parts: {
  config: Pick<Config, 'hooks' | 'privacy'>;
  pipeline: Pipeline;
  rowOf: (conversation: string) => Promise<ConversationRow | null>;
}): AnswerCheck {
  const { config, pipeline, rowOf } = parts;
  const own = config.hooks.checkAnswers;
  if (own === undefined) return { objection: async () => null };
  const masking = createMasking(config);
  const hook: Hook<Input, string | null> = {
    name: 'checkAnswers',
    stage: 'answers',
    isForeign: true,
    run: (input, context) => own.run(input, context),
    ...(own.deadlineMs === undefined ? {} : { deadlineMs: own.deadlineMs }),
  };
  return {
    async objection({ conversation, answers, partial }, { asked }) {
      if (partial === true) return null;
      const state = (await rowOf(conversation))?.state ?? null;
      const { value } = await pipeline.decide(
        hook,
        { form: asked.form.id, answers: masking.value(answers), conversation: state },
        {
          otherwise: null,
          check: (said) =>
            said === null || (typeof said === 'string' && said.trim() !== '' && said.length <= MAX_CHARS),
          conversation,
        },
      );
      return value;
    },
  };
}
