import type { ReplyHit } from '@sveiki/sdk/agent';
import { describe, expect, it } from 'vitest';
import { agentActor, conversation, hit, jot, logOf, refusal, watched } from '../testing/agent-double.ts';
import { settled, testDesk } from '../testing/desk.ts';
import { fakeSurroundings } from '../testing/surroundings.ts';
import { marked, replyQuery } from './reply-picker.ts';

const now = Date.UTC(2025, 2, 4, 12, 5);
const ada = { id: 'ada', name: 'Ada Ozola' };
const note = 'Her bank card was declined twice, the reason is unknown.';

function open(around = fakeSurroundings({ fragment: '#/mine/c-1' })) {
  const found = testDesk({ around });
  const events = logOf('c-1', [{ at: now, actor: agentActor('ben', 'Ben Kalns'), body: jot(note) }]);
  found.agent.put(watched(conversation({ id: 'c-1', owner: ada }), { events }));
  found.agent.put(watched(conversation({ id: 'c-2', owner: ada, visitor: { id: 'noah', name: null } })));
  const type = (text: string) => found.desk.composer.input(text, text.length);
  const sent = () => found.agent.calls.filter((call) => /^(send|note) /.test(call));
  return { ...found, around, type, sent };
}

describe('drafts', () => {
  it('belong to a conversation and a mode', () => {
    const { desk, type } = open();
    type('A reply to Mia');
    desk.composer.setMode('note');
    type('A note about Mia');
    desk.routing.go({ conversation: 'c-2' });
    expect([desk.composer.mode.value, desk.composer.text.value]).toEqual(['reply', '']);
    desk.routing.go({ conversation: 'c-1' });
    expect([desk.composer.mode.value, desk.composer.text.value]).toEqual(['note', 'A note about Mia']);
    desk.composer.setMode('reply');
    expect(desk.composer.text.value).toBe('A reply to Mia');
  });

  it('survive a reload and the end of a session', () => {
    const { around, type, agent, desk } = open();
    type('Half a sen');
    agent.set({ me: null, signedIn: false });
    expect(desk.composer.text.value).toBe('');
    expect(open(around).desk.composer.text.value).toBe('Half a sen');
  });
});

describe('sending', () => {
  it('sends a reply as a reply and a note as a note, and empties the box', async () => {
    const { desk, type, sent } = open();
    type('Hello Mia');
    await desk.composer.submit();
    desk.composer.setMode('note');
    type('She is nice');
    await desk.composer.submit();
    expect(sent()).toEqual(['send c-1 Hello Mia', 'note c-1 She is nice']);
    expect(desk.composer.text.value).toBe('');
  });

  it('sends nothing when there is nothing', async () => {
    const { desk, type, sent } = open();
    type('  \n ');
    await desk.composer.submit();
    expect(sent()).toEqual([]);
  });

  it('cannot reply to what is not one’s own, but can add a note', async () => {
    const { desk, agent, type, sent } = open();
    agent.put(watched(conversation({ id: 'c-1', owner: { id: 'ben', name: 'Ben Kalns' } })));
    type('Reply');
    await desk.composer.submit();
    desk.composer.setMode('note');
    type('Note');
    await desk.composer.submit();
    expect(sent()).toEqual(['note c-1 Note']);
  });

  it('gives the words back when they were refused and stand nowhere else', async () => {
    const { desk, agent, type } = open();
    agent.refuse('send', refusal('timeout', 'The relay did not answer.'));
    type('Keep me');
    await desk.composer.submit();
    expect(desk.composer.text.value).toBe('Keep me');
    expect(desk.composer.problem.value).toBe('Not sent. The relay did not answer. Your text is kept here.');
  });

  it('leaves them in the log when they stand there, and takes them back to change them', async () => {
    const { desk, agent, type } = open();
    const error = refusal('not-owner', 'Somebody else answers this conversation now.');
    agent.refuse('send', error);
    type('Refused words');
    const sending = desk.composer.submit();
    const pending = [{ id: 'p-1', kind: 'message' as const, text: 'Refused words', at: now, error: error as never }];
    agent.put(watched(conversation({ id: 'c-1', owner: ada }), { pending }));
    await sending;
    expect([desk.composer.text.value, desk.composer.problem.value]).toEqual(['', null]);
    desk.composer.takeBack({ id: 'p-1', text: 'Refused words', isNote: false });
    expect(desk.composer.text.value).toBe('Refused words');
    expect(agent.calls).toContain('discard c-1 p-1');
  });

  it('gives the files back with the words, from where they were refused or from the log', async () => {
    const { desk, agent, type } = open();
    const names = () => desk.composer.attachments.items.value.map(({ upload }) => upload.name);
    desk.composer.attachments.add([new File(['x'], 'offer.pdf')]);
    type('Our offer');
    agent.refuse('send', refusal('bad-frame', 'This is too long.'));
    await desk.composer.submit();
    expect([desk.composer.text.value, names()]).toEqual(['Our offer', ['offer.pdf']]);
    const error = refusal('not-owner', 'Somebody else answers this conversation now.');
    agent.refuse('send', error);
    const sending = desk.composer.submit();
    const words = 'Our offer\noffer.pdf';
    const pending = [{ id: 'p-1', kind: 'message' as const, text: words, at: now, error: error as never }];
    agent.put(watched(conversation({ id: 'c-1', owner: ada }), { pending }));
    await sending;
    expect([desk.composer.text.value, names()]).toEqual(['', []]);
    desk.composer.takeBack({ id: 'p-1', text: words, isNote: false });
    expect([desk.composer.text.value, names()]).toEqual(['Our offer', ['offer.pdf']]);
  });

  it('gives nothing back to somebody else who signed in meanwhile', async () => {
    const { desk, agent, type } = open();
    agent.refuse('send', refusal('signed-out', 'Somebody else signed in here.'));
    desk.composer.attachments.add([new File(['x'], 'offer.pdf')]);
    type('Our offer');
    const sending = desk.composer.submit();
    agent.set({ me: { id: 'ben', name: 'Ben Kalns', role: 'agent', presence: 'online' } });
    await sending;
    expect([desk.composer.text.value, desk.composer.attachments.items.value]).toEqual(['', []]);
  });

  it('takes the files along when a reply becomes a note', () => {
    const { desk, type } = open();
    desk.composer.attachments.add([new File(['x'], 'cards.pdf')]);
    type('Our cards');
    desk.composer.makeNote();
    expect(desk.composer.attachments.items.value.map(({ upload }) => upload.name)).toEqual(['cards.pdf']);
    desk.composer.setMode('reply');
    expect(desk.composer.attachments.items.value).toEqual([]);
  });

  it('gives them back to their own conversation, not to the one that is open by then', async () => {
    const { desk, agent, type } = open();
    agent.refuse('send', refusal('timeout', 'The relay did not answer.'));
    type('For Mia');
    const sending = desk.composer.submit();
    desk.routing.go({ conversation: 'c-2' });
    await sending;
    await settled();
    expect(desk.composer.text.value).toBe('');
    desk.routing.go({ conversation: 'c-1' });
    expect(desk.composer.text.value).toBe('For Mia');
  });
});

describe('care before a reply goes out', () => {
  it('stops a reply that holds a note, and can make it a note instead', async () => {
    const { desk, type, sent } = open();
    type(`As Ben says: ${note}`);
    await desk.composer.submit();
    expect(sent()).toEqual([]);
    expect(desk.composer.caution.value).toEqual({
      kind: 'note-inside',
      text: 'This holds a note of Ben Kalns. The visitor would see it.',
    });
    desk.composer.makeNote();
    expect([desk.composer.mode.value, desk.composer.text.value]).toEqual(['note', `As Ben says: ${note}`]);
    await desk.composer.submit();
    expect(sent()).toEqual([`note c-1 As Ben says: ${note}`]);
  });

  it('sends it when the agent insists', async () => {
    const { desk, type, sent } = open();
    type(note);
    await desk.composer.submit();
    await desk.composer.submit({ despite: true });
    expect(sent()).toEqual([`send c-1 ${note}`]);
  });

  it('stops a canned reply with a hole in it', async () => {
    const { desk, type, sent } = open();
    type('Your parcel {{parcel}} is on its way.');
    await desk.composer.submit();
    expect(sent()).toEqual([]);
    expect(desk.composer.caution.value?.text).toContain('{{parcel}}');
    type('Your parcel 20418 is on its way.');
    expect(desk.composer.caution.value).toBe(null);
  });
});

describe('canned replies', () => {
  const late = hit({ id: 'late', shortcut: 'late', text: 'Sorry, it is late.\nWe are on it.' });
  const order = hit({
    id: 'order',
    shortcut: 'order',
    text: null,
    missing: [{ name: 'number', ask: 'Order number', required: true, default: '' }],
  });

  async function withHits(...hits: ReturnType<typeof hit>[]) {
    const found = open();
    found.agent.answers.hits = () => hits;
    const { replies } = found.desk.composer;
    const searches = () => found.agent.calls.filter((call) => call.startsWith('replies.search'));
    return { ...found, replies, searches };
  }

  it('are looked up on a slash: at once, then at rest, and the newest answer wins', async () => {
    const { desk, type, around, agent, replies, searches } = await withHits();
    const waiting: ((hits: ReplyHit[]) => void)[] = [];
    agent.answers.hits = () => new Promise((found) => waiting.push(found));
    type('/');
    type('/l');
    type('/la');
    around.pass(100);
    expect(searches()).toEqual(['replies.search  c-1', 'replies.search la c-1']);
    await settled();
    waiting[1]?.([late]);
    await settled();
    waiting[0]?.([order]);
    await settled();
    expect(replies.picker.value).toMatchObject({ status: 'ready', hits: [{ id: 'late' }] });
    expect(desk.composer.text.value).toBe('/la');
  });

  it('go where the slash stands, one after the other, with the caret behind them', async () => {
    const { desk, type, replies } = await withHits(late);
    type('Good day. /la');
    await settled();
    replies.choose(0);
    const first = 'Good day. Sorry, it is late.\nWe are on it.';
    expect([desk.composer.text.value, desk.composer.caretWish.value?.at]).toEqual([first, first.length]);
    type(`${first} /`);
    await settled();
    replies.choose(0);
    expect(desk.composer.text.value).toBe(`${first} Sorry, it is late.\nWe are on it.`);
    expect(replies.picker.value).toBe(null);
  });

  it('open by hand at the caret, in the middle of a text', async () => {
    const { desk, type, replies } = await withHits(late);
    type('Hello. Bye.');
    desk.composer.caretAt(6);
    desk.composer.openReplies();
    await settled();
    expect([desk.composer.text.value, desk.composer.caretWish.value?.at]).toEqual(['Hello. / Bye.', 8]);
    replies.choose(0);
    expect(desk.composer.text.value).toBe('Hello. Sorry, it is late.\nWe are on it. Bye.');
  });

  it('ask for what they need before they are put in, and never go out with a hole', async () => {
    const { desk, type, agent, replies } = await withHits(order);
    type('/order');
    await settled();
    replies.choose(0);
    expect([replies.filling.value?.fields.map(({ ask }) => ask), desk.composer.text.value]).toEqual([
      ['Order number'],
      '/order',
    ]);
    agent.answers.render = { ok: false, missing: order.missing, problems: [] };
    await replies.fill({ number: '' });
    expect([replies.filling.value?.missing, desk.composer.text.value]).toEqual([['number'], '/order']);
    agent.answers.render = { ok: true, text: 'Order AW-7 is late.' };
    await replies.fill({ number: 'AW-7' });
    expect(agent.calls.at(-1)).toBe('replies.render order {"conversation":"c-1","values":{"number":"AW-7"}}');
    expect([replies.filling.value, desk.composer.text.value]).toEqual([null, 'Order AW-7 is late.']);
  });

  it('are chosen by an Enter that was quicker than the answer', async () => {
    const { desk, type, replies } = await withHits(late);
    type('/late');
    expect(replies.chooseActive()).toBe(true);
    await settled();
    expect(desk.composer.text.value).toBe('Sorry, it is late.\nWe are on it.');
  });

  it('are never chosen from the answer to fewer letters', async () => {
    const { desk, type, agent, around, replies } = await withHits();
    const usual = hit({ id: 'usual', text: 'Not this one.' });
    agent.answers.hits = (query) => (query === 'late' ? [late] : [usual]);
    type('/');
    type('/late');
    await settled();
    expect(replies.picker.value).toMatchObject({ status: 'searching', hits: [{ id: 'usual' }] });
    expect(replies.chooseActive()).toBe(true);
    around.pass(100);
    await settled();
    expect(desk.composer.text.value).toBe('Sorry, it is late.\nWe are on it.');
  });

  it('are walked in a circle; Escape closes them for this slash, not for the next', async () => {
    const { type, replies } = await withHits(late, order);
    type('/');
    await settled();
    replies.move(-1);
    expect(replies.picker.value?.active).toBe(1);
    replies.move(1);
    expect(replies.picker.value?.active).toBe(0);
    replies.dismiss();
    type('/l');
    expect(replies.picker.value).toBe(null);
    type('');
    type('/l');
    expect(replies.picker.value).not.toBe(null);
  });

  it('say that they are away while there is no line, and what went wrong', async () => {
    const { type, agent, replies, searches } = await withHits(late);
    agent.refuse('replies.search', refusal('unavailable', 'The relay cannot do this now.'));
    type('/l');
    await settled();
    expect(replies.picker.value).toMatchObject({ status: 'failed', problem: 'The relay cannot do this now.' });
    agent.set({ connection: { status: 'offline', retryAt: null } as never });
    type('/la');
    expect(replies.picker.value).toMatchObject({ status: 'offline', hits: [] });
    expect(searches()).toHaveLength(1);
  });

  it('leave words alone that nothing is found for', async () => {
    const { type, replies } = await withHits();
    type('/no such thing');
    await settled();
    expect(replies.picker.value).toBe(null);
    type('/nothing');
    await settled();
    expect(replies.picker.value).toMatchObject({ status: 'ready', hits: [] });
  });

  it('stay away from addresses, fractions and second lines', () => {
    for (const text of ['https://', 'and/or', '1/2', '/a/b', '/late\nmore'])
      expect(replyQuery(text, text.length, null)).toBe(null);
    expect(replyQuery('/two words', 10, null)).toEqual({ query: 'two words', start: 0, end: 10 });
    expect(replyQuery('So /late', 8, null)).toEqual({ query: 'late', start: 3, end: 8 });
    expect(replyQuery('So /late now', 12, null)).toBe(null);
    expect(replyQuery('So /late now', 12, 3)).toEqual({ query: 'late now', start: 3, end: 12 });
  });

  it('are counted when they are sent to the visitor, and not when they were taken out or only noted', async () => {
    const { desk, type, agent, replies } = await withHits(late);
    const used = () => agent.calls.filter((call) => call.startsWith('replies.used'));
    const put = async () => {
      type('/late');
      await settled();
      replies.choose(0);
    };
    await put();
    type('Something else');
    await desk.composer.submit();
    desk.composer.setMode('note');
    await put();
    await desk.composer.submit();
    expect(used()).toEqual([]);
    desk.composer.setMode('reply');
    await put();
    await desk.composer.submit();
    expect(used()).toEqual(['replies.used late c-1']);
  });

  it('show what answers the query', () => {
    const marks = [
      { field: 'title', start: 7, end: 11 },
      { field: 'preview', start: 0, end: 3 },
    ] as const;
    expect(marked('Parcel late', 'title', marks)).toEqual([
      { text: 'Parcel ', isMarked: false },
      { text: 'late', isMarked: true },
    ]);
    expect(marked('Short', 'title', [{ field: 'title', start: 2, end: 99 }])).toEqual([
      { text: 'Sh', isMarked: false },
      { text: 'ort', isMarked: true },
    ]);
  });
});

describe('typing', () => {
  it('is told as what it is: a reply the visitor may see coming, or a note that only colleagues may', () => {
    const { desk, agent, type } = open();
    type('H');
    desk.composer.setMode('note');
    type('N');
    desk.composer.setMode('reply');
    type('');
    expect(agent.calls.filter((call) => call.startsWith('typing'))).toEqual(['typing c-1', 'typing c-1 note']);
  });
});
