import * as v from 'valibot';

/** The answer to `ping`. Any other frame counts as life too. */
export const pongSchema = v.strictObject({ type: v.literal('pong') });
export type Pong = v.InferOutput<typeof pongSchema>;
