import { type CallTool, type FromServer, LIMITS, type Owner, type ToolCall, type ToolDone } from '@sveiki/protocol';
import type { Engine } from '../../engine/engine.ts';
import type { Masking } from '../../masking/masking.ts';
import type { Bus, BusMessage, Clock } from '../../ports.ts';
import type { Hub } from './hub.ts';

type Result = Pick<ToolCall, 'outcome' | 'output'>;
interface Pending {
  visitor: string;
  /** Pages that have not said yet that they lack the tool. */
  pages: number;
  finish(result: Result): void;
}

/**
 * Calls of tools on visitors' pages. Every open page of the visitor hears a call; the first that has the tool answers. What was called and what came
 * of it is the caller's to write down.
 */
export interface ToolCalls {
  call(visitor: string, bot: Owner, frame: Pick<CallTool, 'id' | 'conversation' | 'tool' | 'input'>): Promise<Result>;
  /** A page of this visitor answered. Answers to calls that are not his are nothing. */
  done(visitor: string, frame: ToolDone): void;
  hear(message: Extract<BusMessage, { kind: 'tool-call' | 'tool-done' }>): void;
}

export function createToolCalls({
  hub,
  bus,
  clock,
  engine,
  masking,
}: {
  hub: Hub;
  bus: Bus;
  clock: Clock;
  engine: Engine;
  masking: Pick<Masking, 'value'>;
}): ToolCalls {
  const pending = new Map<string, Pending>();

  return {
    call(visitor, bot, { id: call, conversation, tool, input }) {
      return new Promise((resolve) => {
        const pages = hub.ofVisitor(visitor).size;
        const cancel = clock.after(LIMITS.toolTimeoutMs, () => finish({ outcome: 'timed-out' }));
        const finish = (result: Result): void => {
          cancel();
          pending.delete(call);
          resolve(result);
        };
        pending.set(call, { visitor, pages, finish });
        if (pages === 0) return finish({ outcome: 'no-such-tool' });
        bus.publish({ kind: 'tool-call', call, conversation, who: bot, tool, input: masking.value(input) });
      });
    },
    done(visitor, { type: _, ...result }) {
      bus.publish({ kind: 'tool-done', visitor, ...masking.value(result) });
    },
    hear(message) {
      if (message.kind === 'tool-call') {
        const state = engine.registry.get(message.conversation)?.state;
        if (state === undefined) return;
        const { kind: _, ...call } = message;
        const text = JSON.stringify({ type: 'tool-call', ...call } satisfies FromServer);
        for (const end of hub.ofVisitor(state.visitor.id)) end.sendText('tool-call', text);
        return;
      }
      const { call, visitor, outcome, output } = message;
      const waiting = pending.get(call);
      if (waiting === undefined || waiting.visitor !== visitor) return;
      waiting.pages -= 1;
      if (outcome === 'no-such-tool' && waiting.pages > 0) return;
      waiting.finish(output === undefined ? { outcome } : { outcome, output });
    },
  };
}
