import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Pair, pair } from '../testing/pair.ts';

let at: Pair;
beforeEach(async () => {
  at = await pair();
});
afterEach(() => at.destroy());

/** A relay that answers what is asked about one's own data. */
function answering(answer: () => Response) {
  const asked: { url: string; authorization: string | null; body: unknown }[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    asked.push({
      url: String(input),
      authorization: headers.get('authorization'),
      body: JSON.parse(String(init?.body)),
    });
    return answer();
  };
  return { asked, fetch };
}
const refused = (status: number, code: string) =>
  new Response(JSON.stringify({ code, retryAfterMs: 5_000 }), { status });

describe('a visitor whose data was deleted elsewhere', () => {
  it('loses what his device keeps, says nothing of it again, and begins anew', async () => {
    const { chat, server, storage, clock, network } = at;
    await Promise.all([chat.send('My parcel has not come.'), clock.advance(1_000)]);
    const session = storage.get(`sveiki:${server.site}:session`) ?? '';
    const first = chat.state.conversation?.id;
    network.mode = 'refused';
    at.http.mode = 'refused';
    const lost = expect(chat.send('Nobody has heard this yet.')).rejects.toMatchObject({ code: 'signed-out' });
    chat.setDraft('Half a sent');
    server.forget(session);
    network.mode = 'ok';
    at.http.mode = 'ok';
    await clock.advance(60_000);
    await lost;
    expect(chat.state).toMatchObject({ connection: { status: 'online' }, conversation: null, entries: [], draft: '' });
    expect(server.hellos.at(-1)).not.toHaveProperty('session');
    expect(JSON.stringify(storage.keys().map((key) => storage.get(key)))).not.toMatch(/Nobody|Half|parcel/);
    await Promise.all([chat.send('Hello.'), clock.advance(1_000)]);
    expect(chat.state.conversation?.id).not.toBe(first);
    expect(chat.state.entries.map(({ event }) => event?.body.kind)).toEqual(['started', 'message']);
    expect(storage.get(`sveiki:${server.site}:session`)).not.toBe(session);
  });
});

describe('what is kept about a visitor', () => {
  it('is his to download, with the token of his session and nothing in the address', async () => {
    const { asked, fetch } = answering(() => new Response('PK'));
    const chat = at.newChat({ fetch });
    chat.connect();
    await at.clock.advance(1_000);
    const own = await chat.ownData();
    expect(await (await own.download()).text()).toBe('PK');
    expect(asked).toEqual([
      {
        url: `${at.server.url}/v1/people/export`,
        authorization: expect.stringMatching(/^Bearer .+/),
        body: { site: at.server.site },
      },
    ]);
  });

  it('is his to delete, and this device forgets him', async () => {
    const { chat, clock, storage, server } = at;
    await Promise.all([chat.send('My parcel has not come.'), clock.advance(1_000)]);
    const { asked, fetch } = answering(() => new Response('{}', { status: 202 }));
    const same = at.newChat({ fetch });
    same.connect();
    await clock.advance(1_000);
    await (await same.ownData()).erase();
    expect(asked.map(({ body }) => body)).toEqual([{ site: server.site, confirm: 'erase' }]);
    expect(same.state).toMatchObject({ conversation: null, entries: [] });
    expect(storage.keys().filter((key) => key.includes('session'))).toEqual([]);
  });

  it('is asked for in his name also by a page that has only just come', async () => {
    const { chat, clock, storage, server } = at;
    await Promise.all([chat.send('My parcel has not come.'), clock.advance(1_000)]);
    const session = storage.get(`sveiki:${server.site}:session`);
    const { asked, fetch } = answering(() => new Response('{}', { status: 202 }));
    await (await at.newChat({ fetch }).ownData()).erase();
    expect(asked.map(({ authorization }) => authorization)).toEqual([`Bearer ${session}`]);
  });

  it('is deleted from this device too where the relay has nothing of him', async () => {
    const { fetch } = answering(() => refused(404, 'not-found'));
    const chat = at.newChat({ fetch });
    const own = await chat.ownData();
    await own.erase();
    await expect(own.download()).rejects.toMatchObject({ code: 'not-found', retryable: false });
  });

  it('stays where it is when the relay says later, or cannot be reached', async () => {
    const { chat, clock } = at;
    await Promise.all([chat.send('My parcel has not come.'), clock.advance(1_000)]);
    const busy = at.newChat({ fetch: answering(() => refused(429, 'rate-limited')).fetch });
    await expect((await busy.ownData()).erase()).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 5_000 });
    const away = at.newChat({ fetch: () => Promise.reject(new TypeError('no network')) });
    await expect((await away.ownData()).erase()).rejects.toMatchObject({ code: 'offline', retryable: true });
    expect(chat.state.entries).toHaveLength(2);
  });
});
