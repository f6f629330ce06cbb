import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/** Rollup puts a hash of the content at the end of these names, so they never change. */
const HASHED = /-[\w-]{8}\.(?:js|css)$|(?:^|[\\/])chunks[\\/].*-[\w-]{6}\.js$/;

export interface Asset {
  type: string;
  etag: string;
  isForever: boolean;
  bytes: Buffer;
  /** The same, packed ahead of time. */
  packed: { encoding: string; bytes: Buffer }[];
}

/** Files by their path below the folder, with `/` between; those of our own built applications are few and small, so they stay in memory. */
export type Assets = ReadonlyMap<string, Asset>;

/**
 * Reads every file of a known kind. Requests are looked up in this map and never reach the disk, so no path can lead out of the folder. A folder
 * that is not there is empty.
 */
export function loadAssets(folder: string): Assets {
  const assets = new Map<string, Asset>();
  if (!existsSync(folder)) return assets;
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const name of names) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const bytes = readFileSync(join(folder, name));
    const packed = ENCODINGS.flatMap(([encoding, ending]) =>
      names.includes(name + ending) ? [{ encoding, bytes: readFileSync(join(folder, name + ending)) }] : [],
    );
    const etag = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
    assets.set(name.split(sep).join('/'), { type, etag, isForever: HASHED.test(name), bytes, packed });
  }
  return assets;
}

/** Answers a GET or HEAD with one asset. `headers` may say how long it keeps; files with a hash in their name keep for ever. */
export function sendAsset(
  request: IncomingMessage,
  response: ServerResponse,
  asset: Asset,
  headers: Record<string, string>,
): void {
  const accepted = acceptedEncodings(request.headers['accept-encoding']);
  const packed = asset.packed.find(({ encoding }) => accepted.has(encoding));
  const etag = `"${asset.etag}${packed === undefined ? '' : `-${packed.encoding}`}"`;
  const all: Record<string, string | number> = {
    'cache-control': 'no-cache',
    ...headers,
    ...(asset.isForever ? { 'cache-control': 'public, max-age=31536000, immutable' } : {}),
    etag,
    vary: 'accept-encoding',
    'x-content-type-options': 'nosniff',
  };
  if (matches(request.headers['if-none-match'], etag)) {
    response.writeHead(304, all).end();
    return;
  }
  const bytes = packed?.bytes ?? asset.bytes;
  all['content-type'] = asset.type;
  all['content-length'] = bytes.length;
  if (packed !== undefined) all['content-encoding'] = packed.encoding;
  response.writeHead(200, all);
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

function acceptedEncodings(header: string | string[] | undefined): Set<string> {
  const parts = String(header ?? '')
    .split(',')
    .slice(0, 20);
  return new Set(
    parts.filter((part) => !/;\s*q=0(?:\.0*)?\s*$/.test(part)).map((part) => part.split(';')[0]!.trim().toLowerCase()),
  );
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
}
