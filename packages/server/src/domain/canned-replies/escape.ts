import { CANNED_REPLY_LIMITS } from './reply.ts';

/** A value on one line: without control characters and marks that turn the direction of text, spaces run together. */
export function cleanValue(value: string): string {
  return (
    value
      .slice(0, CANNED_REPLY_LIMITS.maxValueChars * 4)
      // Half a character cannot be written in UTF-8.
      .replace(/\p{Cs}/gu, '\ufffd')
      .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
      .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
      .replace(/\s+/g, ' ')
      .trim()
  );
}

/**
 * A clean value as Markdown source that reads as itself behind `before`, whatever the value is: no emphasis, link, code, list or quote begins or ends
 * with it. Marks that need no escape stay as they are, because agents see the source. A backtick becomes an apostrophe: inside code nothing can be
 * escaped, so a value that could close code could not be held in.
 */
export function escapeMarkdown(value: string, before: string): string {
  const line = before.slice(Math.max(before.lastIndexOf('\n') + 1, before.length - 2_048));
  // In an address that the author began, a value is a part of it; where the host is not yet complete, only of a name in it: the author says where links lead.
  if (/https?:\/\/[^\s/?#)>]*$/i.test(line)) return value.replace(/[^a-z0-9]+/gi, '-');
  if (/(?:https?:\/\/|\]\()[^\s)>]*$/i.test(line)) return percentEncode(value);
  const escaped = value
    .replaceAll('`', "'")
    .replace(/[\\*[\]<]/g, '\\$&')
    // Order numbers such as AW_10_2: an underscore between letters is only an underscore.
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    // Addresses become links by their scheme; 10:30 and "Size: M" do not.
    .replace(/:(?!\s)/g, (colon, at: number) => (/\d$/.test(value[at - 1] ?? '') ? colon : `\\${colon}`));
  // At the beginning of a line: lists, quotes, fences.
  if (!/^[\s>*+\d.)-]*$/.test(line)) return escaped;
  return escaped.replace(/^(\d{1,9})([.)])/, '$1\\$2').replace(/^[>+~.)-]/, '\\$&');
}

/** As a part of an address: nothing in it ends the address, begins another part, or means something in Markdown. */
function percentEncode(value: string): string {
  // `..` would lead up, encoded or not.
  if (/^\.+$/.test(value)) return '-';
  return encodeURIComponent(value).replace(/[!'()*_~]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (mark) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[mark] as string,
  );
}
