import type { Link, Span, SpanContext } from '@opentelemetry/api';
import type { Command, Outcome } from './commands/command.ts';
import type { Engine } from './engine/engine.ts';
import type { Outbound } from './hooks/outbound.ts';
import type { Pipeline } from './hooks/pipeline.ts';
import type { Batch, Store } from './ports.ts';

/**
 * Spans of what a message goes through, for OpenTelemetry: `sveiki.command` from the frame's arrival to its answer, `sveiki.commit` for the transaction that
 * stored it together with others (linked to each), and `sveiki.hook` for each hook and webhook that was told of it, whose request carries the trace on in its
 * headers. Spans have ids of conversations and outcomes; never words, names or addresses of people.
 */
export interface Tracing {
  engine(engine: Engine): Engine;
  store(store: Store): Store;
  pipeline(pipeline: Pipeline): Pipeline;
  outbound(outbound: Outbound): Outbound;
}

/** Nothing is wrapped, so nothing is spent. */
export const noTracing: Tracing = {
  engine: (engine) => engine,
  store: (store) => store,
  pipeline: (pipeline) => pipeline,
  outbound: (outbound) => outbound,
};

/** Commands of which it is remembered to which trace they belong, for commits and hooks that come after them. */
const MAX_REMEMBERED = 5_000;

/** Where the API of OpenTelemetry keeps what was registered with it, in whichever copy of it. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');

/**
 * Traces when whoever started this process has registered a provider of spans before (`node --import ./tracing.mjs …`, see docs/self-hosting.md);
 * else `noTracing`, and nothing is loaded.
 */
export async function loadTracing(): Promise<Tracing> {
  const registered = (globalThis as { [REGISTERED]?: { trace?: unknown } })[REGISTERED];
  return registered?.trace === undefined ? noTracing : createTracing(await import('@opentelemetry/api'));
}

function createTracing(api: typeof import('@opentelemetry/api')): Tracing {
  const { context, propagation, SpanKind, SpanStatusCode, trace } = api;
  const tracer = trace.getTracer('sveiki');
  const remembered = new Map<string, SpanContext>();

  function remember(key: string, span: Span): void {
    remembered.set(key, span.spanContext());
    for (const oldest of remembered.keys()) {
      if (remembered.size <= MAX_REMEMBERED) break;
      remembered.delete(oldest);
    }
  }
  const linksTo = (keys: Iterable<string>): Link[] =>
    [...new Set(keys)].flatMap((key) => {
      const found = remembered.get(key);
      return found === undefined ? [] : [{ context: found }];
    });

  function fail(span: Span, error: unknown): void {
    span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'Error' });
  }

  return {
    engine: (engine) => ({
      ...engine,
      async submit(command: Command): Promise<Outcome> {
        const span = tracer.startSpan('sveiki.command', {
          kind: SpanKind.SERVER,
          attributes: { 'sveiki.author': AUTHORS[command.author[0] as keyof typeof AUTHORS] ?? 'other' },
        });
        remember(commandKey(command), span);
        try {
          const outcome = await context.with(trace.setSpan(context.active(), span), () => engine.submit(command));
          if (outcome.done) {
            remember(`${outcome.conversation}_${outcome.seq}`, span);
            span.setAttributes({ 'sveiki.conversation': outcome.conversation, 'sveiki.seq': outcome.seq });
          }
          span.setAttribute(
            'sveiki.outcome',
            outcome.done ? (outcome.repeated ? 'repeated' : 'done') : outcome.refused,
          );
          return outcome;
        } catch (error) {
          fail(span, error);
          throw error;
        } finally {
          span.end();
        }
      },
    }),
    store: (store) =>
      Object.assign(Object.create(store) as Store, {
        async append(batch: Batch): Promise<void> {
          const links = linksTo(batch.events.map(commandKey));
          const attributes = { 'sveiki.events': batch.events.length };
          const span = tracer.startSpan('sveiki.commit', { kind: SpanKind.CLIENT, attributes, links });
          try {
            await store.append(batch);
          } catch (error) {
            fail(span, error);
            throw error;
          } finally {
            span.end();
          }
        },
      }),
    pipeline: (pipeline) => ({
      decide(hook, input, asking) {
        const of = remembered.get((input as { id?: string } | null)?.id ?? '');
        const parent = of === undefined ? context.active() : trace.setSpanContext(context.active(), of);
        const attributes = {
          'sveiki.hook': hook.name,
          'sveiki.stage': hook.stage,
          ...(asking.conversation === undefined ? {} : { 'sveiki.conversation': asking.conversation }),
        };
        const span = tracer.startSpan('sveiki.hook', { attributes }, parent);
        return context.with(trace.setSpan(parent, span), async () => {
          const answer = await pipeline.decide(hook, input, asking);
          span.setAttribute('sveiki.outcome', answer.outcome);
          if (answer.fellBack) fail(span, answer.error);
          span.end();
          return answer;
        });
      },
    }),
    outbound: (outbound) => ({
      post(post) {
        const headers = { ...post.headers };
        propagation.inject(context.active(), headers);
        return outbound.post({ ...post, headers });
      },
    }),
  };
}

const AUTHORS = { v: 'visitor', a: 'agent', s: 'relay' };

/** An event that a command made carries its id; those beside it have a suffix. */
function commandKey({ author, id }: { author: string; id: string }): string {
  return `${author} ${id.replace(/~.*/, '')}`;
}
