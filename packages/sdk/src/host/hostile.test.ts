import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Pair, pair } from '../testing/pair.ts';

let at: Pair;
beforeEach(async () => {
  at = await pair();
});
afterEach(() => at.destroy());

/** What a Preact node looks like as JSON, and other things that must stay plain data. */
const vnode = {
  type: 'div',
  props: { dangerouslySetInnerHTML: { __html: '<img src=x onerror=alert(1)>' } },
  key: null,
  ref: null,
  __v: 1,
};
const strange: unknown[] = [
  null,
  0,
  -1,
  1.5,
  '',
  'x',
  true,
  [],
  {},
  [[]],
  vnode,
  [vnode],
  { length: 9 },
  JSON.parse('{"__proto__":{"polluted":true}}'),
];

/** Every value in a picture that a screen shows as text is text; of the entries only the `newest`, where nothing touched the ones before. */
function expectPlain(newest = Number.POSITIVE_INFINITY) {
  const { site, typing, entries, visitor, conversation, streaming, question } = at.chat.state;
  expect(typeof (streaming?.text ?? '')).toBe('string');
  expect(typeof (streaming?.who.name ?? '')).toBe('string');
  for (const { id, kind } of question?.form.fields ?? [])
    expect([typeof id, typeof kind]).toEqual(['string', 'string']);
  expect(typeof (question?.answers ?? {})).toBe('object');
  expect(typeof (site?.name ?? '')).toBe('string');
  for (const topic of site?.topics ?? []) expect(typeof topic).toBe('string');
  for (const name of typing) expect(typeof name).toBe('string');
  for (const { name } of site?.faces ?? []) expect(typeof name).toBe('string');
  expect(typeof (visitor?.name ?? '')).toBe('string');
  expect(typeof (conversation?.owner?.name ?? '')).toBe('string');
  for (const { event, text, key } of entries.slice(-newest)) {
    expect(typeof key).toBe('string');
    expect(typeof (text ?? '')).toBe('string');
    for (const block of event?.body.kind === 'message' ? event.body.blocks : []) {
      expect(typeof block.text).toBe('string');
      if (block.kind === 'quick-replies') for (const { text } of block.replies) expect(typeof text).toBe('string');
      if (block.kind !== 'card') continue;
      for (const { label, value } of block.facts ?? []) expect(typeof label + typeof value).toBe('stringstring');
      for (const action of block.actions ?? [])
        if ('href' in action) expect(action.href).toMatch(/^(https|mailto|tel):/);
    }
    if (event && 'name' in event.actor) expect(typeof event.actor.name).toBe('string');
  }
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
}

/** A frame with one of its values replaced. */
function* spoiled(frame: unknown, path: (string | number)[] = []): Generator<unknown> {
  if (typeof frame !== 'object' || frame === null) return;
  for (const [key, value] of Object.entries(frame)) {
    for (const other of strange)
      yield Array.isArray(frame) ? frame.with(Number(key), other) : { ...frame, [key]: other };
    if (path.length < 5)
      for (const inner of spoiled(value, [...path, key]))
        yield Array.isArray(frame) ? frame.with(Number(key), inner) : { ...frame, [key]: inner };
  }
}

async function talking() {
  void at.chat.send('Hello');
  await at.clock.advance(1_000);
  const conversation = at.chat.state.conversation?.id ?? '';
  at.server.agent('ada').take(conversation);
  await at.clock.advance(1_000);
  return conversation;
}

describe('frames that make no sense', () => {
  it('are skipped, whatever is wrong in them, and the chat goes on', async () => {
    const conversation = await talking();
    const { head = 0 } = at.chat.state.conversation ?? {};
    const message = (seq: number) => ({
      conversation,
      seq,
      publicSeq: seq,
      id: `message-${seq}`,
      at: at.clock.now(),
      actor: { kind: 'agent', id: 'ada', name: 'Ada' },
      audience: 'public',
      body: {
        kind: 'message',
        blocks: [
          {
            kind: 'text',
            text: 'Hi',
            tree: [
              {
                kind: 'list',
                ordered: true,
                start: 1,
                items: [
                  [
                    {
                      kind: 'paragraph',
                      children: ['Hi', { kind: 'link', href: 'https://x.example', children: ['x'] }],
                    },
                  ],
                ],
              },
            ],
          },
        ],
      },
    });
    const snapshot = {
      conversation: at.chat.state.conversation,
      from: 'have',
      events: [],
      more: false,
      receipts: [{ reader: { kind: 'visitor' }, delivered: 1, read: 1 }],
    };
    const frames = [
      { type: 'event', event: message(head + 5) },
      { type: 'events', id: 'events-0001', conversation, events: [message(head + 5)], more: false, head: head + 5 },
      { type: 'snapshot', ...snapshot },
      { type: 'ack', id: 'message-0001', conversation, seq: 2, at: 1 },
      { type: 'nack', id: 'message-0001', code: 'too-large', message: 'x', retry: 'never' },
      { type: 'typing', conversation, who: { kind: 'agent', id: 'ada', name: 'Ada' }, on: true },
      { type: 'receipt', conversation, reader: { kind: 'agent', id: 'ada' }, delivered: 1, read: 1 },
      { type: 'queue', conversation, position: 1, waitMs: null },
      { type: 'site', site: at.chat.state.site },
      { type: 'ping', at: 1, heads: { [conversation]: head } },
      { type: 'error', code: 'internal', message: 'x', retry: 'later' },
      { type: 'stream', conversation, message: 'message-9', who: { id: 'ada', name: 'Ada' }, text: 'Hi' },
      { type: 'tool-call', call: 'call-0001', conversation, who: { id: 'ada', name: 'Ada' }, tool: 'cart', input: {} },
      {
        type: 'welcome',
        role: 'visitor',
        version: 1,
        now: 1,
        heartbeatMs: 25_000,
        session: 'x',
        visitor: { id: 'x', name: null },
        site: at.chat.state.site,
        conversation: snapshot,
      },
    ];
    let count = 0;
    for (const frame of frames) {
      for (const bad of spoiled(frame)) {
        // A different, well-formed type, an own id or a fitting number is no nonsense.
        at.server.inject('visitor', bad);
        if (++count % 200 === 0) {
          await at.clock.advance(50);
          expectPlain();
        }
      }
    }
    await at.clock.advance(1_000);
    expectPlain();
    expect(count).toBeGreaterThan(1_000);
    at.network.cut();
    await at.clock.advance(30_000);
    at.server.agent('ada').say(conversation, 'Still there?');
    await at.clock.advance(1_000);
    expect(at.chat.state.conversation?.last?.text).toBe('Still there?');
    expect(at.chat.state.entries.at(-1)?.event).toEqual(at.server.log(conversation, 'visitor').events.at(-1));
  });

  it('leave questions, quick replies and cards that can be shown, or nothing', async () => {
    const conversation = await talking();
    let seq = at.chat.state.conversation?.head ?? 0;
    const form = { id: 'order', purpose: 'in-chat', fields: [{ id: 'number', kind: 'text', label: 'Number' }] };
    const bodies = [
      { kind: 'asked', form, until: null },
      { kind: 'answered', ask: 'question-0', form: 'order', answers: { number: '7' }, final: false },
      { kind: 'handoff-requested', handoff: 'handoff-1', by: 'bot' },
      { kind: 'handoff-failed', handoff: 'handoff-1', why: 'no-agents' },
      { kind: 'message', blocks: [{ kind: 'quick-replies', text: 'Which?', replies: [{ text: 'One' }] }] },
      {
        kind: 'message',
        blocks: [
          {
            kind: 'card',
            text: 'Order',
            title: 'Order',
            facts: [{ label: 'State', value: 'sent' }],
            actions: [{ kind: 'link', label: 'Track', href: 'https://post.example' }],
          },
        ],
      },
    ];
    const inject = (body: unknown) => {
      seq += 1;
      const actor = { kind: 'agent', id: 'ada', name: 'Ada' };
      const event = { conversation, seq, publicSeq: seq, id: `event-${seq}`, at: 1, actor, audience: 'public', body };
      at.server.inject('visitor', { type: 'event', event });
    };
    for (const body of bodies) {
      inject(body);
      for (const bad of spoiled(body)) {
        inject(bad);
        await at.clock.advance(5);
        expectPlain(2);
      }
    }
    expectPlain();
    expect(at.chat.state.conversation?.head).toBe(seq);
    inject({
      kind: 'message',
      blocks: [{ kind: 'card', text: 'x', title: 'x', actions: [{ label: 'x', href: 'javascript:1' }] }],
    });
    await at.clock.advance(100);
    expect(at.chat.state.entries.at(-1)?.event?.body).toMatchObject({ blocks: [{ kind: 'text', text: 'x' }] });
  });

  it('are skipped when they are nothing like frames at all', async () => {
    const conversation = await talking();
    at.network.meddle = (text, direction) =>
      direction === 'down'
        ? [
            text,
            '<!doctype html>',
            '',
            '[]',
            '[[[]]]',
            '"ping"',
            '{}',
            '{"type":{}}',
            '[null,1,{"type":"constructor"}]',
          ]
        : [text];
    at.server.agent('ada').say(conversation, 'One');
    await at.clock.advance(100);
    expect(at.chat.state.entries.at(-1)?.event?.body).toMatchObject({ blocks: [{ text: 'One' }] });
    expect(at.chat.state.connection.status).toBe('online');
  });

  it('leave the plain text of a tree that is none, and none of its nodes', async () => {
    const conversation = await talking();
    const deep = `${'{"kind":"quote","children":['.repeat(20_000)}${']}'.repeat(20_000)}`;
    at.network.meddle = (text) => [text.replace('"deep"', deep)];
    for (const tree of [
      [vnode],
      [{ kind: 'paragraph', children: [{ kind: 'link', href: 'javascript:alert(1)', children: ['x'] }] }],
      'x',
      [['deep']],
      ['deep'],
    ]) {
      const { head = 0 } = at.chat.state.conversation ?? {};
      at.server.inject('visitor', {
        type: 'event',
        event: {
          conversation,
          seq: head + 1,
          publicSeq: head + 1,
          id: `m-${head}`,
          at: 1,
          actor: { kind: 'agent', id: 'ada', name: 'Ada' },
          audience: 'public',
          body: { kind: 'message', blocks: [{ kind: 'text', text: 'plain', tree }] },
        },
      });
      await at.clock.advance(50);
      expect(at.chat.state.entries.at(-1)?.event?.body).toEqual({
        kind: 'message',
        blocks: [{ kind: 'text', text: 'plain' }],
      });
    }
  });

  it('keep their place in the log when only their kind is new', async () => {
    const conversation = await talking();
    const { head = 0 } = at.chat.state.conversation ?? {};
    const event = {
      conversation,
      publicSeq: head + 1,
      seq: head + 1,
      id: 'new-00001',
      at: 1,
      actor: { kind: 'robot' },
      audience: 'public',
      body: { kind: 'danced', how: 'well' },
    };
    at.server.inject('visitor', { type: 'event', event });
    await at.clock.advance(50);
    expect(at.chat.state.conversation).toMatchObject({ head: head + 1, status: 'open' });
  });

  it('are reported to the page', async () => {
    const errors: string[] = [];
    at.chat.on('error', ({ code }) => errors.push(code));
    await talking();
    at.server.inject('visitor', { type: 'snapshot', conversation: 5 });
    await at.clock.advance(50);
    expect(errors).toEqual(['protocol']);
  });

  it('never break the chat, however they are made', async () => {
    const conversation = await talking();
    const types = [
      'event',
      'events',
      'snapshot',
      'ack',
      'nack',
      'typing',
      'receipt',
      'queue',
      'site',
      'ping',
      'error',
      'bye2',
      'list',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...types),
        fc.dictionary(
          fc.constantFrom(
            'event',
            'id',
            'conversation',
            'events',
            'head',
            'more',
            'who',
            'on',
            'seq',
            'reader',
            'site',
            'heads',
            'receipts',
            'from',
          ),
          fc.oneof(fc.jsonValue(), fc.constant(conversation)) as fc.Arbitrary<unknown>,
        ),
        async (type, rest) => {
          at.server.inject('visitor', { ...rest, type });
          await at.clock.advance(20);
          expectPlain();
          expect(at.chat.state.connection.status).toBe('online');
        },
      ),
      { numRuns: 100, seed: 1 },
    );
  });
});

describe('what lies on disk', () => {
  it('is not believed when it makes no sense', async () => {
    const { site } = at.server;
    const disk: Record<string, string> = {};
    for (const [i, value] of strange.entries()) disk[`sveiki:${site}:out:${i}`] = JSON.stringify(value);
    disk[`sveiki:${site}:out:x`] = '{';
    disk[`sveiki:${site}:http`] = 'never';
    disk['somebody else'] = 'x';
    const storage = { ...disk };
    const chat = at.newChat({
      storage: {
        keys: () => Object.keys(storage),
        get: (key) => storage[key] ?? null,
        set: (key, value) => {
          storage[key] = value;
        },
        remove: (key) => {
          delete storage[key];
        },
      },
    });
    void chat.send('Hello');
    await at.clock.advance(1_000);
    expect(chat.state.entries.filter(({ delivery }) => delivery !== null)).toMatchObject([{ delivery: 'sent' }]);
  });
});
