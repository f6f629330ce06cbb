import type { Audit } from '../../audit/audit.ts';
import type { Config } from '../../config-types.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Roster } from '../../engine/roster.ts';
import type { Log } from '../../log.ts';
import type { Masking } from '../../masking/masking.ts';
import type { Metrics } from '../../metrics.ts';
import type { Bus, Clock, IdentityVerifier, Ids, RateLimiter, Store, Tickets } from '../../ports.ts';
import type { Replies } from '../../replies/replies.ts';
import type { Blocks } from '../../spam/blocks.ts';
import type { SpamGate } from '../../spam/gate.ts';
import type { AnswerCheck } from '../../surveys/answer-check.ts';
import type { Hub } from './hub.ts';
import type { SiteInfos } from './site-infos.ts';
import type { ToolCalls } from './tool-calls.ts';

/** Everything a session works with; one object for all of them. */
export interface SessionContext {
  config: Config;
  store: Store;
  bus: Bus;
  clock: Clock;
  ids: Ids;
  tickets: Tickets;
  identity: IdentityVerifier;
  limiter: RateLimiter;
  log: Log;
  audit: Audit;
  metrics: Metrics;
  engine: Engine;
  roster: Roster;
  sites: SiteInfos;
  hub: Hub;
  tools: ToolCalls;
  masking: Masking;
  answerCheck: AnswerCheck;
  replies: Pick<Replies, 'atHand'>;
  blocks: Blocks;
  gate: SpamGate;
}
