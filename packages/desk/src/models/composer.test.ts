import { describe, expect, it } from 'vitest';
import { agentActor, conversation, jot, logOf, refusal, watched } from '../testing/agent-double.ts';
import { settled, testDesk } from '../testing/desk.ts';
import { fakeSurroundings } from '../testing/surroundings.ts';

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
  it('open on a slash, follow the word and fill in the names that are known', () => {
    const { desk, type } = open();
    type('/');
    expect(desk.composer.picker.value?.items.map(({ shortcut }) => shortcut)).toEqual(['hello', 'track']);
    type('Good day. /he');
    expect(desk.composer.picker.value?.items.map(({ shortcut }) => shortcut)).toEqual(['hello']);
    expect(desk.composer.insert(0)).toBe('Good day. Hello Mia, I am Ada Ozola.'.length);
    expect([desk.composer.text.value, desk.composer.picker.value]).toEqual([
      'Good day. Hello Mia, I am Ada Ozola.',
      null,
    ]);
  });

  it('are found by words of their title and text, walked in a circle and closed', () => {
    const { desk, type } = open();
    type('/parcel');
    expect(desk.composer.picker.value?.items.map(({ id }) => id)).toEqual(['track']);
    type('/');
    desk.composer.movePicker(-1);
    expect(desk.composer.picker.value?.active).toBe(1);
    desk.composer.movePicker(1);
    expect(desk.composer.picker.value?.active).toBe(0);
    desk.composer.closePicker();
    expect(desk.composer.picker.value).toBe(null);
  });

  it('stay away from addresses and fractions', () => {
    const { desk, type } = open();
    for (const text of ['https://', 'and/or', '1/2', '/no-such-reply']) {
      type(text);
      expect(desk.composer.picker.value).toBe(null);
    }
  });

  it('leave a name that is not known as it stands', () => {
    const { desk, type } = open();
    desk.routing.go({ conversation: 'c-2' });
    type('/hello');
    desk.composer.insert(0);
    expect(desk.composer.text.value).toBe('Hello {{visitor.name}}, I am Ada Ozola.');
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
