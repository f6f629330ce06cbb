import type { HookContext } from '@sveiki/sdk/config';
import type { Clock } from '../ports.ts';

/** Code that is asked or told something: of the integrator, or of a feature of ours. */
export interface Hook<In, Out> {
  /** Ours or the configuration's, so that there are few: it is a label of the metrics. */
  name: string;
  /** What it is for: `route`, `event`, `bot`, `webhook` … */
  stage: string;
  run(input: In, context: HookContext): Promise<Out> | Out;
  /** @default 300 */
  deadlineMs?: number;
  /** Somebody else's code: it gets a copy of what it is told, so that it can change nothing of ours. */
  isForeign?: boolean;
}

/** `called-off`: whoever asked does not need the answer any more. It is no failure. */
export type HookOutcome = 'done' | 'failed' | 'late' | 'nonsense' | 'called-off';

/** One run of a hook, for whoever watches. */
export interface HookRun {
  hook: string;
  stage: string;
  outcome: HookOutcome;
  ms: number;
  conversation: string | null;
  error: unknown;
}

/** What a hook said, or (`fellBack`) what was declared to hold without it. */
export interface Answer<Out> {
  value: Out;
  fellBack: boolean;
  outcome: HookOutcome;
  error: unknown;
}

export interface Asking<Out> {
  /** What holds when it throws, is late, or answers something else than `check` lets through. */
  otherwise: Out;
  check?: (value: unknown) => boolean;
  conversation?: string;
  /** Ends the asking before its time. */
  signal?: AbortSignal;
}

/** Asks a hook. Never rejects, and never waits longer than its deadline; what comes later is dropped. */
export interface Pipeline {
  decide<In, Out>(hook: Hook<In, Out>, input: In, asking: Asking<Out>): Promise<Answer<Out>>;
}

const DEFAULT_DEADLINE_MS = 300;

/** Every hook there is runs here, and every run is told to `report`. A deadline is the clock's; code that never yields cannot be interrupted. */
export function createPipeline({ clock, report }: { clock: Clock; report: (run: HookRun) => void }): Pipeline {
  return {
    decide(hook, input, { otherwise, check = () => true, conversation, signal }) {
      const { name, stage, deadlineMs = DEFAULT_DEADLINE_MS, isForeign = false } = hook;
      const startedAt = clock.now();
      const controller = new AbortController();
      return new Promise((resolve) => {
        let ended = false;
        const end = (outcome: HookOutcome, value: typeof otherwise, error: unknown = null): void => {
          if (ended) return;
          ended = true;
          cancel();
          signal?.removeEventListener('abort', callOff);
          if (outcome !== 'done') controller.abort(error);
          report({
            hook: name,
            stage,
            outcome,
            ms: clock.now() - startedAt,
            conversation: conversation ?? null,
            error,
          });
          resolve({ value, fellBack: outcome !== 'done', outcome, error });
        };
        const fail = (error: unknown): void => end('failed', otherwise, error);
        const callOff = (): void => end('called-off', otherwise, signal?.reason);
        const cancel = clock.after(deadlineMs, () =>
          end('late', otherwise, new Error(`"${name}" did not answer in ${deadlineMs} ms.`)),
        );
        if (signal?.aborted) return callOff();
        signal?.addEventListener('abort', callOff, { once: true });
        const run = async () =>
          hook.run(isForeign ? structuredClone(input) : input, { signal: controller.signal, now: () => clock.now() });
        const judge = (value: typeof otherwise): void =>
          check(value)
            ? end('done', value)
            : end('nonsense', otherwise, new Error(`"${name}" answered something that cannot be used.`));
        run().then(judge).catch(fail);
      });
    },
  };
}
