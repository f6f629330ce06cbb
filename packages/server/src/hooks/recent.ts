import type { HookRun } from './pipeline.ts';

/** A run of a hook that fell back, as the desk shows it. */
export interface HookFailure {
  hook: string;
  stage: string;
  at: number;
  /** What was wrong, in words for whoever wrote the hook. */
  message: string;
  conversation: string | null;
}

const MAX_KEPT = 100;
const MAX_MESSAGE_CHARS = 300;

/** The newest failures of hooks, in memory: the metrics count all of them. */
export interface RecentFailures {
  note(run: HookRun, at: number): void;
  /** A conversation's visitor was forgotten: what somebody else's code said of it may name him. */
  forget(conversation: string): void;
  /** Newest first, at most 100. */
  list(): HookFailure[];
}

export function createRecentFailures(): RecentFailures {
  let kept: HookFailure[] = [];
  return {
    note({ hook, stage, outcome, conversation, error }, at) {
      if (outcome === 'done' || outcome === 'called-off') return;
      const message = (error instanceof Error ? error.message : String(error)).slice(0, MAX_MESSAGE_CHARS);
      kept = [{ hook, stage, at, message, conversation }, ...kept.slice(0, MAX_KEPT - 1)];
    },
    forget(conversation) {
      kept = kept.filter((one) => one.conversation !== conversation);
    },
    list: () => [...kept],
  };
}
