import { LIMITS, type ToolCallFrame, type ToolDone } from '@sveiki/protocol';
import { ChatError } from '../chat-error.ts';
import type { Clock } from '../clock.ts';
import type { Surroundings } from '../connection/surroundings.ts';
import type { ChatEvents, Tool } from './types.ts';

/** What tabs say to each other about a call: I could run it, and you do. */
export type ToolTalk = readonly [what: 'bid' | 'run', call: string, tab: string, isVisible: boolean];

/** How long the tab that has the line waits for others that have the tool, and how long those wait for its word. */
const bidsWithinMs = 300;
const wordWithinMs = 5_000;

export type ToolCalls = ReturnType<typeof createToolCalls>;

/**
 * Runs tools of this page for bots. Every tab of a browser hears of a call and one of them runs it: one that the visitor sees, if it has the tool.
 * Fetched when a bot calls a tool.
 */
export function createToolCalls(parts: {
  _page: Surroundings;
  _tools: ReadonlyMap<string, Tool>;
  _clock: Clock;
  /** A name of this tab that no other one has. */
  _tab: string;
  _isShared(): boolean;
  _isLeader(): boolean;
  _post(kind: 'tool', talk: ToolTalk): void;
  _done(frame: ToolDone): void;
  /** Tells or asks whoever shows the chat; false when nobody listens. */
  _emit<K extends 'tool-call' | 'error'>(name: K, event: ChatEvents[K]): boolean;
}) {
  const { _tools: tools, _clock: clock, _tab: tab } = parts;
  /** Calls that were heard of and not given to anybody yet. */
  const calls = new Map<string, { frame: ToolCallFrame; bids: [tab: string, isVisible: boolean][]; cancel(): void }>();
  const running = new Set<() => void>();

  const done = (call: string, outcome: ToolDone['outcome'], output?: unknown) =>
    parts._done({ type: 'tool-done', call, outcome, ...(output === undefined ? {} : { output }) });

  /** The tab that has the line decides who runs it. */
  function decide(call: string): void {
    const { bids = [], frame } = calls.get(call) ?? {};
    calls.delete(call);
    if (!frame) return;
    const [runner] = bids.find(([, isVisible]) => isVisible) ?? bids[0] ?? [];
    if (runner === undefined) done(call, 'no-such-tool');
    else if (runner === tab) void run(frame);
    else parts._post('tool', ['run', call, runner, true]);
  }

  /** The visitor's word; false when nobody asks him, or he does not say in time. */
  const consentTo = ({ tool, input, who }: ToolCallFrame, description: string | null, signal: AbortSignal) =>
    new Promise<boolean>((resolve) => {
      const answered = new AbortController();
      const answer = (word: boolean) => {
        signal.removeEventListener('abort', end);
        answered.abort();
        resolve(word);
      };
      const end = () => answer(false);
      signal.addEventListener('abort', end);
      const allow = () => answer(!signal.aborted);
      const request = { tool, description, input, who, signal: answered.signal, allow, refuse: end };
      if (!parts._emit('tool-call', request)) end();
    });

  async function run(frame: ToolCallFrame): Promise<void> {
    const { call, input } = frame;
    const tool = tools.get(frame.tool);
    if (!tool) return done(call, 'no-such-tool');
    const abort = new AbortController();
    const end = () => {
      cancel();
      running.delete(end);
      abort.abort();
    };
    const cancel = clock.after(LIMITS.toolTimeoutMs, end);
    running.add(end);
    const { signal } = abort;
    try {
      if (tool.needsConsent !== false && !(await consentTo(frame, tool.description ?? null, signal))) {
        if (!signal.aborted) done(call, 'refused');
        return;
      }
      const output: unknown = await tool.handler(input, { signal });
      if (signal.aborted) return;
      const json = JSON.stringify(output) as string | undefined;
      if ((json?.length ?? 0) > LIMITS.maxJsonChars)
        throw new RangeError(`What it gave has more than ${LIMITS.maxJsonChars} characters of JSON.`);
      done(call, 'done', json && JSON.parse(json));
    } catch (cause) {
      parts._emit('error', new ChatError('internal', `The tool "${frame.tool}" of this page failed.`, { cause }));
      if (!signal.aborted) done(call, 'failed');
    } finally {
      end();
    }
  }

  return {
    _call(frame: ToolCallFrame): void {
      const { call } = frame;
      if (calls.has(call)) return;
      const isVisible = parts._page.document?.visibilityState !== 'hidden';
      const bids: [string, boolean][] = tools.has(frame.tool) ? [[tab, isVisible]] : [];
      if (!parts._isLeader()) {
        if (bids.length === 0) return;
        calls.set(call, { frame, bids, cancel: clock.after(wordWithinMs, () => calls.delete(call)) });
        return parts._post('tool', ['bid', call, tab, isVisible]);
      }
      // The page that is looked at and has the tool needs nobody else.
      const waitsMs = !parts._isShared() || (isVisible && bids.length > 0) ? 0 : bidsWithinMs;
      calls.set(call, { frame, bids, cancel: clock.after(waitsMs, () => decide(call)) });
    },
    _hear([what, call, of, isVisible]: ToolTalk): void {
      const heard = calls.get(call);
      if (!heard) return;
      if (what === 'bid') heard.bids.push([of, isVisible]);
      else {
        heard.cancel();
        calls.delete(call);
        if (of === tab) void run(heard.frame);
      }
    },
    /** Nobody waits for anything any longer. */
    _stop(): void {
      for (const { cancel } of calls.values()) cancel();
      calls.clear();
      for (const end of [...running]) end();
    },
  };
}
