import type { FromServer } from '@sveiki/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageFull, type Store } from '../../ports.ts';
import { createMemoryStore } from '../../store/memory/memory-store.ts';
import { type RelayUnderTest, relayUnderTest, type TestLine, text, turn } from '../../testing/relay-under-test.ts';

const C1 = 'conversation-0001';
const send = (id: string, more: object = {}) => ({ type: 'send', id, conversation: C1, blocks: text(id), ...more });

let under: RelayUnderTest;
/** Decides about every commit that holds messages, when it is its turn at the store: how long it takes there, and whether it fails. */
let commit: () => Promise<Error | null>;

beforeEach(async () => {
  commit = async () => null;
  const memory = createMemoryStore();
  const store: Store = {
    ...memory,
    async append(batch) {
      const failure = batch.events.length > 0 ? await commit() : null;
      if (failure !== null) throw failure;
      return memory.append(batch);
    },
  };
  under = await relayUnderTest({ store });
});
afterEach(async () => {
  commit = async () => null;
  await under.checkEventLaw();
  await under.relay.stop();
});

const stored = async (by: string): Promise<string[]> => {
  const { events } = await under.store.events({ conversation: C1, count: 'staff', after: 0, limit: 10_000 });
  return events.filter(({ author }) => author.startsWith(by)).map(({ id }) => id);
};
const said = async (by = 'v:') => (await stored(by)).filter((id) => /^m-\d+$/.test(id));
const answers = (line: TestLine) =>
  line.frames.flatMap((frame) => (frame.type === 'ack' || frame.type === 'nack' ? [`${frame.type} ${frame.id}`] : []));
const settled = async () => {
  await turn();
  await under.relay.settled();
  await turn();
};
const id = (n: number) => `m-${String(n).padStart(8, '0')}`;

describe('[M4] after a refusal that may be tried again', () => {
  it('nothing after it is stored until it is sent again', async () => {
    const mia = await under.visitor();
    await mia.send(send(id(0)));
    commit = async () => new StorageFull('full');
    await mia.send(send(id(1)));
    commit = async () => null;
    await mia.send(send(id(2)), send(id(3)));
    expect(mia.of('nack').map(({ id, code }) => [id, code])).toEqual([
      [id(1), 'storage-full'],
      [id(2), 'storage-full'],
      [id(3), 'storage-full'],
    ]);
    for (const nack of mia.of('nack')) expect(nack).toMatchObject({ retry: 'later', retryAfterMs: 1_000 });
    // The second is too early for the third; a new one must wait for it.
    await mia.send(send(id(1)), send(id(4)), send(id(2)), send(id(3)), send(id(4)));
    expect(await said()).toEqual([0, 1, 2, 3, 4].map(id));
  });

  it('what waited in the engine already fails with it', async () => {
    const mia = await under.visitor();
    await mia.send(send(id(0)));
    let fail = () => {};
    const failing = new Promise<Error>((resolve) => (fail = () => resolve(new StorageFull('full'))));
    const commits = [failing, Promise.resolve(null)];
    commit = () => commits.shift() ?? Promise.resolve(null);
    for (const n of [1, 2, 3]) await mia.push(send(id(n)));
    fail();
    await settled();
    expect(await said()).toEqual([id(0)]);
    expect(answers(mia).slice(1)).toEqual([1, 2, 3].map((n) => `nack ${id(n)}`));
  });

  it('sending a later one again gives up those before it', async () => {
    const mia = await under.visitor();
    await mia.send(send(id(0)));
    commit = async () => new StorageFull('full');
    await mia.send(send(id(1)), send(id(2)));
    commit = async () => null;
    await mia.send(send(id(2)), send(id(3)));
    expect(await said()).toEqual([0, 2, 3].map(id));
  });

  it('a new one is taken when it is tried again, if its author gave up everything before', async () => {
    const mia = await under.visitor();
    await mia.send(send(id(0)));
    commit = async () => new StorageFull('full');
    await mia.send(send(id(1)));
    commit = async () => null;
    await mia.send(send(id(2)));
    expect(mia.last('nack')).toMatchObject({ id: id(2), retry: 'later' });
    await mia.send(send(id(2)), send(id(3)));
    expect(await said()).toEqual([0, 2, 3].map(id));
  });

  it('holds for a rate that was too high as well', async () => {
    const mia = await under.visitor();
    await mia.send(send(id(0)));
    const waits = [500, 0];
    under.limits.take = (action) => (action === 'visitor-message' ? (waits.shift() ?? 0) : 0);
    await mia.send(send(id(1)), send(id(2)));
    const frames = [700, 0];
    under.limits.take = (action) => (action === 'frame' ? (frames.shift() ?? 0) : 0);
    await mia.send(send(id(1)), send(id(2)));
    expect(mia.of('ack')).toHaveLength(1);
    await mia.send(send(id(1)), send(id(2)));
    expect(await said()).toEqual([0, 1, 2].map(id));
  });

  it('does not hold for what is refused for good, and not for other conversations of an agent', async () => {
    const [mia, noah] = [await under.visitor(), await under.visitor()];
    const other = 'conversation-0002';
    await mia.send(send('message-mia'));
    await noah.send({ ...send('message-noah'), conversation: other });
    const ada = await under.agent('ada');
    await ada.send(
      { type: 'take', id: 'take-0001', conversation: C1 },
      { type: 'take', id: 'take-0002', conversation: other },
    );
    await ada.send(send(id(1), { ownership: 1 }), send(id(2), { ownership: 2 }));
    expect(await said('a:')).toEqual([id(2)]);
    commit = async () => new StorageFull('full');
    await ada.send(send(id(3), { ownership: 2 }));
    commit = async () => null;
    const note = { type: 'note', id: 'note-0001', conversation: C1, blocks: text('Later') };
    await ada.send(note, send('of-noah-01', { conversation: other, ownership: 2 }));
    expect(ada.of('nack').map(({ id }) => id)).toEqual([id(1), id(3), 'note-0001']);
    await ada.send(send(id(3), { ownership: 2 }), note);
    expect((await stored('a:')).slice(-2)).toEqual([id(3), 'note-0001']);
  });
});

/** What the SDK does: at most `window` unanswered; what may be tried again is sent again in order, before anything new. */
function client(line: TestLine, ids: readonly string[], window: number, more: object) {
  const open = new Set(ids);
  const unanswered = new Set<string>();
  let read = 0;
  return {
    get isDone() {
      return open.size === 0;
    },
    async go(howMany: number) {
      for (; read < line.frames.length; read++) {
        const frame = line.frames[read] as FromServer;
        if (frame.type !== 'ack' && frame.type !== 'nack') continue;
        unanswered.delete(frame.id);
        if (frame.type === 'ack') open.delete(frame.id);
        else expect(frame.retry).toBe('later');
      }
      let room = howMany;
      for (const one of open) {
        if (unanswered.size >= window || room-- <= 0) return;
        if (unanswered.has(one)) continue;
        unanswered.add(one);
        await line.push(send(one, more));
      }
    },
  };
}

describe('the stored order is the order of sending', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed + 1))(
    'whatever fails and however long it takes (seed %i)',
    async (seed) => {
      const random = generator(seed);
      const mia = await under.visitor();
      await mia.send(send('begin-0000'));
      const ada = await under.agent('ada');
      await ada.send({ type: 'take', id: 'take-0001', conversation: C1 });
      const held: (() => void)[] = [];
      commit = async () => {
        if (random() < 0.6) await new Promise<void>((resolve) => held.push(resolve));
        const fate = random();
        return fate < 0.25 ? new StorageFull('full') : fate < 0.4 ? new Error('The disk hiccuped.') : null;
      };
      under.limits.take = () => (random() < 0.1 ? 300 : 0);
      const ids = Array.from({ length: 40 }, (_, n) => id(n));
      const authors = [client(mia, ids, 16, {}), client(ada, ids, 16, { ownership: 2 })];
      for (let round = 0; round < 2_000 && !authors.every(({ isDone }) => isDone); round++) {
        for (const author of authors) await author.go(Math.floor(random() * 6));
        if (random() < 0.7) held.splice(Math.floor(random() * held.length), 1)[0]?.();
        await turn();
      }
      commit = async () => null;
      for (const release of held) release();
      await settled();
      expect(await said('v:')).toEqual(ids);
      expect(await said('a:')).toEqual(ids);
    },
  );
});

/** The same numbers for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
