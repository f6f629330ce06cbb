import { createHash, createHmac } from 'node:crypto';
import type { FileStore } from '../ports.ts';
import { checkKey } from './keys.ts';

export interface S3Options {
  /** Where the store answers, such as `https://s3.eu-north-1.amazonaws.com` or `http://minio:9000`. */
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Put before every key. @default '' */
  prefix?: string;
  /** @default the real one */
  now?: () => number;
  fetch?: typeof fetch;
}

/** Until it answers. How fast what it sends is read is up to whoever reads it: a large file over a slow line takes longer. */
const TIMEOUT_MS = 60_000;
/** What fails for a moment is tried so often, with a growing pause between. */
const TRIES = 3;
const FIRST_PAUSE_MS = 200;

/**
 * Files in an S3-compatible object store, which several nodes share. Addressed by path (`endpoint/bucket/key`), which every such store understands. An object is there whole or not
 * at all, and durable when the store says so.
 */
export function openS3(options: S3Options): FileStore {
  const { endpoint, bucket, prefix = '', now = Date.now, fetch: send = fetch } = options;
  const base = endpoint.replace(/\/+$/, '');
  const pathOf = (key: string): string => `/${bucket}/${prefix}${checkKey(key)}`;

  async function ask(method: string, path: string, more: Ask = {}): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const failure = await askOnce(method, path, more).then(
        (response) => {
          if (response.ok || (response.status < 500 && response.status !== 429)) return response;
          void response.body?.cancel();
          return new Error(`The object store answered ${method} with ${response.status}.`);
        },
        (error: unknown) => error,
      );
      if (failure instanceof Response) return failure;
      if (attempt === TRIES) throw failure;
      await new Promise((resume) => setTimeout(resume, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
    }
  }

  function askOnce(method: string, path: string, { query = {}, headers = {}, body }: Ask): Promise<Response> {
    const url = new URL(base + path);
    url.search = queryOf(query);
    const signed = signRequest({ ...options, method, url, headers, body: body ?? EMPTY, at: now() });
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error('The object store did not answer in time.')), TIMEOUT_MS);
    return send(url, {
      method,
      headers: signed,
      redirect: 'error',
      signal: late.signal,
      ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
    }).finally(() => clearTimeout(timer));
  }

  return {
    async put(key, bytes) {
      const headers = { 'content-type': 'application/octet-stream' };
      await mustBeOk(await ask('PUT', pathOf(key), { headers, body: bytes }), 'store a file');
    },
    async get(key, range) {
      if (range !== undefined && range.end <= range.start) return empty();
      const headers = range === undefined ? {} : { range: `bytes=${range.start}-${range.end - 1}` };
      const response = await ask('GET', pathOf(key), { headers });
      if (response.status === 404) {
        await response.body?.cancel();
        return null;
      }
      await mustBeOk(response, 'read a file');
      return (response.body ?? empty()) as AsyncIterable<Uint8Array>;
    },
    async delete(keys) {
      for (const key of keys) {
        const response = await ask('DELETE', pathOf(key));
        if (response.status === 404) await response.body?.cancel();
        else await mustBeOk(response, 'remove a file');
      }
    },
    async *list(start) {
      let token: string | undefined;
      do {
        const query = {
          'list-type': '2',
          prefix: prefix + start,
          ...(token === undefined ? {} : { 'continuation-token': token }),
        };
        const response = await mustBeOk(await ask('GET', `/${bucket}`, { query }), 'list files');
        const text = await response.text();
        for (const [, key = ''] of text.matchAll(/<Key>([^<]*)<\/Key>/g))
          if (key.startsWith(prefix)) yield plain(key).slice(prefix.length);
        token = /<NextContinuationToken>([^<]*)</.exec(text)?.[1];
        if (token !== undefined) token = plain(token);
      } while (token !== undefined);
    },
  };
}

interface Ask {
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: Uint8Array;
}

const EMPTY = new Uint8Array();
async function* empty(): AsyncGenerator<Uint8Array> {}

/** What the store says is for the operator; it names the bucket and the key, and no secret. */
async function mustBeOk(response: Response, what: string): Promise<Response> {
  if (response.ok) return response;
  const said = /<Code>([A-Za-z]{1,60})</.exec((await response.text()).slice(0, 4_096))?.[1] ?? '';
  throw new Error(`The object store would not ${what}: ${response.status} ${said}. Look at "files.s3".`);
}

/** Out of XML. */
function plain(text: string): string {
  const names: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_all, name: string) => names[name] as string);
}

const percent = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
const queryOf = (query: Record<string, string>): string =>
  Object.entries(query)
    .map(([name, value]) => `${percent(name)}=${percent(value)}`)
    .sort()
    .join('&');

/**
 * The headers of a request, with its signature.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function signRequest(request: {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: Uint8Array;
  at: number;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}): Record<string, string> {
  const { method, url, body, region, accessKeyId, secretAccessKey } = request;
  const time = new Date(request.at).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const hash = sha256(body);
  const headers = { ...request.headers, 'x-amz-content-sha256': hash, 'x-amz-date': time };
  const signed = Object.entries({ ...headers, host: url.host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(';');
  const canonical = [
    method,
    url.pathname,
    url.search.slice(1),
    ...signed.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    hash,
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${secretAccessKey}`,
  );
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString('hex');
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope},SignedHeaders=${names},Signature=${signature}`,
  };
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
