import type { ConversationState } from '@sveiki/protocol';
import type { Audit } from './audit/audit.ts';
import { createHandoffs } from './bots/handoffs.ts';
import { createBotHost } from './bots/host.ts';
import type { Config } from './config-types.ts';
import { isQueued } from './domain/queue.ts';
import { createAssigner } from './engine/assigner.ts';
import type { Engine } from './engine/engine.ts';
import type { Roster } from './engine/roster.ts';
import { createFeatures, type Features } from './features.ts';
import type { ToolCalls } from './gateway/session/tool-calls.ts';
import { followersOf } from './hooks/event-hooks.ts';
import type { Outbound } from './hooks/outbound.ts';
import { createOutbox } from './hooks/outbox.ts';
import type { Pipeline } from './hooks/pipeline.ts';
import type { RecentFailures } from './hooks/recent.ts';
import type { Log } from './log.ts';
import type { Overrides } from './overrides/overrides.ts';
import type { Bus, BusMessage, Clock, Ids, Store } from './ports.ts';
import type { RoutingHistory } from './routing/history.ts';
import type { Hours } from './routing/hours.ts';
import { httpRoute } from './routing/http-route.ts';
import { createRouter } from './routing/router.ts';
import type { KeptSecrets } from './secrets/kept-secrets.ts';
import type { Blocks } from './spam/blocks.ts';
import { webhookFollowers } from './webhooks/webhooks.ts';

/**
 * How customers are served by the configuration that holds: routing, handoff, bots, canned replies, surveys, hooks. It keeps nothing that is not in
 * the log or the store, so a new configuration gets a new one while every line stays open.
 */
export interface Service extends Pick<Features, 'replies' | 'answerCheck' | 'linkedAnswers' | 'deskData'> {
  /** Something was committed. */
  hear(message: Extract<BusMessage, { kind: 'events' }>): void;
  /** Somebody came, went, or has room. */
  look(): void;
  /** From time to time: what could not be done when it was time is tried again. */
  lookAgain(): void;
  settled(): Promise<void>;
  /** Nothing more is routed. */
  rest(): void;
  /** What bots and hooks are in the middle of is told again to the next one. */
  stop(): Promise<void>;
}

export async function createService(parts: {
  config: Config;
  store: Store;
  bus: Bus;
  clock: Clock;
  ids: Ids;
  log: Log;
  audit: Audit;
  secrets: Pick<KeptSecrets, 'open'>;
  engine: Engine;
  roster: Roster;
  hours: Hours;
  history: RoutingHistory;
  tools: ToolCalls;
  pipeline: Pipeline;
  failures: RecentFailures;
  outbound: Outbound;
  overrides: Overrides;
  blocks: Blocks;
  /** When the file was read. */
  loadedAt: number;
  /** Where the configuration is from, for people. */
  source: string;
}): Promise<Service> {
  const { config, store, clock, ids, log, engine, outbound, pipeline } = parts;
  const features = await createFeatures(parts);
  const { route } = config.routing;
  const router = createRouter({
    ...parts,
    route:
      route === undefined || typeof route === 'function'
        ? (route ?? null)
        : httpRoute(route, { outbound, ids, deadlineMs: config.routing.deadlineMs ?? 300 }),
  });
  const { isUndecided } = router;
  const assigner = createAssigner({ ...parts, isUndecided });
  const handoffs = createHandoffs(parts);
  const { searchForBot: searchReplies } = features.replies;
  const bots = createBotHost({ ...parts, bots: config.bots, searchReplies, offerAfter: config.handoff.offerAfter });
  bots.start();
  const outbox = await createOutbox({
    ...{ store, clock, pipeline, log, rowOf: engine.row },
    hooks: [
      ...features.followers,
      ...bots.hooks,
      ...webhookFollowers(config.webhooks, { outbound, log }),
      ...followersOf(config.hooks),
    ],
  });
  const changesOwner = ({ events }: { events: readonly { body: { kind: string } }[] }): boolean =>
    events.some(({ body }) => body.kind !== 'message' && body.kind !== 'note');
  const isRequested = ({ handoff }: ConversationState): boolean => handoff?.state === 'requested';
  const look = (): void => {
    assigner.look();
    handoffs.look();
  };
  const lookAgain = (): void => {
    router.considerAll();
    look();
  };

  return {
    replies: features.replies,
    answerCheck: features.answerCheck,
    linkedAnswers: features.linkedAnswers,
    deskData: features.deskData,
    hear(message) {
      bots.hear(message);
      outbox.wake();
      if (isRequested(message.state)) handoffs.look();
      if (!changesOwner(message) || !isQueued(message.state)) return;
      router.consider(message.state);
      assigner.look();
    },
    look,
    lookAgain,
    settled: () => assigner.settled(),
    rest() {
      router.stop();
      assigner.stop();
      handoffs.stop();
    },
    async stop() {
      bots.stop();
      await outbox.stop();
    },
  };
}
