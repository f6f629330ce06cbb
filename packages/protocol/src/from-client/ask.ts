import * as v from 'valibot';
import { clientIdSchema, idSchema, seqSchema } from '../entities/ids.ts';
import { formSchema } from '../forms/schema.ts';

/** The owner asks the visitor to fill in a form of his own, or one of the configured surveys or forms by its id. */
export const askFrameSchema = v.strictObject({
  type: v.literal('ask'),
  id: clientIdSchema,
  conversation: clientIdSchema,
  ownership: seqSchema,
  what: v.variant('kind', [
    v.strictObject({ kind: v.literal('form'), form: formSchema }),
    v.strictObject({ kind: v.literal('configured'), id: idSchema }),
  ]),
});
export type AskFrame = v.InferOutput<typeof askFrameSchema>;
