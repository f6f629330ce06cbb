import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A part of what the model is asked, as far as it looks. */
interface Asked {
  messages: { role: string; content: string }[];
  tools?: { function: { name: string } }[];
}

export interface FakeModel {
  /** What `chatCompletions` takes. */
  baseUrl: string;
  /** Everything it was asked so far. */
  readonly asked: readonly Asked[];
  /** From now on it stops in the middle of each answer until `goOn` is called. */
  pause(): void;
  goOn(): void;
  /** From now on it is overloaded. */
  fail(): void;
  stop(): Promise<void>;
}

/**
 * A language model that is none: it speaks the common chat-completions shape over HTTP, in server-sent events, and knows four things to say. Nothing to
 * install, no key, the same answers every time.
 */
export async function startFakeModel(): Promise<FakeModel> {
  const asked: Asked[] = [];
  let isFailing = false;
  let wait: Promise<void> | null = null;
  let goOn = (): void => {};

  const server = createServer((request, response) => {
    reply(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  async function reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await json(request)) as Asked;
    asked.push(body);
    if (isFailing) {
      response.writeHead(503).end();
      return;
    }
    response.setHeader('content-type', 'text/event-stream');
    const say = (delta: object, finish: string | null = null): void =>
      void response.write(`data: ${JSON.stringify({ choices: [{ delta, finish_reason: finish }] })}\n\n`);
    await answer(body, say);
    response.end('data: [DONE]\n\n');
  }

  async function answer({ messages }: Asked, say: (delta: object, finish?: string) => void): Promise<void> {
    const last = messages.at(-1);
    const words = last?.content ?? '';
    if (last?.role !== 'tool' && /basket/i.test(words)) call(say, 'show-basket', {});
    else if (last?.role !== 'tool' && /cost|price/i.test(words)) call(say, 'price_of', { product: 'scarf' });
    else if (/person/i.test(words)) {
      say({ content: 'Of course, one moment.' });
      call(say, 'hand_off_to_person', { reason: 'The visitor asks for a person.', summary: 'Wants a gift wrapped.' });
    } else {
      const text = last?.role === 'tool' ? `I looked: ${words}` : 'Hello! Ask me about scarves and mittens.';
      const half = text.slice(0, text.length / 2);
      say({ content: half });
      await wait;
      say({ content: text.slice(half.length) });
      say({}, 'stop');
    }
  }

  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    pause() {
      wait = new Promise((resolve) => {
        goOn = resolve;
      });
    },
    goOn() {
      goOn();
      wait = null;
    },
    fail() {
      isFailing = true;
    },
    stop: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** A tool call comes in pieces, as real ones do. */
function call(say: (delta: object, finish?: string) => void, name: string, input: object): void {
  const written = JSON.stringify(input);
  say({ tool_calls: [{ index: 0, id: `call-${name}`, function: { name, arguments: '' } }] });
  for (const piece of written.match(/.{1,12}/g) ?? [])
    say({ tool_calls: [{ index: 0, function: { arguments: piece } }] });
  say({}, 'tool_calls');
}
