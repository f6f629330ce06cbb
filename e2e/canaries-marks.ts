/*
 * Texts that do something where somebody forgot that they are texts. Each has a mark of its own in it, which says of which field it is: wherever the mark is seen on a screen, that
 * field was shown there; and what runs says it, too, by `pwned(mark)`.
 */

/** What a mark looks like, wherever it turns up. */
export const MARK = /qz\d+x/g;

type Kind = (mark: string) => string;
const KINDS: readonly Kind[] = [
  (m) => `<img src=x onerror=pwned('${m}')>`,
  (m) => `<svg/onload=pwned('${m}')>`,
  (m) => `[${m}](javascript:pwned('${m}'))`,
  (m) => `\u202e${m}\u2067`,
  (m) => `"'><iframe srcdoc="<script>parent.pwned('${m}')</script>"></iframe>`,
  (m) => `javascript:pwned('${m}')//`,
  (m) => `{"type":"img","props":{"src":"x","onerror":"pwned('${m}')"},"__v":1,"ref":null,"key":null}`,
  (m) => `<script>pwned('${m}')</script>`,
  (m) => `data:text/html,<script>pwned('${m}')</script>`,
  (m) => `\u2066\u202d<b onmouseover=pwned('${m}')>${m}`,
  (m) => `![${m}](https://evil.example/${m}.png)`,
  (m) => `{{constructor.constructor("pwned('${m}')")()}}`,
  (m) => `<a href="jav&#x09;ascript:pwned('${m}')">${m}</a>`,
];
/** For fields that take only an address, a mailbox, a telephone or a word. */
const NARROW: readonly Kind[] = [
  (m) => `https://evil.example/${m}?"onmouseover="pwned('${m}')"<svg/onload=pwned('${m}')>`,
  (m) => `https://evil.example/${m}`,
  (m) => `"<svg/onload=pwned('${m}')>"@evil.example`,
  (m) => `${m}@evil.example`,
  (m) => `<b>${m}`,
  (m) => m,
];

export interface Marks {
  /** Every field that has a mark, by it. */
  readonly fields: ReadonlyMap<string, string>;
  /** What to try for a field, the most hostile first; each time another kind comes first. Only one of them is used in the end. */
  textsFor(field: string): string[];
}

export function createMarks(): Marks {
  const fields = new Map<string, string>();
  let count = 0;
  return {
    fields,
    textsFor(field) {
      const mark = `qz${++count}x`;
      fields.set(mark, field);
      const first = count % KINDS.length;
      return [...[0, 1, 2].map((i) => KINDS[(first + i) % KINDS.length] as Kind), ...NARROW].map((kind) => kind(mark));
    },
  };
}
