/**
 * Whether a path or an address fits a pattern: `*` is anything but `/`, `**` anything at all, `?` one character but `/`; everything else is itself.
 * A pattern that ends in `/**` also fits the folder itself. Takes time in proportion to both lengths, whatever the pattern.
 */
export function fitsGlob(pattern: string, text: string): boolean {
  const tokens = tokensOf(pattern);
  // Where in the pattern one may be after what was read of the text.
  let at = skipStars(new Set([0]), tokens);
  for (const character of text) {
    const next = new Set<number>();
    for (const place of at) {
      const token = tokens[place];
      if (token === '**' || (token === '*' && character !== '/')) next.add(place);
      else if (token === character || (token === '?' && character !== '/')) next.add(place + 1);
    }
    if (next.size === 0) return false;
    at = skipStars(next, tokens);
  }
  return at.has(tokens.length) || (at.has(tokens.length - 2) && pattern.endsWith('/**'));
}

/** Stars may stand for nothing. */
function skipStars(places: Set<number>, tokens: readonly string[]): Set<number> {
  for (const place of places) if (tokens[place] === '*' || tokens[place] === '**') places.add(place + 1);
  return places;
}

function tokensOf(pattern: string): string[] {
  return pattern.match(/\*\*+|[\s\S]/gu)?.map((token) => (token.startsWith('**') ? '**' : token)) ?? [];
}
