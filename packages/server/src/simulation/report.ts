import { mergeSpans, type OpenSpan } from '../domain/schedules/spans.ts';
import { jain, mean, percentile, variation } from './statistics.ts';

/** Waits of those who were answered, from entering the queue until an agent had it (M1). Null when nobody was. */
export interface Waits {
  n: number;
  p50Ms: number | null;
  p90Ms: number | null;
  maxMs: number | null;
  meanMs: number | null;
}

/** What an agent did (M19-M21). */
export interface AgentReport {
  id: string;
  handled: number;
  /** In a shift, or after it with something still to do. */
  availableMs: number;
  /** With at least one conversation. */
  busyMs: number;
  /** `busyMs` ÷ `availableMs`; null without a shift. */
  occupancy: number | null;
  /** Weight × time ÷ capacity × `availableMs`. */
  load: number | null;
  /** The most weight at one time. */
  peak: number;
  missed: number;
}

export interface VariantReport {
  name: string;
  /** Entered a queue. */
  queued: number;
  answered: number;
  /** Left before an agent had it (M17). */
  abandoned: number;
  /** To a bot or another channel by decision. */
  elsewhere: number;
  /** `abandoned` ÷ `queued`, and without those who left within 10 s on both sides. */
  abandonment: number | null;
  abandonmentNet: number | null;
  /** Answered within 60 s ÷ (`queued` - left before 60 s) (M16). */
  serviceLevel: number | null;
  waits: Waits;
  teams: { team: string; queued: number; abandoned: number; waits: Waits }[];
  agents: AgentReport[];
  /** Of the agents' loads: variation (0 is even) and Jain's index (1 is even). */
  fairness: { variation: number | null; jain: number | null };
  /** `beaten`: accepted a moment after somebody else. */
  offers: { made: number; accepted: number; declined: number; missed: number; beaten: number };
  /** Served by the agent who served the visitor last, of those who had one. */
  sameAgent: { n: number; of: number };
  /** Who decided where conversations go. */
  decidedBy: { rule: number; hook: number; fallback: number; default: number };
}

/** What became of a conversation. */
export interface Outcome {
  team: string;
  waitedMs: number;
  answered: boolean;
}

/** What an agent did, conversation by conversation. */
export interface WorkLog {
  id: string;
  capacity: number;
  shifts: readonly OpenSpan[];
  work: readonly { span: OpenSpan; weight: number }[];
  missed: number;
}

const SHORT_MS = 10_000;
const SERVICE_MS = 60_000;

export function waitsOf(outcomes: readonly Outcome[]): Waits {
  const waits = outcomes.filter(({ answered }) => answered).map(({ waitedMs }) => waitedMs);
  return {
    n: waits.length,
    p50Ms: percentile(waits, 0.5),
    p90Ms: percentile(waits, 0.9),
    maxMs: percentile(waits, 1),
    meanMs: mean(waits),
  };
}

/** Everything that follows from the outcomes alone. */
export function queueReport(outcomes: readonly Outcome[]) {
  const left = outcomes.filter(({ answered }) => !answered);
  const short = left.filter(({ waitedMs }) => waitedMs < SHORT_MS).length;
  const soon = left.filter(({ waitedMs }) => waitedMs < SERVICE_MS).length;
  const inTime = outcomes.filter(({ answered, waitedMs }) => answered && waitedMs <= SERVICE_MS).length;
  return {
    queued: outcomes.length,
    answered: outcomes.length - left.length,
    abandoned: left.length,
    abandonment: share(left.length, outcomes.length),
    abandonmentNet: share(left.length - short, outcomes.length - short),
    serviceLevel: share(inTime, outcomes.length - soon),
    waits: waitsOf(outcomes),
  };
}

export function agentReport({ id, capacity, shifts, work, missed }: WorkLog): AgentReport {
  const busy = mergeSpans(work.map(({ span }) => span));
  const availableMs = lengthOf(mergeSpans([...shifts, ...busy]));
  const carried = work.reduce((sum, { span, weight }) => sum + (span[1] - span[0]) * weight, 0);
  return {
    id,
    handled: work.length,
    availableMs,
    busyMs: lengthOf(busy),
    occupancy: share(lengthOf(busy), availableMs),
    load: share(carried, capacity * availableMs),
    peak: peakOf(work),
    missed,
  };
}

export function fairnessOf(agents: readonly AgentReport[]): VariantReport['fairness'] {
  const loads = agents.flatMap(({ load }) => (load === null ? [] : [load]));
  return { variation: variation(loads), jain: jain(loads) };
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function lengthOf(spans: readonly OpenSpan[]): number {
  return spans.reduce((sum, [from, to]) => sum + to - from, 0);
}

/** Ends come before beginnings of the same time: spans are half-open. */
function peakOf(work: WorkLog['work']): number {
  const changes = work.flatMap(({ span: [from, to], weight }) => [
    { at: from, by: weight },
    { at: to, by: -weight },
  ]);
  let [now, most] = [0, 0];
  for (const { by } of changes.toSorted((a, b) => a.at - b.at || a.by - b.by)) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}
