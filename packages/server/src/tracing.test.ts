import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OutboundPost } from './hooks/outbound.ts';
import { relayUnderTest, turn } from './testing/relay-under-test.ts';
import { loadTracing, noTracing } from './tracing.ts';

const spans = new InMemorySpanExporter();
const words = 'Where is my amber ring?';
const webhook = { url: 'https://crm.example/told', secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], events: null };

it('wraps nothing while nobody has registered a provider', async () => {
  expect(await loadTracing()).toBe(noTracing);
});

describe('with a provider', () => {
  beforeAll(() => {
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator({
      inject(active, carrier, setter) {
        const span = trace.getSpanContext(active);
        if (span !== undefined) setter.set(carrier, 'traceparent', `00-${span.traceId}-${span.spanId}-01`);
      },
      extract: (active) => active,
      fields: () => ['traceparent'],
    });
  });
  afterAll(() => {
    trace.disable();
    context.disable();
    propagation.disable();
  });
  beforeEach(() => spans.reset());

  /** One message; the events of its conversation are told one after the other, so that a failing one holds the next back. */
  async function say({ status, told }: { status: number; told: number }) {
    const posts: OutboundPost[] = [];
    const under = await relayUnderTest({
      tracing: await loadTracing(),
      config: { webhooks: [webhook] },
      outbound: {
        post: async (post) => {
          posts.push(post);
          return { status, retryAfterMs: null, text: '' };
        },
      },
    });
    const mia = await under.visitor();
    const blocks = [{ kind: 'text', text: words }];
    await mia.send({ type: 'send', id: 'message-00000000000001', conversation: 'conversation-0000000001', blocks });
    while (posts.length < told) await turn();
    await turn();
    const found = spans.getFinishedSpans();
    const named = (name: string) => found.filter((span) => span.name === name);
    const command = named('sveiki.command')[0]!;
    return { under, posts, found, named, command };
  }

  it('follows a message from its frame to the disk and to the webhook that is told of it', async () => {
    const { posts, named, command } = await say({ status: 200, told: 2 });
    expect(command.attributes).toMatchObject({
      'sveiki.author': 'visitor',
      'sveiki.outcome': 'done',
      'sveiki.conversation': 'conversation-0000000001',
    });
    const commit = named('sveiki.commit').find(({ links }) => links.length > 0)!;
    expect(commit.links[0]?.context.spanId).toBe(command.spanContext().spanId);
    const { traceId, spanId } = command.spanContext();
    const told = named('sveiki.hook').filter((hook) => hook.spanContext().traceId === traceId);
    expect(told.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toContain(spanId);
    const headers = posts.map((post) => post.headers['traceparent']);
    for (const hook of told) expect(headers).toContain(`00-${traceId}-${hook.spanContext().spanId}-01`);
  });

  it('marks what failed, without what was said', async () => {
    const { named, found } = await say({ status: 500, told: 1 });
    expect(
      named('sveiki.hook').map(({ status, attributes }) => [status.code, attributes['sveiki.outcome']]),
    ).toContainEqual([2, 'failed']);
    const told = JSON.stringify(
      found.map(({ name, attributes, status, links, events }) => [name, attributes, status, links, events]),
    );
    expect(told).not.toContain(words);
    expect(told).not.toContain('/told');
  });

  it('says of a refusal why', async () => {
    const under = await relayUnderTest({ tracing: await loadTracing() });
    const ada = await under.agent('ada');
    await ada.send({ type: 'take', id: 'take-00000000000000001', conversation: 'no-such-conversation-01' });
    expect(ada.last('nack').code).toBe('not-found');
    expect(spans.getFinishedSpans().map(({ attributes }) => attributes['sveiki.outcome'])).toEqual(['not-found']);
  });
});
