import * as v from 'valibot';
import { visitSchema } from '../entities/people.ts';

/** The visitor is on another page now. Visitors only; not answered. */
export const visitFrameSchema = v.strictObject({ type: v.literal('visit'), visit: visitSchema });
export type VisitFrame = v.InferOutput<typeof visitFrameSchema>;
