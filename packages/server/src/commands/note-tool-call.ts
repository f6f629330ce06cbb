import type { CallTool, Owner, ToolCall } from '@sveiki/protocol';
import { actorOf } from '../domain/actor.ts';
import type { Command } from './command.ts';
import { bySystem } from './hand-off.ts';

/** Writes down what a bot did on the visitor's page, and what came of it. */
export function noteToolCall(bot: Owner, frame: Pick<CallTool, 'id' | 'conversation'>, call: ToolCall): Command {
  return bySystem(`a:${bot.id}`, frame.id, frame.conversation, () => [
    { actor: actorOf(bot), audience: 'staff', body: { kind: 'tool-called', ...call } },
  ]);
}
