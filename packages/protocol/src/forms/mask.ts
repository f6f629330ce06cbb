/** One element of a mask: which characters fit, and whether there may be more than one. */
export interface MaskPart {
  sign: string;
  escaped: boolean;
  many: boolean;
  fits(char: string): boolean;
}

const CLASSES: { readonly [sign: string]: RegExp | undefined } = { '#': /\d/, '@': /\p{L}/u, '*': /[\p{L}\d]/u };

/** Reads a mask; see `TextField.pattern`. A `+` or `\` that stands where it says nothing becomes a part of its own, which `checkForm` refuses. */
export function maskParts(mask: string): MaskPart[] {
  return [...mask.matchAll(/(\\?)(.)(\+?)/gsu)].map(([, backslash, sign = '', plus]) => {
    const allowed = backslash ? undefined : CLASSES[sign];
    return {
      sign,
      escaped: !!backslash,
      many: !!plus,
      fits: (char) => (allowed ? allowed.test(char) : char === sign),
    };
  });
}

/** Whether the whole text fits the mask. What repeats takes all it can and gives nothing back: one look at each character. */
export function fitsMask(mask: string, text: string): boolean {
  const chars = [...text];
  let at = 0;
  for (const { fits, many } of maskParts(mask)) {
    const from = at;
    while (at < chars.length && (many || at === from) && fits(chars[at] as string)) at++;
    if (at === from) return false;
  }
  return at === chars.length;
}
