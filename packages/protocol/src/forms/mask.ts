/** One element of a mask: which characters fit, and whether there may be more than one. */
export interface MaskPart {
  fits(char: string): boolean;
  many: boolean;
}

const CLASSES: { readonly [sign: string]: RegExp } = { '#': /\d/, '@': /\p{L}/u, '*': /[\p{L}\d]/u };

/** Reads a mask (see `TextField.pattern`); null when it is none. */
export function maskParts(mask: string): MaskPart[] | null {
  const parts: MaskPart[] = [];
  const signs = [...mask];
  for (let i = 0; i < signs.length; i++) {
    let sign = signs[i] as string;
    const last = parts.at(-1);
    if (sign === '+') {
      if (!last || last.many) return null;
      last.many = true;
      continue;
    }
    const allowed = Object.hasOwn(CLASSES, sign) ? CLASSES[sign] : undefined;
    if (sign === '\\') {
      const next = signs[++i];
      if (next === undefined) return null;
      sign = next;
    }
    parts.push({ fits: (char) => (allowed ? allowed.test(char) : char === sign), many: false });
  }
  return parts;
}

/** Whether the whole text fits the mask. What repeats takes all it can and gives nothing back: one look at each character. */
export function fitsMask(mask: string, text: string): boolean {
  const chars = [...text];
  let at = 0;
  for (const { fits, many } of maskParts(mask) ?? []) {
    const from = at;
    while (at < chars.length && (many || at === from) && fits(chars[at] as string)) at++;
    if (at === from) return false;
  }
  return at === chars.length;
}
