/**
 * A language model, as a bot needs it: messages in, words and tool calls out, as they are made. Write one for whatever you use; `chatCompletions` is one
 * for the HTTP shape that most services and local servers speak.
 *
 * @example
 * const echo: LanguageModel = {
 *   async *answer({ messages }) {
 *     const last = messages.at(-1);
 *     yield { kind: 'text', text: last && 'text' in last ? last.text : '' };
 *     yield { kind: 'end', reason: 'stop' };
 *   },
 * };
 */
export interface LanguageModel {
  /**
   * One answer. Pieces of text in their order, whole tool calls, and at the end exactly one `end`; an answer without `end` counts as broken.
   * Stops when `signal` is aborted. @throws {ModelError}
   */
  answer(request: ModelRequest, options: { signal: AbortSignal }): AsyncIterable<ModelPiece>;
}

export interface ModelRequest {
  /** Oldest first. `system` comes from the bot's owner alone; what visitors, pages and tools say is never in it. */
  messages: readonly ModelMessage[];
  tools: readonly ModelTool[];
}

export type ModelMessage =
  | { role: 'system' | 'user'; text: string }
  | { role: 'assistant'; text: string; toolCalls?: readonly ModelToolCall[] }
  /** What a tool gave, for the call with this id. */
  | { role: 'tool'; call: string; text: string };

export interface ModelTool {
  /** Letters, digits, `-` and `_`, at most 64. */
  name: string;
  /** For the model: what it does and when to use it. */
  description: string;
  /** A JSON Schema of its input, an object. */
  parameters: Readonly<Record<string, unknown>>;
}

export interface ModelToolCall {
  id: string;
  name: string;
  /** Null when what the model wrote was no JSON object. */
  input: Record<string, unknown> | null;
}

export type ModelPiece =
  | { kind: 'text'; text: string }
  | ({ kind: 'tool-call' } & ModelToolCall)
  /** `length`: the model had to stop in the middle; `refused`: it would not say it. */
  | { kind: 'end'; reason: 'stop' | 'tool-calls' | 'length' | 'refused' };

/**
 * Why a model did not answer. `unauthorized`: the key does not hold; `rate-limited`; `bad-request`: the service does not take what was asked (a model
 * that does not exist); `unavailable`: it is down or cannot be reached; `timeout`; `interrupted`: the answer broke off; `bad-response`: what came is no
 * answer; `too-large`: more came than was allowed.
 */
export type ModelErrorCode =
  | 'unauthorized'
  | 'rate-limited'
  | 'bad-request'
  | 'unavailable'
  | 'timeout'
  | 'interrupted'
  | 'bad-response'
  | 'too-large';

/** What {@link LanguageModel.answer} throws. It never carries the key, nor what was asked. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code: ModelErrorCode;
  /** The same request may work later. */
  readonly retryable: boolean;
  /** When, in milliseconds from now, if the service said so. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ModelErrorCode,
    message: string,
    options: { retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = ['rate-limited', 'unavailable', 'timeout', 'interrupted'].includes(code);
    this.retryAfterMs = options.retryAfterMs;
  }
}
