import { createHash } from 'node:crypto';
import { LIMITS } from '@sveiki/protocol';
import * as v from 'valibot';
import type { ConsentConfig } from '../config-types.ts';

const MAX_TEXT_CHARS = 2_000;

const tag = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, 'is not a language tag.|Write it like "en" or "pt-BR".'),
);
const address = v.pipe(
  v.string(),
  v.maxLength(LIMITS.maxUrlChars),
  v.check(isWebAddress, 'is not an address of the web.|Write it like "https://shop.example.com/privacy".'),
);

/** The consent of a site, as it stands in the configuration. */
export const consentSettings = v.strictObject({
  version: v.exactOptional(
    v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9._-]{1,64}$/, 'is not a name of a text.|Use 1-64 letters, digits, ".", "_" and "-".'),
    ),
  ),
  text: v.pipe(
    v.record(
      tag,
      v.pipe(
        v.string(),
        v.trim(),
        v.minLength(1, 'is empty.'),
        v.maxLength(MAX_TEXT_CHARS, `has more than ${MAX_TEXT_CHARS} characters.|Say it short, and link to the whole.`),
      ),
    ),
    v.check((texts) => Object.keys(texts).length > 0, 'is empty.|Write what visitors agree to: { "en": "…" }.'),
  ),
  link: v.exactOptional(v.union([address, v.record(tag, address)])),
  strict: v.exactOptional(v.boolean(), false),
});

export function consentConfig({ version, text, link, strict }: v.InferOutput<typeof consentSettings>): ConsentConfig {
  const links = typeof link === 'string' ? { '': link } : (link ?? {});
  return {
    // Of the texts themselves: whoever changes them and forgets the version asks everybody again, and not nobody.
    version:
      version ??
      createHash('sha256')
        .update(JSON.stringify([text, links]))
        .digest('hex')
        .slice(0, 12),
    text,
    link: links,
    strict,
  };
}

function isWebAddress(value: string): boolean {
  return /^https?:\/\/[^\s/?#@\\]+(?:[/?#]\S*)?$/.test(value) && URL.canParse(value);
}
