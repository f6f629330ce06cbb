import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../ports.ts';
import { Refused } from './problem.ts';

/** A body must be whole after this. */
const BODY_TIMEOUT_MS = 10_000;

/** Reads a whole body of text. @throws Refused 413 when it is larger than `maxBytes`, 408 when it is too slow, 415 when it is packed */
export async function readBody(request: IncomingMessage, maxBytes: number, clock: Clock): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readBytes(request, maxBytes, clock));
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(400, 'bad-frame', { detail: 'The body is not UTF-8.' });
  }
}

/** The same, as it came. @throws Refused as {@link readBody} */
export async function readBytes(request: IncomingMessage, maxBytes: number, clock: Clock): Promise<Buffer> {
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new Refused(415, 'bad-frame', { detail: 'Send the body without a content encoding.' });
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise<Buffer>((resolve, reject) => {
    const callOff = clock.after(BODY_TIMEOUT_MS, () =>
      fail(new Refused(408, 'bad-frame', { detail: 'The body came too slowly.' })),
    );
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) return fail(tooLarge(maxBytes));
      chunks.push(chunk);
    };
    const onEnd = () => {
      done();
      resolve(Buffer.concat(chunks));
    };
    const onBroken = () => fail(new Refused(400, 'bad-frame', { detail: 'The body broke off.' }));
    const done = () => {
      callOff();
      request.off('data', onData).off('end', onEnd).off('error', onBroken).off('aborted', onBroken);
    };
    const fail = (problem: Refused) => {
      done();
      // What still comes is nobody's; without a handler a late error would end the process.
      request.on('error', () => {});
      request.pause();
      reject(problem);
    };
    request.on('data', onData).on('end', onEnd).on('error', onBroken).on('aborted', onBroken);
  });
}

/** Forms of other pages can send everything but this type without being asked. @throws Refused 415 */
export function mustBeJson(request: IncomingMessage): void {
  if (/^application\/json(?:\s*;\s*charset="?utf-8"?)?$/i.test(request.headers['content-type'] ?? '')) return;
  throw new Refused(415, 'bad-frame', { detail: 'Send JSON, with the content type application/json.' });
}

/** Reads a JSON object. @throws Refused as {@link readBody}, and 400 when it is none */
export async function readJson(
  request: IncomingMessage,
  maxBytes: number,
  clock: Clock,
): Promise<Record<string, unknown>> {
  const text = await readBody(request, maxBytes, clock);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new Refused(400, 'bad-frame', { detail: 'The body is not a JSON object.' });
}

function tooLarge(maxBytes: number): Refused {
  return new Refused(413, 'too-large', { detail: `The body is larger than ${maxBytes} bytes.` });
}
