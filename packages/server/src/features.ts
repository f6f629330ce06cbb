import { type Audit, noAudit } from './audit/audit.ts';
import { createAuditDesk } from './audit/desk.ts';
import { overviewOf } from './config-overview.ts';
import type { Config } from './config-types.ts';
import type { Engine } from './engine/engine.ts';
import type { Roster } from './engine/roster.ts';
import type { DeskData } from './gateway/http/desk-data.ts';
import type { LogHook } from './hooks/outbox.ts';
import type { Pipeline } from './hooks/pipeline.ts';
import type { RecentFailures } from './hooks/recent.ts';
import type { Log } from './log.ts';
import type { Overrides } from './overrides/overrides.ts';
import type { Bus, Clock, Ids, Store } from './ports.ts';
import { createReplies, type Replies } from './replies/replies.ts';
import type { KeptSecrets } from './secrets/kept-secrets.ts';
import type { Blocks } from './spam/blocks.ts';
import { createSpamDesk } from './spam/desk.ts';
import { type AnswerCheck, createAnswerCheck } from './surveys/answer-check.ts';
import { surveyFollower } from './surveys/asking.ts';
import { createLinkedAnswers, type LinkedAnswers } from './surveys/linked-answers.ts';
import { createSurveyLinks } from './surveys/links.ts';
import { createSurveyReports } from './surveys/results.ts';

/** Canned replies and surveys at work: built on the same hooks that a configuration has. */
export interface Features {
  replies: Replies;
  answerCheck: AnswerCheck;
  linkedAnswers: LinkedAnswers;
  deskData: DeskData;
  /** What of them follows the log. */
  followers: readonly LogHook[];
}

export async function createFeatures(parts: {
  config: Config;
  store: Store;
  bus: Bus;
  clock: Clock;
  ids: Ids;
  log: Log;
  audit?: Audit;
  secrets: Pick<KeptSecrets, 'open'>;
  engine: Engine;
  roster: Roster;
  pipeline: Pipeline;
  failures: Pick<RecentFailures, 'list'>;
  overrides: Overrides;
  blocks: Blocks;
  /** When the file was read. */
  loadedAt: number;
  /** Where the configuration is from, for people. */
  source: string;
}): Promise<Features> {
  const {
    config,
    store,
    clock,
    audit = noAudit,
    engine,
    roster,
    pipeline,
    failures,
    overrides,
    loadedAt,
    source,
  } = parts;
  const rowOf = (conversation: string) => engine.row(conversation);
  const submit = engine.submit;
  const replies = await createReplies({ ...parts, rowOf });
  const answerCheck = createAnswerCheck({ config, pipeline, rowOf });
  const links = await createSurveyLinks(parts);
  const linkedAnswers = createLinkedAnswers({
    ...{ config, store, clock, audit, links, answerCheck, rowOf, submit },
    directory: roster,
  });
  return {
    replies,
    answerCheck,
    linkedAnswers,
    followers: [replies.follower, surveyFollower({ config, store, clock, submit })],
    deskData: {
      replies,
      surveys: createSurveyReports({ config, store, clock, audit }),
      surveyLink: (conversation, ask, agent) => linkedAnswers.link(conversation, ask, agent),
      hookFailures: () => failures.list(),
      audit: createAuditDesk({ store, audit }),
      overrides,
      spam: createSpamDesk({ ...parts, directory: roster, submit, rowOf }),
      overview: (agent) => {
        const setup = { schedules: overrides.schedules(agent), surveys: overrides.surveys(agent) };
        return overviewOf(config, { loadedAt, source }, setup, clock.now());
      },
    },
  };
}
