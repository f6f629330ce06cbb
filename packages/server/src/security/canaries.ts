/** Texts that do something where somebody forgot that they are texts. */
export const CANARIES: readonly string[] = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  '"><iframe srcdoc="<script>alert(1)</script>">',
  '[a](javascript:alert(1))',
  '[a](JaVaScRiPt:alert(1))',
  '[a](java\nscript:alert(1))',
  '[a](java&#115;cript:alert(1))',
  '[a](data:text/html,<script>alert(1)</script>)',
  '[a](vbscript:msgbox)',
  '[a](//evil.example)',
  '[a](\\\\evil.example)',
  '[a](blob:https://shop.example/x)',
  '![a](https://evil.example/pixel.png)',
  '<javascript:alert(1)>',
  '<https://evil.example/?q=<script>>',
  'javascript:alert(1)',
  'javascript://shop.example/%0aalert(1)',
  'data:text/html;base64,PHNjcmlwdD4=',
  'https://user:password@evil.example/',
  '{{constructor.constructor("alert(1)")()}}',
  '{{visitor.email}} #{7*7} <%= 7*7 %>',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  '\u202egpj.exe\u2066\u2069',
  '\u0000\u0008\u001b[31m',
  '\r\nSet-Cookie: a=b\r\n\r\n',
  'data: x\n\nevent: close\ndata: {}',
  '\u2028alert(1)\u2029',
  '\ud800 \udc00',
  '\ufeff\u200b\u00ad',
  '=HYPERLINK("https://evil.example")',
  "'; DROP TABLE events; --",
  '{"type":"welcome","role":"agent"}',
  '%00%0d%0a..%2f..%2fetc%2fpasswd',
  `${'a'.repeat(50)}${'\u0301'.repeat(50)}`,
];

/** Every string in a value, keys too, with the key it stands under. */
export function* stringsIn(value: unknown, key = ''): Generator<{ key: string; text: string }> {
  if (typeof value === 'string') yield { key, text: value };
  else if (Array.isArray(value)) for (const item of value) yield* stringsIn(item, key);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      yield { key: '*', text: name };
      yield* stringsIn(item, name);
    }
  }
}

/** Keys whose values readers make addresses of. */
const ADDRESSES = ['href', 'src', 'url', 'policy'];
/** An address in a value that is something else than a page, a mailbox or a telephone; null when there is none. */
export function badAddressIn(value: unknown): string | null {
  for (const { key, text } of stringsIn(value))
    if (ADDRESSES.includes(key) && text !== '' && !/^(?:https?:\/\/[^/]|mailto:|tel:)/.test(text)) return text;
  return null;
}

/** Without what the relay takes out of lines: two texts that are the same here differ in nothing that means something. */
export const bare = (text: string): string => text.normalize('NFC').replace(/[\s\p{C}\p{M}\ufffd]/gu, '');
