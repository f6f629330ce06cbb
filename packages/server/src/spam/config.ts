import type { SpamInput, SpamRules } from '@sveiki/sdk/config';
import * as v from 'valibot';
import { wholeNumber } from '../config-features.ts';

/** The sections of the configuration that are about unwanted messages: their shape, and what holds where they say nothing. */

const optional = v.exactOptional;

export const spamSettings = v.strictObject({
  proofOfWork: optional(
    v.picklist(['off', 'suspicious', 'always'], 'is not when work is asked for.|Use "off", "suspicious" or "always".'),
  ),
  firstMessageMs: optional(wholeNumber(0, 60_000)),
  calm: optional(wholeNumber(0, 1_000_000)),
  flood: optional(wholeNumber(1, 1_000_000)),
  maxLinks: optional(wholeNumber(0, 100)),
  bits: optional(wholeNumber(1, 19)),
});

const address = (pattern: RegExp, message: string) => v.pipe(v.string(), v.maxLength(200), v.regex(pattern, message));
const contactWays = {
  email: optional(address(/^[^\s@]+@[^\s@]+$/, 'is not an e-mail address.|Write it like "help@example.com".')),
  phone: optional(address(/^\+?[\d\s()./-]{3,40}$/, 'is not a phone number.|Write it like "+371 20000000".')),
  url: optional(address(/^https?:\/\/[^\s]+$/, 'is not a web address.|Write it like "https://example.com/contact".')),
};
/** Which is written first is offered first: the order of the input is kept. */
export const contactSettings = v.lazy((input) => {
  const written = Object.keys(Object(input));
  const ways = Object.entries(contactWays).toSorted(([a], [b]) => written.indexOf(a) - written.indexOf(b));
  return v.strictObject(Object.fromEntries(ways) as typeof contactWays);
});

const DEFAULTS: SpamRules = {
  proofOfWork: 'suspicious',
  firstMessageMs: 2_000,
  calm: 10,
  flood: 60,
  maxLinks: 3,
  bits: 15,
};

/** What holds on a site: its own settings, else those of the configuration. */
export function spamRules(everywhere: SpamInput | undefined, here: SpamInput | undefined): SpamRules {
  return { ...DEFAULTS, ...everywhere, ...here };
}
