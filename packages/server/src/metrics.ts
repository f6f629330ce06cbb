import type { CommandFrame, ErrorCode, FromClient, FromServer } from '@sveiki/protocol';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What the relay counts while it works. Every label has few values, all of them ours: nothing a client sends becomes one. */
export interface Metrics {
  /** A session opened (+1) or ended (-1). */
  sessions(role: 'visitor' | 'agent' | 'unknown', delta: 1 | -1): void;
  /** A frame arrived; `unreadable` when it was none of ours. */
  framesIn(type: FromClient['type'] | 'unreadable'): void;
  /** `count` frames of a kind were given to connections. */
  framesOut(type: FromServer['type'], count: number): void;
  /** A command was answered: `done` (an ack), `repeated` (an ack from memory) or the refusal's code. */
  commands(type: CommandFrame['type'], outcome: 'done' | 'repeated' | ErrorCode): void;
  /** From a command's arrival to its ack. */
  ackMs(ms: number): void;
  /** One commit: how many events it held and how long it took. */
  commitMs(events: number, ms: number): void;
  /** A commit failed and was answered with a refusal. */
  commitFailed(why: 'conflict' | 'storage-full' | 'other'): void;
  /** Conversations that wait in the queue now. */
  queueDepth(count: number): void;
  /** Conversations that are not resolved now. */
  openConversations(count: number): void;
  /** A connection was closed by the relay with this code. */
  closes(code: number): void;
  /** Ephemeral frames left out because a reader was slow. */
  dropped(count: number): void;
  /** Something was refused before there was a session: the door, or HTTP. */
  refused(what: 'origin' | 'rate' | 'login' | 'ticket' | 'host'): void;
  /** A hook ran; names are those of the configuration, and ours. */
  hookRun(hook: string, outcome: 'done' | 'failed' | 'late' | 'nonsense' | 'called-off', ms: number): void;
}

/** Counts nothing. */
export const noMetrics: Metrics = {
  sessions: () => {},
  framesIn: () => {},
  framesOut: () => {},
  commands: () => {},
  ackMs: () => {},
  commitMs: () => {},
  commitFailed: () => {},
  queueDepth: () => {},
  openConversations: () => {},
  closes: () => {},
  dropped: () => {},
  refused: () => {},
  hookRun: () => {},
};

/** Metrics that can be read as Prometheus text. */
export interface MetricsPage extends Metrics {
  page(): Promise<{ type: string; text: string }>;
}

const LATENCY_MS = [0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

/** Prometheus metrics by prom-client, in a registry of their own. */
export function createMetrics(): MetricsPage {
  const registers = [new Registry()];
  const registry = registers[0]!;
  collectDefaultMetrics({ register: registry, prefix: 'sveiki_' });
  const counter = (name: string, help: string, ...labelNames: string[]) =>
    tallied({ name, help, labelNames, registers });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name, help, buckets, registers });

  const sessions = new Gauge({ name: 'sveiki_sessions', help: 'Open sessions', labelNames: ['role'], registers });
  const framesIn = counter('sveiki_frames_in_total', 'Frames that arrived', 'type');
  const framesOut = counter('sveiki_frames_out_total', 'Frames given to connections', 'type');
  const commands = counter('sveiki_commands_total', 'Commands by what became of them', 'type', 'outcome');
  const commitFailures = counter('sveiki_commit_failures_total', 'Commits that failed', 'why');
  const closes = counter('sveiki_closes_total', 'Connections closed by the relay', 'code');
  const refused = counter('sveiki_refused_total', 'Requests refused before a session', 'what');
  const dropped = counter('sveiki_dropped_frames_total', 'Ephemeral frames left out for slow readers');
  const ackMs = histogram('sveiki_ack_milliseconds', 'From a command to its ack', LATENCY_MS);
  const commitMs = histogram('sveiki_commit_milliseconds', 'Duration of a commit', LATENCY_MS);
  const commitEvents = histogram('sveiki_commit_events', 'Events in one commit', [1, 2, 5, 10, 25, 50, 100, 250, 500]);
  const hookRuns = counter('sveiki_hook_runs_total', 'Runs of hooks by what became of them', 'hook', 'outcome');
  const hookMs = new Histogram({
    name: 'sveiki_hook_milliseconds',
    help: 'Duration of a run of a hook',
    labelNames: ['hook'],
    buckets: LATENCY_MS,
    registers,
  });
  const queueDepth = gauge('sveiki_queue_conversations', 'Conversations waiting in the queue');
  const open = gauge('sveiki_open_conversations', 'Conversations that are not resolved');

  return {
    sessions: (role, delta) => sessions.inc({ role }, delta),
    framesIn: (type) => framesIn(1, type),
    framesOut: (type, count) => framesOut(count, type),
    commands: (type, outcome) => commands(1, type, outcome),
    ackMs: (ms) => ackMs.observe(ms),
    commitMs: (events, ms) => {
      commitMs.observe(ms);
      commitEvents.observe(events);
    },
    commitFailed: (why) => commitFailures(1, why),
    queueDepth: (count) => queueDepth.set(count),
    openConversations: (count) => open.set(count),
    closes: (code) => closes(1, String(code)),
    dropped: (count) => dropped(count),
    refused: (what) => refused(1, what),
    hookRun(hook, outcome, ms) {
      hookRuns(1, hook, outcome);
      hookMs.observe({ hook }, ms);
    },
    page: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}

/**
 * Counts in numbers of its own, which prom-client gets when the page is read: it looks at every label anew at each `inc`, and that was a twentieth
 * of what a message costs.
 */
function tallied(options: {
  name: string;
  help: string;
  labelNames: string[];
  registers: Registry[];
}): (count: number, ...labels: string[]) => void {
  const tallies: Tally[] = [];
  const root: Tally = { labels: {}, count: 0, next: new Map() };
  new Counter({
    ...options,
    collect() {
      this.reset();
      for (const { labels, count } of tallies) this.inc(labels, count);
    },
  });
  return (count, ...values) => {
    let tally = root;
    // One look-up for each label: to join them to one key would cost five times as much.
    for (const value of values) tally = tally.next.get(value) ?? grow(tally, value);
    if (tally.count === 0 && count > 0) tallies.push(tally);
    tally.count += count;
  };

  function grow(from: Tally, value: string): Tally {
    const name = options.labelNames[Object.keys(from.labels).length] as string;
    const tally: Tally = { labels: { ...from.labels, [name]: value }, count: 0, next: new Map() };
    from.next.set(value, tally);
    return tally;
  }
}

interface Tally {
  labels: Record<string, string>;
  count: number;
  next: Map<string, Tally>;
}
