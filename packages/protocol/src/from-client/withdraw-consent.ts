import * as v from 'valibot';
import { clientIdSchema } from '../entities/ids.ts';

/** The visitor takes back what he agreed to. What he says next is refused (`consent-required`) until he agrees again. */
export const withdrawConsentSchema = v.strictObject({
  type: v.literal('withdraw-consent'),
  id: clientIdSchema,
  conversation: clientIdSchema,
});
export type WithdrawConsent = v.InferOutput<typeof withdrawConsentSchema>;
