import { type Answers, checkAnswers, type Send } from '@sveiki/protocol';
import { answeredBefore } from '../domain/asking.ts';
import { filesIn } from '../domain/attaching.ts';
import { consentBefore } from '../domain/consenting.ts';
import type { Draft } from '../domain/log.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import { hasRoom } from '../domain/routing/capacity.ts';
import { agentSays, visitorSays } from '../domain/sending.ts';
import type { VisitorRow, VisitorSessionRow } from '../ports.ts';
import { actOnConversation } from './act-on-conversation.ts';
import type { Command } from './command.ts';
import { type Directory, ownerOf } from './directory.ts';

/** A visitor who sends. `promised` is the session row to store with his first message, when he is not kept yet. */
export interface SendingVisitor {
  row: VisitorRow;
  promised: VisitorSessionRow | null;
}

/** A visitor's message: where it lands is decided by SPEC [C1]-[C4]. */
export function sendAsVisitor(visitor: SendingVisitor, frame: Send, directory: Directory): Command {
  const { row } = visitor;
  return {
    author: `v:${row.id}`,
    id: frame.id,
    needs: [frame.conversation],
    files: filesIn(frame),
    decide(view) {
      const aimed = view.state(frame.conversation);
      if (aimed !== null && aimed.visitor.id !== row.id) return refuse('not-found');
      const before = filledInBefore(row, frame.before, directory);
      if (before !== null && isRefusal(before)) return before;
      const previous = aimed?.status === 'resolved' && aimed.owner !== null ? directory.agent(aimed.owner.id) : null;
      const isFree =
        previous?.available === true &&
        hasRoom({ load: view.load(previous.id, previous.capacity), capacity: previous.capacity }, 1, 0);
      const said = visitorSays(
        { aimed, current: view.currentOf(row.id) },
        {
          blocks: frame.blocks,
          fileOf: (id) => view.file(id, `v:${row.id}`),
          now: view.now,
          reopenWindowMs: directory.reopenWindowMs,
          beginning: {
            team: directory.teamOfSite(row.site),
            visitor: { id: row.id, name: row.name },
            locale: row.locale,
            visit: row.visit,
          },
          back: isFree ? ownerOf(previous) : null,
          before: before === null ? [] : [before],
        },
      );
      if (isRefusal(said)) return said;
      const state = said.to === 'existing' ? said.conversation : null;
      const consent = consentBefore(state, row.id, directory.consentOf(row.site), frame.consent);
      if (isRefusal(consent)) return consent;
      // A log begins with its beginning.
      const drafts = state === null ? said.drafts.toSpliced(1, 0, ...consent) : [...consent, ...said.drafts];
      // A new conversation gets the id its visitor named, unless that one is used up by a conversation that stays closed.
      const conversation =
        said.to === 'existing' ? said.conversation.id : aimed === null ? frame.conversation : view.newId();
      const promised = visitor.promised === null ? {} : { visitor: { row, session: visitor.promised } };
      return { conversation, site: row.site, drafts, ...promised };
    },
  };
}

/** What came with his first message, checked by the form of the site. */
function filledInBefore(
  { id, site }: VisitorRow,
  before: Send['before'],
  directory: Directory,
): Draft | Refusal | null {
  if (before === undefined) return null;
  const asked = directory.askedBefore(site, before.form);
  if (asked === null) return refuse('no-such-form');
  const checked = checkAnswers(asked.form, before.answers, { partial: false });
  return checked.ok
    ? answeredBefore(id, asked.purpose, before.form, checked.answers as Answers)
    : refuse('bad-answers');
}

/** An agent's message to the visitor. */
export function sendAsAgent(agent: string, frame: Send, directory: Directory): Command {
  return actOnConversation(
    agent,
    frame,
    directory,
    (state, self, view) =>
      agentSays(state, ownerOf(self), frame.ownership, frame.blocks, (id) => view.file(id, `a:${agent}`)),
    filesIn(frame),
  );
}
