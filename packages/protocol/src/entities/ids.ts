import * as v from 'valibot';
import { LIMITS } from '../limits.ts';

export const CLIENT_ID = new RegExp(`^[A-Za-z0-9_-]{${LIMITS.minIdChars},${LIMITS.maxIdChars}}$`);

/**
 * A client-made id of a message, a command or a conversation: time-ordered (UUIDv7 or ULID) so that the store appends, random enough that
 * nobody guesses it, and no secret. @see SPEC [M1]
 */
export const clientIdSchema = v.pipe(v.string(), v.regex(CLIENT_ID));

/** A server-made id, as it comes back in commands. Only its size is checked; whether it exists is the domain's question. */
export const idSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.maxIdChars));

/** A position in a log: 0 is "nothing yet". */
export const seqSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Milliseconds since 1970-01-01T00:00Z by the relay's clock. */
export const instantSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const nameSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.maxNameChars));
