import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FileStore } from '../ports.ts';
import { filesContract } from './contract.ts';
import { openDirectory } from './directory.ts';
import { createMemoryFiles } from './memory.ts';
import { openS3, type S3Options, signRequest } from './s3.ts';

filesContract('memory', async () => ({ files: createMemoryFiles() }));

filesContract('a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sveiki-files-'));
  return {
    files: await openDirectory(folder, { isAlone: true }),
    reopen: () => openDirectory(folder, { isAlone: true }),
    drop: () => rm(folder, { recursive: true, force: true }),
  };
});

it('removes what a crash left half written, and never what a relay beside it is writing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sveiki-files-'));
  await writeFile(join(folder, '.partial-0011'), 'half');
  await openDirectory(folder, { isAlone: false });
  expect(await readdir(folder)).toEqual(['.partial-0011']);
  await openDirectory(folder, { isAlone: true });
  expect(await readdir(folder)).toEqual([]);
  await rm(folder, { recursive: true, force: true });
});

const KEYS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const AT = Date.parse('2013-05-24T00:00:00Z');

/** An object store as small as one can be: it checks every signature, forgets nothing, and lists two keys a page. */
async function fakeS3(): Promise<{ options: S3Options; server: Server; failNext(count: number): void }> {
  const objects = new Map<string, Buffer>();
  let failures = 0;
  const server = createServer((request, response) => void answer(request, response));
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const url = new URL(request.url ?? '', `http://${request.headers.host}`);
    const { range, authorization } = request.headers;
    const headers = Object.fromEntries(
      ['content-type', 'range'].flatMap((name) => {
        const value = request.headers[name];
        return typeof value === 'string' ? [[name, value]] : [];
      }),
    );
    const method = request.method ?? '';
    const right = signRequest({ ...KEYS, region: 'test-1', method, url, headers, body, at: AT });
    if (failures-- > 0) return response.writeHead(503).end();
    if (authorization !== right['authorization'])
      return response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>');
    if (url.pathname === '/bucket') {
      const prefix = url.searchParams.get('prefix') ?? '';
      const after = url.searchParams.get('continuation-token') ?? '';
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
      const page = keys.slice(0, 2);
      const next = keys.length > 2 ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
      return response.end(`<L>${page.map((key) => `<C><Key>${key}</Key></C>`).join('')}${next}</L>`);
    }
    const key = url.pathname.slice('/bucket/'.length);
    const found = objects.get(key);
    if (method === 'PUT') objects.set(key, body);
    if (method === 'DELETE') objects.delete(key);
    if (method !== 'GET') return response.writeHead(method === 'DELETE' ? 204 : 200).end();
    if (found === undefined) return response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    if (start === undefined) return response.end(found);
    return response.writeHead(206).end(found.subarray(Number(start), Number(end) + 1));
  }
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = { ...KEYS, endpoint, bucket: 'bucket', region: 'test-1', now: () => AT };
  return {
    options,
    server,
    failNext(count) {
      failures = count;
    },
  };
}

describe('an object store', () => {
  let s3: Awaited<ReturnType<typeof fakeS3>>;
  beforeAll(async () => {
    s3 = await fakeS3();
  });
  afterAll(() => new Promise((closed) => s3.server.close(closed)));
  filesContract('it', async () => {
    const options = { ...s3.options, prefix: `shop/${randomBytes(4).toString('hex')}/` };
    return { files: openS3(options), reopen: async () => openS3(options) };
  });

  it('is asked again when it fails for a moment, and says what it would not do', async () => {
    const files = openS3(s3.options);
    s3.failNext(2);
    await files.put('a'.repeat(32), Buffer.from('kept'));
    expect(await files.get('a'.repeat(32))).not.toBeNull();
    const stranger = openS3({ ...s3.options, secretAccessKey: 'wrong' });
    await expect(stranger.put('b'.repeat(32), Buffer.from('x'))).rejects.toThrow(
      'The object store would not store a file: 403 SignatureDoesNotMatch. Look at "files.s3".',
    );
  });
});

describe('an object store that takes its time', () => {
  let asked: { answer(response: Response): void; signal: AbortSignal }[];
  let files: FileStore;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    // The timers of signals are not those of the fake clock.
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      const over = new AbortController();
      setTimeout(() => over.abort(), ms);
      return over.signal;
    });
    asked = [];
    files = openS3({
      ...{ ...KEYS, endpoint: 'https://s3.example', bucket: 'bucket', region: 'test-1', now: () => AT },
      fetch: (_url, init) =>
        new Promise((answer, fail) => {
          const signal = init?.signal as AbortSignal;
          signal.addEventListener('abort', () => fail(signal.reason));
          asked.push({ answer, signal });
        }),
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it('cuts off nobody who reads slowly', async () => {
    const file = files.get('a'.repeat(32));
    asked[0]?.answer(new Response('kept'));
    expect(await file).not.toBeNull();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(asked[0]?.signal.aborted).toBe(false);
  });

  it('is given up when it does not answer within a minute, three times', async () => {
    const failed = expect(files.get('a'.repeat(32))).rejects.toThrow('The object store did not answer in time.');
    await vi.advanceTimersByTimeAsync(181_000);
    await failed;
    expect(asked).toHaveLength(3);
  });
});

it('signs as the documentation of S3 does in its example', () => {
  const { authorization } = signRequest({
    ...KEYS,
    region: 'us-east-1',
    method: 'GET',
    url: new URL('https://examplebucket.s3.amazonaws.com/test.txt'),
    headers: { range: 'bytes=0-9' },
    body: new Uint8Array(),
    at: AT,
  });
  expect(authorization).toContain('SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,');
  expect(authorization).toContain('f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41');
});
