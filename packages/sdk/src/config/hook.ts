import type { ConversationEvent, ConversationState, EventKind, FormAnswers } from '@sveiki/protocol';

/** What an event hook is told: the event as staff sees it, and the conversation after everything known now. */
export interface HookEvent<K extends EventKind = EventKind> {
  /** Lasting: the same event always has the same id, so that doing something twice can be avoided. */
  id: string;
  site: string;
  event: Omit<ConversationEvent, 'body'> & { body: Extract<ConversationEvent['body'], { kind: K }> };
  conversation: ConversationState;
  /** 1 at first; more when it is told again after a failure. A restart begins anew at 1, so look at `id` to do nothing twice. */
  attempt: number;
}

export interface HookContext {
  /** Aborted when the hook's time is over. */
  signal: AbortSignal;
  /** The clock of the relay, in milliseconds. */
  now(): number;
}

/**
 * Is told what happened, after it is stored: at least once, in order within a conversation, also after a crash. Nobody waits for it.
 */
export interface EventHook<K extends EventKind = EventKind> {
  /** For logs, metrics and the desk, and to remember how far it is: under a new name it begins anew, with what happens from then on. */
  name: string;
  /** The kinds of events it is told. */
  on: readonly K[];
  run(event: HookEvent<K>, context: HookContext): Promise<void> | void;
  /** @default 5000 */
  deadlineMs?: number;
  /**
   * What holds when it throws or is late: `skip` goes on; `retry` tries again after 1 s, 5 s, 30 s, 2 min and 10 min, holding back only this
   * conversation's later events for this hook, then goes on. @default 'skip'
   */
  onFailure?: 'skip' | 'retry';
}

/** A hook for whatever kinds. Write it with {@link defineHook}, which tells `run` what it gets. */
export type AnyEventHook = Omit<EventHook, 'run'> & {
  run(event: never, context: HookContext): Promise<void> | void;
};

/** A question to the site's own code with a declared answer for when there is none in time. */
export interface DecisionHook<In, Out> {
  run(input: In, context: HookContext): Promise<Out> | Out;
  /** @default 300 */
  deadlineMs?: number;
}

/** Canned replies made on the spot: from a CRM, an order system, a knowledge base. */
export interface DynamicReply {
  id: string;
  title: string;
  text: string;
}

/** All hooks of a relay. Each event hook follows the log by itself: one that is slow holds up no other. */
export interface HooksInput {
  events?: readonly AnyEventHook[];
  /** More answers for the agent who searches canned replies. Without an answer in time there are none. */
  cannedReplies?: DecisionHook<
    { query: string; conversation: ConversationState; agent: string },
    readonly DynamicReply[]
  >;
  /** Looks at final answers before they count; a text is shown to the visitor and the answers are refused. Without an answer in time they count. */
  checkAnswers?: DecisionHook<
    { form: string; answers: FormAnswers; conversation: ConversationState | null },
    string | null
  >;
}

/** An event hook with its kinds checked: inside `run` the event is one of those in `on`. */
export function defineHook<const K extends EventKind>(hook: EventHook<K>): EventHook<K> {
  return hook;
}
