/**
 * Plays recorded sessions (`sessions/*.txt`): the same files against the relay and against the SDK's fake server, so that prose, code and double
 * cannot drift apart.
 *
 * A line begins with who speaks and which way: `mia> {…}` is a frame that Mia's client sends, `mia< {…}` the next one of its type that the server
 * must send her (types have no order among each other: an ack may come before or after the event it speaks of). `mia+ site` opens her line at the door `site`, `mia- ` ends it, `mia! 4400` says that the server
 * closed it with that code. `#` begins a comment.
 *
 * In expected frames every key that is written must be there with that value; `"*"` stands for any value, `"$name"` for one that is remembered
 * and must be the same everywhere. Keys that are not written may be there too, except where the frame says `"!": ["key"]`: those must not.
 */
export interface PlayedLine {
  send(text: string): Promise<void> | void;
  /** Frames that came and were not looked at yet, oldest first. Resolves when at least one is there or the line was closed. */
  next(): Promise<object | null>;
  end(): Promise<void> | void;
  /** The code the server closed it with, if it did. */
  closedWith(): Promise<number>;
}

export async function playSession(
  text: string,
  open: (who: string, door: 'site' | 'desk') => Promise<PlayedLine> | PlayedLine,
): Promise<void> {
  const lines = new Map<string, PlayedLine>();
  const unread = new Map<string, Record<string, unknown>[]>();
  const bound = new Map<string, unknown>();
  for (const [index, raw] of text.split('\n').entries()) {
    const match = /^(\w+)([+\-<>!])\s*(.*)$/.exec(raw);
    if (match === null) {
      if (raw.trim() !== '' && !raw.startsWith('#')) throw new Error(`Line ${index + 1} is none: ${raw}`);
      continue;
    }
    const [, who = '', way, rest = ''] = match;
    if (way === '+') {
      unread.set(who, []);
      lines.set(who, await open(who, rest.trim() === 'desk' ? 'desk' : 'site'));
      continue;
    }
    const line = lines.get(who);
    if (line === undefined) throw new Error(`Line ${index + 1}: ${who} has no line`);
    try {
      if (way === '>') await line.send(JSON.stringify(fill(JSON.parse(rest), bound)));
      else if (way === '-') await line.end();
      else if (way === '!') expectSame(await line.closedWith(), Number(rest), '', bound);
      else await expectFrame(line, unread.get(who) ?? [], JSON.parse(rest) as Record<string, unknown>, bound);
    } catch (error) {
      throw new Error(`Line ${index + 1}: ${raw}\n${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }
}

async function expectFrame(
  line: PlayedLine,
  unread: Record<string, unknown>[],
  expected: Record<string, unknown>,
  bound: Map<string, unknown>,
): Promise<void> {
  for (;;) {
    const index = unread.findIndex((frame) => frame['type'] === expected['type']);
    if (index >= 0) return expectSame(unread.splice(index, 1)[0], expected, '', bound);
    const frame = await line.next();
    if (frame === null) throw new Error(`It never came. What came: ${JSON.stringify(unread)}`);
    unread.push(frame as Record<string, unknown>);
  }
}

function expectSame(actual: unknown, expected: unknown, at: string, bound: Map<string, unknown>): void {
  if (expected === '*') {
    if (actual === undefined) throw new Error(`${at} is missing`);
    return;
  }
  if (typeof expected === 'string' && expected.startsWith('$')) {
    if (!bound.has(expected)) bound.set(expected, actual);
    if (actual === undefined || bound.get(expected) !== actual)
      throw new Error(`${at} is ${JSON.stringify(actual)}, not ${JSON.stringify(bound.get(expected))}`);
    return;
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length)
      throw new Error(`${at} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
    for (const [i, item] of expected.entries()) expectSame(actual[i], item, `${at}[${i}]`, bound);
    return;
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null)
      throw new Error(`${at} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
    for (const [key, value] of Object.entries(expected)) {
      if (key === '!') {
        for (const forbidden of value as string[])
          if (Object.hasOwn(actual, forbidden)) throw new Error(`${at}.${forbidden} must not be there`);
      } else expectSame((actual as Record<string, unknown>)[key], value, `${at}.${key}`, bound);
    }
    return;
  }
  if (actual !== expected) throw new Error(`${at} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
}

/** Puts remembered values into a frame that is sent, also as keys. */
function fill(value: unknown, bound: Map<string, unknown>): unknown {
  if (typeof value === 'string' && value.startsWith('$')) {
    if (!bound.has(value)) throw new Error(`${value} is not known yet`);
    return bound.get(value);
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, bound));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, bound)]));
  }
  return value;
}
