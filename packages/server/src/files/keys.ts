/** Hexadecimal digits, and for a part that is still on its way where it begins. */
const KEY = /^[0-9a-f]{32}(?:\.\d{12})?$/;

/** The key itself. Throws for anything else, so that no other text ever becomes a path or an address. */
export function checkKey(key: string): string {
  if (!KEY.test(key)) throw new Error('This is no key of a file.');
  return key;
}

/** The key of the part of an upload that begins at `offset`. Parts sort as they follow each other. */
export function partKey(key: string, offset: number): string {
  return `${key}.${String(offset).padStart(12, '0')}`;
}
