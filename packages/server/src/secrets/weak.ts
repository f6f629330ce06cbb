/** Words that stand where somebody forgot to put a secret: in examples, in templates, in the first draft of a configuration. */
const PLACEHOLDER =
  /change[ _-]?me|change[ _-]?this|your[ _-](?:secret|key|token|own)|replace[ _-]?(?:me|this)|placeholder|example[ _-]?(?:secret|key|token)|secret[ _-]?here|^(?:secret|password|default|admin|test|demo)+$/i;
/** A random text of 16 hexadecimal digits has fewer than this in one of 40,000 cases. */
const FEWEST_LETTERS = 6;

/** Why a secret would be guessed, in words for people; null when nothing speaks against it. Says nothing about its length. */
export function weakness(secret: string): string | null {
  if (PLACEHOLDER.test(secret)) return 'It is a text from an example, which everybody knows.';
  if (new Set(secret).size < FEWEST_LETTERS) return 'It has only a few different characters, so it can be guessed.';
  return null;
}
