import { type Answer, type Answers, type FormDefinition, withTeams } from '@sveiki/protocol';
import { type Audit, noAudit } from '../audit/audit.ts';
import { answerQuestion } from '../commands/ask-visitor.ts';
import type { Command, Outcome } from '../commands/command.ts';
import type { Directory } from '../commands/directory.ts';
import type { Config } from '../config-types.ts';
import { may } from '../domain/access.ts';
import { type Question, questionOf } from '../domain/asking.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { AgentRow, Clock, ConversationRow, Store } from '../ports.ts';
import type { AnswerCheck } from './answer-check.ts';
import type { SurveyLinks } from './links.ts';

/** A question as whoever has its link sees it. */
export interface ShownQuestion {
  form: FormDefinition;
  /** The visitor's language, as far as it is known. */
  locale: string | null;
  /** What was answered so far. */
  answers: Answers | null;
  final: boolean;
}

/** Questions that are answered behind a link, without the chat. */
export interface LinkedAnswers {
  link(
    conversation: string,
    ask: string,
    agent: Pick<AgentRow, 'id' | 'role'>,
  ): Promise<{ url: string; expiresAt: number } | Refusal>;
  question(token: string): Promise<ShownQuestion | Refusal>;
  answer(token: string, given: Pick<Answer, 'id' | 'answers' | 'partial'>): Promise<Refusal | null>;
}

/** Of a question that has no end of its own. */
const LIFE_MS = 30 * 86_400_000;

export function createLinkedAnswers(parts: {
  config: Pick<Config, 'publicUrl' | 'teams'>;
  store: Pick<Store, 'eventsOfKinds'>;
  clock: Clock;
  audit?: Audit;
  links: SurveyLinks;
  directory: Directory;
  answerCheck: AnswerCheck;
  rowOf: (conversation: string) => Promise<ConversationRow | null>;
  submit: (command: Command) => Promise<Outcome>;
}): LinkedAnswers {
  const { config, store, clock, audit = noAudit, links, directory, answerCheck, rowOf, submit } = parts;
  const find = async (conversation: string, ask: string): Promise<Question | null> =>
    questionOf(await store.eventsOfKinds(conversation, ['asked', 'answered']), ask);
  /** What a token opens now: nothing once its visitor was forgotten. */
  async function opened(token: string) {
    const linked = links.read(token);
    const row = linked === null ? null : await rowOf(linked.conversation);
    if (linked === null || row === null || row.state.visitor.id !== linked.visitor) return null;
    const question = await find(linked.conversation, linked.ask);
    return question === null ? null : { linked, row, question };
  }

  return {
    async link(conversation, ask, { id, role }) {
      const row = await rowOf(conversation);
      if (row === null) return refuse('not-found');
      const { owner, repliedBy, visitor, erasedAt } = row.state;
      if (owner?.id !== id && repliedBy?.id !== id && !may(role, 'act-for-others')) return refuse('not-owner');
      const question = erasedAt === undefined ? await find(conversation, ask) : null;
      if (question === null) return refuse('no-such-question');
      const expiresAt = question.asked.until ?? clock.now() + LIFE_MS;
      if (expiresAt <= clock.now()) return refuse('too-late');
      await audit.note({
        ...{ actor: `agent:${id}`, action: 'survey.link-made', object: `conversation:${conversation}` },
        person: visitor.id,
      });
      const token = links.sign({ conversation, ask, visitor: visitor.id, expiresAt });
      // Behind the `#`: no server, proxy or log on the way sees it.
      return { url: `${config.publicUrl}/survey/#${token}`, expiresAt };
    },
    async question(token) {
      const found = await opened(token);
      if (found === null) return refuse('no-such-question');
      const { row, question } = found;
      const newest = question.answers.at(-1)?.body;
      return {
        form: withTeams(question.asked.form, config.teams),
        locale: row.state.locale,
        answers: newest?.answers ?? null,
        final: newest?.final ?? false,
      };
    },
    async answer(token, { id, answers, partial }) {
      const found = await opened(token);
      if (found === null) return refuse('no-such-question');
      const { conversation, ask, visitor } = found.linked;
      const { question } = found;
      const frame: Answer = { type: 'answer', id, conversation, ask, answers, ...(partial ? { partial } : {}) };
      const message = await answerCheck.objection(frame, question);
      if (message !== null) return { refused: 'bad-answers', message };
      const outcome = await submit(answerQuestion(visitor, frame, question, directory));
      return outcome.done ? null : outcome;
    },
  };
}
