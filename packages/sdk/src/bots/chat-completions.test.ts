import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestClock, testClock } from '../testing/clock.ts';
import { chatCompletions } from './chat-completions.ts';
import type { ModelPiece, ModelRequest } from './language-model.ts';

const url = 'https://llm.example.com/v1/chat/completions';
const service = setupServer();
beforeAll(() => service.listen({ onUnhandledFrame: 'error' }));
afterEach(() => service.resetHandlers());
afterAll(() => service.close());

let clock: TestClock;
beforeEach(() => {
  clock = testClock();
});

const request: ModelRequest = {
  messages: [
    { role: 'system', text: 'Be kind.' },
    { role: 'user', text: 'Where is order 7?' },
    { role: 'assistant', text: '', toolCalls: [{ id: 'call-1', name: 'find_order', input: { order: 7 } }] },
    { role: 'tool', call: 'call-1', text: '{"outcome":"done"}' },
  ],
  tools: [{ name: 'find_order', description: 'Finds an order', parameters: { type: 'object' } }],
};

async function answer(
  options: Partial<Parameters<typeof chatCompletions>[0]> = {},
  signal = new AbortController().signal,
) {
  const model = chatCompletions({
    baseUrl: 'https://llm.example.com/v1/',
    model: 'small',
    apiKey: 'key-123',
    clock,
    ...options,
  });
  const pieces: ModelPiece[] = [];
  for await (const piece of model.answer(request, { signal })) pieces.push(piece);
  return pieces;
}
const failure = async (...with_: Parameters<typeof answer>) => {
  const error: unknown = await answer(...with_).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(JSON.stringify(error) + String(error)).not.toContain('key-123');
  return error;
};

const delta = (value: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: value, finish_reason: finish }] })}\n\n`;

/** Answers with these parts of an event stream, cut anywhere. */
function streams(...parts: (string | Uint8Array)[]) {
  const seen: { body: unknown; headers: Headers }[] = [];
  service.use(
    http.post(url, async ({ request }) => {
      seen.push({ body: await request.json(), headers: request.headers });
      const encoder = new TextEncoder();
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const part of parts) controller.enqueue(typeof part === 'string' ? encoder.encode(part) : part);
          controller.close();
        },
      });
      return new HttpResponse(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
    }),
  );
  return seen;
}

describe('chatCompletions', () => {
  it('asks in the common shape, with the key as a bearer token', async () => {
    const seen = streams(delta({ content: 'Hi' }), delta({}, 'stop'), 'data: [DONE]\n\n');
    await answer({ body: { temperature: 0.2, model: 'not this one' } });
    expect(seen[0]?.headers.get('authorization')).toBe('Bearer key-123');
    expect(seen[0]?.body).toEqual({
      model: 'small',
      stream: true,
      temperature: 0.2,
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Where is order 7?' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call-1', type: 'function', function: { name: 'find_order', arguments: '{"order":7}' } }],
        },
        { role: 'tool', tool_call_id: 'call-1', content: '{"outcome":"done"}' },
      ],
      tools: [
        {
          type: 'function',
          function: { name: 'find_order', description: 'Finds an order', parameters: { type: 'object' } },
        },
      ],
    });
  });

  it('gives text as it comes, wherever the network cuts it', async () => {
    const whole = `: hello\r\n\r\n${delta({ role: 'assistant', content: '' })}${delta({ content: 'Tūlīt ' })}${delta({ content: 'būs.' })}${delta({}, 'stop')}data: [DONE]\n\n`;
    const bytes = new TextEncoder().encode(whole);
    for (const size of [1, 2, 3, 7, 64, bytes.length]) {
      const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.slice(i * size, (i + 1) * size),
      );
      streams(...parts);
      const pieces = await answer();
      expect(pieces.map((piece) => (piece.kind === 'text' ? piece.text : piece.kind)).join('')).toBe('Tūlīt būs.end');
      service.resetHandlers();
    }
  });

  it('puts tool calls together from their pieces, several at once', async () => {
    const call = (index: number, more: object, args: string) => ({
      tool_calls: [{ index, ...more, function: { ...(more as { function?: object }).function, arguments: args } }],
    });
    streams(
      delta(call(0, { id: 'a', type: 'function', function: { name: 'find_order' } }, '{"or')),
      delta(call(0, {}, 'der":7}')),
      delta(call(1, { id: 'b', function: { name: 'hand_off_to_person' } }, '{"reason":"x"')),
      delta({}, 'tool_calls'),
      'data: [DONE]\n\n',
    );
    expect(await answer()).toEqual([
      { kind: 'tool-call', id: 'a', name: 'find_order', input: { order: 7 } },
      // Not even JSON: the bot is told, and tells the model.
      { kind: 'tool-call', id: 'b', name: 'hand_off_to_person', input: null },
      { kind: 'end', reason: 'tool-calls' },
    ]);
  });

  it('understands a service that does not stream', async () => {
    const message = {
      content: 'It is on its way.',
      tool_calls: [{ id: 'a', function: { name: 'find_order', arguments: '{}' } }],
    };
    service.use(http.post(url, () => HttpResponse.json({ choices: [{ message, finish_reason: 'tool_calls' }] })));
    expect(await answer({ apiKey: '' })).toEqual([
      { kind: 'text', text: 'It is on its way.' },
      { kind: 'tool-call', id: 'a', name: 'find_order', input: {} },
      { kind: 'end', reason: 'tool-calls' },
    ]);
  });

  it.each([
    ['length', 'length'],
    ['content_filter', 'refused'],
    ['stop', 'stop'],
  ])('says why it ended: %s', async (finish, reason) => {
    streams(delta({ content: 'So' }), delta({}, finish));
    expect((await answer()).at(-1)).toEqual({ kind: 'end', reason });
  });

  it.each([
    [401, {}, { code: 'unauthorized', retryable: false }],
    [403, {}, { code: 'unauthorized', retryable: false }],
    [404, {}, { code: 'bad-request', retryable: false }],
    [422, {}, { code: 'bad-request', retryable: false }],
    [429, { 'retry-after': '7' }, { code: 'rate-limited', retryable: true, retryAfterMs: 7_000 }],
    [429, { 'retry-after': 'Mon, 23 Nov 2026 09:00:30 GMT' }, { code: 'rate-limited', retryAfterMs: 30_000 }],
    [429, { 'retry-after': 'soon' }, { code: 'rate-limited', retryAfterMs: undefined }],
    [500, {}, { code: 'unavailable', retryable: true }],
    [503, { 'retry-after': '2' }, { code: 'unavailable', retryAfterMs: 2_000 }],
  ])('names what status %i means', async (status, headers, expected) => {
    service.use(
      http.post(url, () => HttpResponse.json({ error: { message: 'key-123 is wrong' } }, { status, headers })),
    );
    expect(await failure()).toMatchObject(expected);
  });

  it.each([
    ['no network', () => HttpResponse.error(), { code: 'unavailable', retryable: true }],
    [
      'a page in place of an answer',
      () => HttpResponse.html('<!doctype html><title>Sign in</title>'),
      { code: 'bad-response' },
    ],
    ['another document', () => HttpResponse.json({ models: [] }), { code: 'bad-response' }],
    ['an empty answer', () => new HttpResponse(null), { code: 'bad-response' }],
    ['a redirect', () => HttpResponse.redirect('https://elsewhere.example.com/'), { code: 'unavailable' }],
  ])('names %s', async (_what, respond, expected) => {
    service.use(http.post(url, respond));
    expect(await failure()).toMatchObject(expected);
  });

  it.each([
    ['half a stream', [delta({ content: 'It is' })], { code: 'interrupted', retryable: true }],
    ['half an event', [delta({ content: 'It is' }), 'data: {"choices":[{"fini'], { code: 'interrupted' }],
    ['garbage', ['data: {"choices":[{]\n\n'], { code: 'bad-response', retryable: false }],
    ['an error in the stream', ['data: {"error":{"message":"overloaded key-123"}}\n\n'], { code: 'unavailable' }],
    ['a stream of nothing', [': keep-alive\n\n'], { code: 'interrupted' }],
    [
      'a tool call out of nowhere',
      [delta({ tool_calls: [{ index: 5_000_000, function: { arguments: 'x' } }] })],
      { code: 'bad-response' },
    ],
    ['pieces of another kind', [delta({ content: { text: 1 }, tool_calls: 'many' }, 'stop'), 'data: [DONE]\n\n'], null],
  ])('names %s', async (_what, parts, expected) => {
    streams(...parts);
    const error = await failure();
    if (expected) expect(error).toMatchObject({ name: 'ModelError', ...expected });
    else expect(error).toBeNull();
  });

  it('reads no more than it may', async () => {
    streams(...Array.from({ length: 50 }, () => delta({ content: 'x'.repeat(1_000) })));
    expect(await failure({ maxResponseBytes: 10_000 })).toMatchObject({ code: 'too-large', retryable: false });
    service.use(http.post(url, () => HttpResponse.json({ choices: [{ message: { content: 'x'.repeat(20_000) } }] })));
    expect(await failure({ maxResponseBytes: 10_000 })).toMatchObject({ code: 'too-large' });
  });

  it('waits so long and no longer, for the first piece and for the last', async () => {
    const hang = new Promise<never>(() => {});
    let asked = () => {};
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    service.use(
      http.post(url, () => {
        asked();
        return hang;
      }),
    );
    const first = failure({ timeoutMs: 5_000 });
    await isAsked;
    await clock.advance(5_000);
    expect(await first).toMatchObject({ code: 'timeout', retryable: true });

    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(delta({ content: 'It' }))),
    });
    service.use(http.post(url, () => new HttpResponse(body, { headers: { 'content-type': 'text/event-stream' } })));
    const model = chatCompletions({ baseUrl: 'https://llm.example.com/v1', model: 'small', clock, timeoutMs: 5_000 });
    const pieces = model.answer(request, { signal: new AbortController().signal })[Symbol.asyncIterator]();
    expect(await pieces.next()).toMatchObject({ value: { text: 'It' } });
    const last = pieces.next();
    last.catch(() => {});
    await clock.advance(5_000);
    await expect(last).rejects.toMatchObject({ code: 'timeout' });
    expect(clock.waiting).toBe(0);
  });

  it('stops when nobody wants the answer any more', async () => {
    const abort = new AbortController();
    let wasLeft = () => {};
    const left = new Promise<void>((resolve) => {
      wasLeft = resolve;
    });
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(delta({ content: 'It' }))),
      cancel: () => wasLeft(),
    });
    service.use(http.post(url, () => new HttpResponse(body, { headers: { 'content-type': 'text/event-stream' } })));
    const model = chatCompletions({ baseUrl: 'https://llm.example.com/v1', model: 'small', clock });
    const pieces = model.answer(request, { signal: abort.signal })[Symbol.asyncIterator]();
    await pieces.next();
    const next = pieces.next();
    next.catch(() => {});
    abort.abort();
    await expect(next).rejects.toMatchObject({ name: 'AbortError' });
    await left;
    expect(clock.waiting).toBe(0);
  });

  it('refuses options that cannot work', () => {
    expect(() => chatCompletions({ baseUrl: 'llm.example.com', model: 'small' })).toThrow('no web address');
    expect(() => chatCompletions({ baseUrl: 'https://llm.example.com', model: '' })).toThrow('needs `model`');
  });
});
