import type { IncomingMessage } from 'node:http';
import { originOf } from '../../config.ts';

/** How often a header is there: proxies and servers differ in which one counts, so twice is never right for those that decide something. */
export function headerCount(request: IncomingMessage, name: string): number {
  const { rawHeaders } = request;
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]!.toLowerCase() === name) count++;
  return count;
}

/** The origin a browser names: `null` when there is no such header, `invalid` when it is doubled, opaque ("null") or no web origin. */
export function requestOrigin(request: IncomingMessage): string | null | 'invalid' {
  const { origin } = request.headers;
  if (origin === undefined) return null;
  return headerCount(request, 'origin') === 1 ? (originOf(origin) ?? 'invalid') : 'invalid';
}

/** The path without its query; null when the target of the request is not a path. */
export function requestPath(request: IncomingMessage): string | null {
  const { url = '' } = request;
  if (!url.startsWith('/') || url.startsWith('//') || url.length > 4_096) return null;
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

/** The value of a cookie; the first one when there are several. */
export function cookieOf(header: string | undefined, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const [key = '', ...value] = part.split('=');
    if (key.trim() === name) return value.join('=').trim();
  }
  return null;
}

/** The token of an `authorization: Bearer` header; null without one. */
export function bearerOf(request: IncomingMessage): string | null {
  return /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
}
