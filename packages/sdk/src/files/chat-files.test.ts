import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Chat } from '../host/types.ts';
import { type Pair, pair } from '../testing/pair.ts';
import type { ChatFiles } from './chat-files.ts';

interface Asked {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
}

/** The relay's doors for files: it keeps what comes, and fails as it is told. */
function fakeFiles() {
  const asked: Asked[] = [];
  const failures: (Response | 'none' | 'broken' | 'lost')[] = [];
  const kept = new Map<string, { name: string; size: number; bytes: string }>();
  const problem = (status: number, code: string, more: object = {}) =>
    Response.json({ code, detail: `It is ${code}.`, retry: 'never', ...more }, { status });
  const answer = async (method: string, path: string, request: RequestInit): Promise<Response> => {
    const headers = request.headers as Record<string, string>;
    const text = request.body instanceof Blob ? await request.body.text() : `${request.body}`;
    const body: unknown = method === 'PATCH' ? text : JSON.parse(text);
    asked.push({ method, path, headers, body });
    const { id = path.slice(1), name = '', size = 0 } = (typeof body === 'object' ? body : {}) as Record<string, never>;
    if (path === '') {
      kept.set(`file-${kept.size + 1}`, { name, size, bytes: '' });
      return Response.json({ id: `file-${kept.size}`, offset: 0, chunkBytes: 40_000 });
    }
    const one = kept.get(id);
    if (path === '/link') return Response.json({ url: `/files/token-${asked.length}/${id}`, expiresAt: 1 });
    if (!one) return problem(404, 'no-such-file');
    if (path === '/discard') {
      kept.delete(id);
      return new Response(null, { status: 204 });
    }
    if (method === 'PATCH') {
      if (Number(headers['upload-offset']) !== one.bytes.length) return problem(409, 'changed-meanwhile');
      one.bytes += text;
    }
    const file =
      one.bytes.length === one.size
        ? { kind: 'file', id, text: one.name, name: one.name, type: 'text/plain', size: one.size }
        : null;
    return Response.json({ offset: one.bytes.length, file });
  };
  const fetch: typeof globalThis.fetch = async (url, request = {}) => {
    const path = /\/v1\/files(.*)$/.exec(`${url}`)?.[1] ?? '?';
    const failure = failures.shift();
    if (failure === 'broken') throw new TypeError('Failed to fetch');
    if (failure instanceof Response) return failure;
    const response = await answer(request.method ?? '', path, request);
    if (failure === 'lost') throw new TypeError('Failed to fetch');
    return response;
  };
  return { asked, failures, kept, fetch, problem };
}

let at: Pair;
let files: ReturnType<typeof fakeFiles>;
let chat: Chat;
let own: ChatFiles;
beforeEach(async () => {
  at = await pair();
  files = fakeFiles();
  await import('./chat-files.ts');
  chat = at.newChat({ fetch: files.fetch, transport: 'websocket' });
  own = await chat.files();
});
afterEach(async () => {
  await at.destroy();
  expect({ lines: at.network.open, timers: at.clock.waiting }).toEqual({ lines: 0, timers: 0 });
});

const textFile = (size: number, name = 'order.txt') =>
  Object.assign(new Blob(['a'.repeat(size)], { type: 'text/plain' }), { name });
const messages = () => chat.state.entries.map(({ event, text, delivery }) => [event?.body.kind ?? text, delivery]);
/** Lets requests, which take turns and no time, come to their ends. */
async function settled(ms = 1_000) {
  for (let i = 0; i < 5; i++) await at.clock.advance(ms / 5);
}

describe('an upload', () => {
  it('begins by itself, goes up in parts under the session, and says how far it is', async () => {
    const upload = own.upload(textFile(100_000));
    const seen: number[] = [];
    upload.subscribe(() => seen.push(upload.progress));
    await settled();
    await expect(upload.done).resolves.toMatchObject({ kind: 'file', name: 'order.txt', size: 100_000 });
    expect(upload).toMatchObject({ state: 'ready', progress: 1, error: null });
    expect(seen).toEqual([0.4, 0.8, 1]);
    expect(files.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST ',
      'PATCH /file-1',
      'PATCH /file-1',
      'PATCH /file-1',
    ]);
    expect(files.asked[0]?.body).toEqual({ site: at.server.site, name: 'order.txt', size: 100_000 });
    for (const { headers } of files.asked) {
      expect(headers['authorization']).toMatch(/^Bearer .+/);
      expect(headers['sveiki-site']).toBe(at.server.site);
    }
  });

  it('goes on where it was when the network breaks, an answer is lost, or it comes too fast', async () => {
    files.failures.push('broken');
    const upload = own.upload(textFile(100_000));
    await settled(100);
    expect(files.kept.size).toBe(0);
    await settled(2_000);
    expect(upload.state).toBe('ready');
    files.failures.push(files.problem(429, 'rate-limited', { retry: 'later', retryAfterMs: 5_000 }));
    const second = own.upload(textFile(50_000));
    await settled(3_000);
    expect(second.state).toBe('uploading');
    await settled(6_000);
    expect(second.state).toBe('ready');
    const third = own.upload(textFile(70_000));
    files.failures.push(new Response('<html>portal', { status: 200 }), 'lost', 'broken', 'lost');
    await settled(30_000);
    expect(third.state).toBe('ready');
    // What was begun and never heard of is left to the relay, which forgets it.
    const begun = [...files.kept.values()].filter(({ bytes }) => bytes !== '');
    expect(begun).toHaveLength(3);
    for (const { bytes, size } of begun) expect(bytes).toHaveLength(size);
  });

  it('ends with the chat, and leaves no timer', async () => {
    files.failures.push('broken', 'broken', 'broken', 'broken');
    const upload = own.upload(textFile(10));
    await settled(200);
    await chat.destroy();
    await expect(upload.done).rejects.toMatchObject({ code: 'destroyed' });
  });

  it('ends with the chat also when it was tried again', async () => {
    files.failures.push(files.problem(413, 'too-large'));
    const upload = own.upload(textFile(10));
    await settled();
    upload.retry();
    files.failures.push('broken', 'broken', 'broken', 'broken');
    await settled(200);
    expect(upload.state).toBe('uploading');
    await chat.destroy();
    await expect(upload.done).rejects.toMatchObject({ code: 'destroyed' });
  });

  it('ends with its visitor, who leaves no line open behind him', async () => {
    chat.connect();
    await settled();
    files.failures.push('none', 'broken');
    const upload = own.upload(textFile(100_000));
    await settled(100);
    expect([upload.state, files.kept.size]).toEqual(['uploading', 1]);
    const before = at.network.open;
    const hellos = at.server.hellos.length;
    await chat.logout();
    await settled();
    expect(at.network.open).toBe(before - 1);
    expect(at.server.hellos).toHaveLength(hellos);
    expect(files.kept.size).toBe(0);
  });

  it('that nobody had a session for is not begun under that of the next visitor', async () => {
    at.network.mode = 'refused';
    own.upload(textFile(10, 'from-mia.txt'));
    const taken = own.upload(textFile(10, 'taken-off.txt'));
    taken.cancel();
    await settled();
    await chat.logout();
    at.network.mode = 'ok';
    chat.connect();
    await settled(5_000);
    expect(chat.state.connection.status).toBe('online');
    expect(files.asked).toEqual([]);
  });

  it('fails with what the relay says, and can be tried again or ended', async () => {
    files.failures.push(files.problem(413, 'too-large'));
    const upload = own.upload(textFile(10));
    await settled();
    expect(upload).toMatchObject({ state: 'failed', error: { code: 'too-large', message: 'It is too-large.' } });
    await expect(upload.done).rejects.toMatchObject({ code: 'too-large' });
    upload.retry();
    await settled();
    expect(upload.state).toBe('ready');
    upload.cancel();
    await settled();
    expect(files.kept.size).toBe(0);
    const empty = own.upload(textFile(0));
    await settled();
    expect(empty.error).toMatchObject({ code: 'bad-file' });
  });
});

describe('a message with files', () => {
  it('waits in the outbox for its files, lets later ones pass, and then goes out', async () => {
    files.failures.push('broken', 'broken');
    const sent = own.send('Here it is', [own.upload(textFile(50_000))]);
    await settled(100);
    expect(messages()).toEqual([['Here it is\norder.txt', 'sending']]);
    void chat.send('Are you there?');
    await settled(200);
    await settled(5_000);
    const { seq } = await sent;
    expect(seq).toBeGreaterThan(1);
    const bodies = chat.state.entries.flatMap(({ event }) =>
      event?.body.kind === 'message' ? [event.body.blocks] : [],
    );
    expect(bodies).toHaveLength(2);
    expect(bodies[1]).toMatchObject([
      { kind: 'text', text: 'Here it is' },
      { kind: 'file', id: 'file-1' },
    ]);
    expect(at.storage.keys().filter((key) => key.includes('out:'))).toEqual([]);
  });

  it('fails with its file, and is tried again with it', async () => {
    files.failures.push(files.problem(409, 'files-full'));
    const upload = own.upload(textFile(5));
    own.send('', [upload]).catch(() => {});
    await settled();
    expect(chat.state.entries.at(-1)).toMatchObject({ delivery: 'failed', error: { code: 'files-full' } });
    chat.retry(chat.state.entries.at(-1)?.key ?? '');
    await settled(2_000);
    expect(chat.state.entries.map(({ event }) => event?.body.kind)).toContain('message');
  });

  it('ends its uploads when it is discarded', async () => {
    files.failures.push(files.problem(409, 'files-full'));
    const [refused, slow] = [own.upload(textFile(5)), own.upload(textFile(5, 'slow.txt'))];
    files.failures.push('broken');
    own.send('', [refused, slow]).catch(() => {});
    await settled(100);
    const [failed] = chat.state.entries;
    expect(failed).toMatchObject({ delivery: 'failed' });
    chat.discard(failed?.key ?? '');
    await expect(slow.done).rejects.toMatchObject({ code: 'destroyed' });
    await settled();
    expect(files.kept.size).toBe(0);
  });

  it('is looked after by nobody whose chat is at its end', async () => {
    const left = at.newChat({ fetch: () => new Promise<Response>(() => {}), shareTabs: false });
    const there = await left.files();
    there.send('', [there.upload(textFile(5))]).catch(() => {});
    await left.destroy();
    const before = at.clock.waiting;
    await expect(there.send('', [there.upload(textFile(5))])).rejects.toMatchObject({ code: 'destroyed' });
    const next = at.newChat({ fetch: files.fetch, shareTabs: false });
    next.connect();
    await next.destroy();
    await settled(0);
    expect(at.clock.waiting).toBe(before);
  });

  it('says that its file is lost when the page that had it is gone', async () => {
    const stopped = new Promise<Response>(() => {});
    const left = at.newChat({ fetch: () => stopped, shareTabs: false });
    const there = await left.files();
    there.send('My photo', [there.upload(textFile(5, 'photo.png'))]).catch(() => {});
    await at.clock.advance(100);
    await left.destroy();
    const next = at.newChat({ fetch: files.fetch, shareTabs: false });
    next.connect();
    await settled(10_000);
    expect(next.state.entries.at(-1)).toMatchObject({ text: 'My photo\nphoto.png', delivery: 'sending' });
    // A device that slept: the page that has the file slept, too, and gets its time to say so.
    at.clock.jump(3_600_000);
    await settled(5_000);
    expect(next.state.entries.at(-1)).toMatchObject({ delivery: 'sending' });
    await settled(30_000);
    expect(next.state.entries.at(-1)).toMatchObject({ delivery: 'failed', error: { code: 'no-such-file' } });
    next.discard(next.state.entries.at(-1)?.key ?? '');
    expect(next.state.entries).toEqual([]);
  });
});

it('asks for a link once, and again when it is no longer fresh', async () => {
  chat.connect();
  await settled();
  const first = await own.link('file-9');
  expect(first.url).toBe(`${at.server.url}/files/token-1/file-9`);
  expect(await own.link('file-9')).toBe(first);
  await at.clock.advance(500_000);
  expect((await own.link('file-9')).url).not.toBe(first.url);
});
