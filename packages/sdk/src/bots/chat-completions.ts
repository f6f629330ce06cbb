import { ChatError } from '../chat-error.ts';
import { type Clock, systemClock } from '../clock.ts';
import {
  type LanguageModel,
  ModelError,
  type ModelMessage,
  type ModelPiece,
  type ModelRequest,
} from './language-model.ts';

export interface ChatCompletionsOptions {
  /** Everything before `/chat/completions`: `https://llm.example.com/v1`, `http://127.0.0.1:11434/v1`. */
  baseUrl: string;
  model: string;
  /** Sent as a bearer token. Local servers often need none. */
  apiKey?: string;
  /** @default the global one */
  fetch?: typeof globalThis.fetch;
  /** For a whole answer, until its last piece. @default 30000 */
  timeoutMs?: number;
  /** More than this of an answer is not read. @default 1000000 */
  maxResponseBytes?: number;
  /** More of the body, as the service has it: `{ temperature: 0.2, max_tokens: 500 }`. */
  body?: Readonly<Record<string, unknown>>;
  clock?: Clock;
}

/** A tool call while its pieces come. */
interface Call {
  id: string;
  name: string;
  json: string;
}

const maxToolCalls = 32;

/**
 * A language model behind the common chat-completions HTTP shape, streamed as server-sent events (a service that answers with one JSON document is
 * understood too). Sends the key to `baseUrl` only: redirects are refused.
 *
 * @throws {ChatError} bad-option
 */
export function chatCompletions(options: ChatCompletionsOptions): LanguageModel {
  const { model, apiKey, timeoutMs = 30_000, maxResponseBytes = 1_000_000, clock = systemClock } = options;
  const url = `${options.baseUrl.replace(/\/+$/, '')}/chat/completions`;
  if (!/^https?:\/\/[^/]/.test(url))
    throw new ChatError('bad-option', '`baseUrl` is no web address. It looks like https://llm.example.com/v1.');
  if (!model) throw new ChatError('bad-option', 'chatCompletions needs `model`, the name the service knows it by.');

  return {
    async *answer(request, { signal }) {
      const abort = new AbortController();
      const stop = () => abort.abort();
      let isLate = false;
      const cancel = clock.after(timeoutMs, () => {
        isLate = true;
        stop();
      });
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      try {
        const response = await (options.fetch ?? fetch)(url, {
          method: 'POST',
          redirect: 'error',
          headers: {
            'content-type': 'application/json',
            accept: 'text/event-stream, application/json',
            ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
          },
          body: JSON.stringify({ ...options.body, ...bodyOf(request), model, stream: true }),
          signal: abort.signal,
        });
        if (!response.ok) {
          await response.body?.cancel();
          throw refusalOf(response, clock);
        }
        const parts = partsOf(response, maxResponseBytes);
        yield* /event-stream/.test(response.headers.get('content-type') ?? '') ? streamed(parts) : whole(parts);
      } catch (cause) {
        if (isLate) throw new ModelError('timeout', `The model did not answer within ${timeoutMs} ms.`);
        if (cause instanceof ModelError || signal.aborted) throw cause;
        throw new ModelError('unavailable', 'The model cannot be reached, or the connection broke.', { cause });
      } finally {
        cancel();
        signal.removeEventListener('abort', stop);
        // Nobody wants the rest, if there is one.
        stop();
      }
    },
  };
}

function bodyOf({ messages, tools }: ModelRequest) {
  return {
    messages: messages.map(messageOf),
    ...(tools.length > 0
      ? {
          tools: tools.map(({ name, description, parameters }) => ({
            type: 'function',
            function: { name, description, parameters },
          })),
        }
      : {}),
  };
}

function messageOf(message: ModelMessage) {
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.call, content: message.text };
  if (message.role !== 'assistant' || !message.toolCalls?.length) return { role: message.role, content: message.text };
  return {
    role: 'assistant',
    content: message.text || null,
    tool_calls: message.toolCalls.map(({ id, name, input }) => ({
      id,
      type: 'function',
      function: { name, arguments: JSON.stringify(input ?? {}) },
    })),
  };
}

function refusalOf({ status, headers }: Response, clock: Clock): ModelError {
  if (status === 401 || status === 403)
    return new ModelError('unauthorized', `The model's service refused the key (${status}). Check apiKey.`);
  const retryAfterMs = waitOf(headers.get('retry-after'), clock);
  if (status === 429)
    return new ModelError('rate-limited', "The model's service has had too many requests.", { retryAfterMs });
  if (status >= 500)
    return new ModelError('unavailable', `The model's service does not work (${status}).`, { retryAfterMs });
  return new ModelError(
    'bad-request',
    `The model's service did not take the request (${status}). Check baseUrl and model.`,
  );
}

/** `Retry-After`: seconds, or a date. */
function waitOf(header: string | null, clock: Clock): number | undefined {
  if (!header) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - clock.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** The body as text, bounded. */
async function* partsOf(response: Response, maxBytes: number): AsyncGenerator<string> {
  if (!response.body) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.byteLength;
      if (bytes > maxBytes) throw new ModelError('too-large', `The model said more than ${maxBytes} bytes.`);
      yield decoder.decode(value, { stream: true });
    }
    yield decoder.decode();
  } finally {
    reader.cancel().catch(() => {});
  }
}

const garbage = (cause?: unknown) =>
  new ModelError('bad-response', 'What came from the model is no answer in the chat-completions shape.', { cause });

/** Somebody else's JSON: whatever is not there or of another kind is undefined. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw garbage(cause);
  }
}
function at(value: unknown, ...path: (string | number)[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string | number, unknown>)[key];
  }
  return found;
}
const textAt = (value: unknown, ...path: (string | number)[]): string => {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
};
const listAt = (value: unknown, ...path: (string | number)[]): readonly unknown[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
};

/** An error that came with status 200. */
function checkError(value: unknown): void {
  if (at(value, 'error') === undefined) return;
  throw new ModelError('unavailable', "The model's service broke off with an error of its own.");
}

function inputOf(json: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json || '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

const callPiece = ({ id, name, json }: Call, index: number): ModelPiece => ({
  kind: 'tool-call',
  id: id || `call-${index}`,
  name,
  input: inputOf(json),
});

function endOf(finish: string, calls: readonly Call[]): ModelPiece {
  if (finish === 'length') return { kind: 'end', reason: 'length' };
  if (finish === 'content_filter') return { kind: 'end', reason: 'refused' };
  return { kind: 'end', reason: calls.length > 0 ? 'tool-calls' : 'stop' };
}

async function* streamed(parts: AsyncIterable<string>): AsyncGenerator<ModelPiece> {
  const calls: Call[] = [];
  let finish = '';
  for await (const data of eventsOf(parts)) {
    if (data === '[DONE]') {
      finish ||= 'stop';
      break;
    }
    const chunk = parse(data);
    checkError(chunk);
    const choice = at(chunk, 'choices', 0);
    const text = textAt(choice, 'delta', 'content');
    if (text) yield { kind: 'text', text };
    for (const [order, piece] of listAt(choice, 'delta', 'tool_calls').entries()) {
      const index = at(piece, 'index') ?? order;
      if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index > calls.length) throw garbage();
      if (index >= maxToolCalls) throw new ModelError('too-large', `The model called more than ${maxToolCalls} tools.`);
      const call = calls[index] ?? { id: '', name: '', json: '' };
      calls[index] = call;
      call.id ||= textAt(piece, 'id');
      call.name ||= textAt(piece, 'function', 'name');
      call.json += textAt(piece, 'function', 'arguments');
    }
    finish = textAt(choice, 'finish_reason') || finish;
  }
  if (!finish) throw new ModelError('interrupted', 'The answer of the model broke off.');
  for (const [index, call] of calls.entries()) yield callPiece(call, index);
  yield endOf(finish, calls);
}

/** The data of server-sent events. What comes after the last blank line is half an event, and none. */
async function* eventsOf(parts: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const part of parts) {
    const lines = (rest + part).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      // Each event of this shape is one line of data; comments and other fields say nothing.
      const data = /^data: ?(.*)$/.exec(line)?.[1];
      if (data) yield data;
    }
  }
}

async function* whole(parts: AsyncIterable<string>): AsyncGenerator<ModelPiece> {
  let json = '';
  for await (const part of parts) json += part;
  const answer = parse(json);
  checkError(answer);
  const choice = at(answer, 'choices', 0);
  const message = at(choice, 'message');
  if (message === undefined) throw garbage();
  const text = textAt(message, 'content');
  if (text) yield { kind: 'text', text };
  const calls = listAt(message, 'tool_calls')
    .slice(0, maxToolCalls)
    .map(
      (call): Call => ({
        id: textAt(call, 'id'),
        name: textAt(call, 'function', 'name'),
        json: textAt(call, 'function', 'arguments'),
      }),
    );
  for (const [index, call] of calls.entries()) yield callPiece(call, index);
  yield endOf(textAt(choice, 'finish_reason') || 'stop', calls);
}
