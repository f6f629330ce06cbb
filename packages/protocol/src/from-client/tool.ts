import * as v from 'valibot';
import { jsonSchema, toolCallSchema } from '../entities/exchange.ts';
import { clientIdSchema, seqSchema } from '../entities/ids.ts';

/** The bot that owns a conversation calls a tool of the page the visitor is on. Answered by `tool-result` with its id, or `nack`. */
export const callToolSchema = v.strictObject({
  type: v.literal('call-tool'),
  id: clientIdSchema,
  conversation: clientIdSchema,
  ownership: seqSchema,
  tool: toolCallSchema.entries.tool,
  input: toolCallSchema.entries.input,
});
export type CallTool = v.InferOutput<typeof callToolSchema>;

/** The visitor's page answers a call, once. Never answered itself. */
export const toolDoneSchema = v.strictObject({
  type: v.literal('tool-done'),
  call: clientIdSchema,
  outcome: v.picklist(['done', 'refused', 'failed', 'no-such-tool']),
  output: v.exactOptional(jsonSchema),
});
export type ToolDone = v.InferOutput<typeof toolDoneSchema>;
