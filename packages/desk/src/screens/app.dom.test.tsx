import { afterEach, describe, expect, it } from 'vitest';
import { conversation, hit, logOf, ada as me, refusal, say, visitorActor, watched } from '../testing/agent-double.ts';
import { byRole, drawn, nameOf, press, showDesk, type } from '../testing/screen.tsx';

const now = Date.UTC(2025, 2, 4, 12, 5);
const ada = { id: 'ada', name: 'Ada Ozola' };
let last: ReturnType<typeof showDesk> | null = null;
afterEach(() => last?.close());

function show(options: Parameters<typeof showDesk>[0] = {}) {
  last = showDesk(options);
  return last;
}

function showOwn(part: Parameters<typeof watched>[1] = {}) {
  const shown = show({ fragment: '#/mine/c-1' });
  const events = logOf('c-1', [{ at: now, actor: visitorActor(), body: say('Where is my parcel?') }]);
  shown.agent.put(watched(conversation({ id: 'c-1', owner: ada, publicHead: 1 }), { events, ...part }));
  return shown;
}

describe('signing in', () => {
  const state = { me: null, signedIn: false };

  it('has fields with names, and says what went wrong beside them', async () => {
    const { agent, root } = show({ state });
    agent.refuse('signIn', refusal('forbidden', 'No.'));
    type(byRole('textbox', 'E-mail'), 'ada@example.com');
    const password = root.querySelector<HTMLInputElement>('input[type=password]');
    expect(password && nameOf(password)).toBe('Password');
    if (password) password.value = 'wrong';
    byRole('button', 'Sign in').click();
    await drawn();
    expect(root.querySelector('[role=alert]')?.textContent).toBe(
      'E-mail and password do not match. Check both and try again.',
    );
    expect(root.querySelector<HTMLInputElement>('input[type=email]')?.value).toBe('ada@example.com');
  });

  it('gives way to the desk, and comes back when the session ends', async () => {
    const { agent, root } = show({ state });
    agent.set({ me, signedIn: true });
    await drawn();
    expect(root.querySelector('.panes')).not.toBe(null);
    agent.set({ me: null, signedIn: false });
    await drawn();
    expect(byRole('button', 'Sign in')).toBeTruthy();
  });
});

describe('a row', () => {
  it('is a link that reads as a sentence', async () => {
    const { agent } = show({ fragment: '#/queue' });
    const waits = conversation({
      id: 'c-1',
      locale: 'lv',
      queuedAt: now - 4 * 60_000,
      unansweredSince: now - 4 * 60_000,
      last: { at: now, by: 'visitor', text: 'Labdien', publicSeq: 1 },
    });
    agent.set({ conversations: new Map([['c-1', waits]]) });
    await drawn();
    const row = document.getElementById('row-c-1');
    expect(row && nameOf(row)).toBe('Mia waits 4 minutes Labdien LV unanswered');
    expect(row?.getAttribute('href')).toBe('#/queue/c-1');
  });

  it('opens its conversation', async () => {
    const { agent, desk, around } = show({ fragment: '#/queue' });
    agent.set({ conversations: new Map([['c-1', conversation({ id: 'c-1' })]]) });
    await drawn();
    document.getElementById('row-c-1')?.click();
    await drawn();
    expect([around.fragment, desk.conversation.id.value]).toEqual(['#/queue/c-1', 'c-1']);
    expect(document.getElementById('row-c-1')?.getAttribute('aria-current')).toBe('true');
  });

  it('is reached with j and k, unless those are letters of a text', async () => {
    const { agent } = show({ fragment: '#/queue' });
    const rows = ['c-1', 'c-2'].map((id, index) => conversation({ id, queuedAt: index + 1 }));
    agent.set({ conversations: new Map(rows.map((row) => [row.id, row])) });
    await drawn();
    press(document.body, 'j', { code: 'KeyJ' });
    await drawn();
    expect(document.activeElement?.id).toBe('row-c-2');
    press(document.activeElement ?? document, 'k', { code: 'KeyK' });
    await drawn();
    expect(document.activeElement?.id).toBe('row-c-1');
  });
});

describe('the keyboard', () => {
  it('goes on to the next row when its row is gone', async () => {
    const { agent } = show({ fragment: '#/queue' });
    const rows = ['c-1', 'c-2'].map((id, index) => conversation({ id, queuedAt: index + 1 }));
    agent.set({ conversations: new Map(rows.map((row) => [row.id, row])) });
    await drawn();
    document.getElementById('row-c-1')?.focus();
    agent.set({ conversations: new Map([['c-2', conversation({ id: 'c-2' })]]) });
    await drawn();
    expect(document.activeElement?.id).toBe('row-c-2');
  });
});

describe('an empty list', () => {
  it('says what will appear', async () => {
    const { root } = show();
    await drawn();
    expect(root.querySelector('.lists .empty')?.textContent).toBe(
      'Nothing of yours is openConversations that you take or that are given to you appear here.',
    );
  });

  it('of one’s own says so in a line and shows who waits in the queue', async () => {
    const { agent, root } = show();
    agent.set({ conversations: new Map([['c-1', conversation({ id: 'c-1' })]]) });
    await drawn();
    expect(root.querySelector('.empty-brief')?.textContent).toBe('Nothing of yours is open');
    expect(root.querySelector('.rows-heading + .rows #row-c-1')).not.toBe(null);
  });
});

describe('what cannot be shown', () => {
  it('is said with a way on: a conversation that is not there', async () => {
    const { agent, around, root } = show({ state: { me: null, signedIn: null }, fragment: '#/open/c-9' });
    agent.refuse('watch', refusal('not-found', 'There is no such conversation for you.'));
    agent.set({ me, signedIn: true });
    await drawn();
    expect(root.querySelector('.conversation .empty')?.textContent).toContain('There is no such conversation for you.');
    expect(root.querySelector('.details')?.textContent).not.toContain('first conversation');
    byRole('button', 'Close it').click();
    await drawn();
    expect(around.fragment).toBe('#/open');
  });

  it('is said with a way on: the next page of a list', async () => {
    const { agent, desk, root } = show({ state: { connection: { status: 'connecting' } }, fragment: '#/open' });
    agent.pages.set('open', { conversations: [conversation({ id: 'c-1', startedAt: 5 })], cursor: 4 });
    agent.set({ connection: { status: 'online', via: 'websocket' } });
    await drawn();
    agent.refuse('list', refusal('unavailable', 'The relay is not able to answer at the moment.'));
    await desk.inbox.loadMore();
    await drawn();
    expect(root.querySelector('.list-problem')?.textContent).toContain(
      'The relay is not able to answer at the moment.',
    );
    expect(document.getElementById('row-c-1')).not.toBe(null);
    byRole('button', 'Try again', root.querySelector('.list-problem') ?? root).click();
    await drawn();
    expect(root.querySelector('.list-problem')).toBe(null);
  });
});

describe('colleagues', () => {
  it('who write a note are told from those who write to the visitor', async () => {
    const { root } = showOwn({
      viewers: [
        { id: 'ben', name: 'Ben Kalns', typing: true, note: true },
        { id: 'cleo', name: 'Cleo Martin', typing: true },
      ],
    });
    await drawn();
    expect([...root.querySelectorAll('.company-line')].map((line) => line.textContent)).toEqual([
      'Cleo Martin is typing',
      'Ben Kalns is writing a note',
    ]);
  });
});

describe('the composer', () => {
  it('is a text box called Reply that says who will see it', async () => {
    const { agent } = showOwn();
    await drawn();
    const box = byRole('textbox', 'Reply');
    expect(document.getElementById(box.getAttribute('aria-describedby') ?? '')?.textContent).toContain(
      'Mia will see this.',
    );
    type(box, 'On its way.');
    expect(press(box, 'Enter', { shiftKey: true }).defaultPrevented).toBe(false);
    press(box, 'Enter', { isComposing: true });
    expect(agent.calls).not.toContain('send c-1 On its way.');
    press(box, 'Enter');
    expect(agent.calls).toContain('send c-1 On its way.');
  });

  it('sends with Ctrl Enter only, when Enter shall make lines', async () => {
    const { agent, desk } = showOwn();
    desk.settings.change({ enterSends: false });
    await drawn();
    const box = byRole('textbox', 'Reply');
    type(box, 'Two\nlines');
    expect(press(box, 'Enter').defaultPrevented).toBe(false);
    press(box, 'Enter', { ctrlKey: true });
    expect(agent.calls).toContain('send c-1 Two\nlines');
  });

  it('cannot be mistaken for a note: colour, icon, name, words and button are others', async () => {
    const { agent, root } = showOwn();
    await drawn();
    byRole('tab', 'Note').click();
    await drawn();
    expect(root.querySelector('.composer')?.classList.contains('note')).toBe(true);
    expect(root.querySelector('.audience')?.textContent).toBe('Only your team sees this. Mia does not.');
    type(byRole('textbox', 'Note'), 'Nice person');
    byRole('button', 'Add note').click();
    expect(agent.calls).toContain('note c-1 Nice person');
  });

  it('chooses a canned reply without leaving the text, with a preview beside it', async () => {
    const { desk, agent, root } = showOwn();
    agent.answers.hits = () => [
      hit({ id: 'hello', title: 'Greeting', text: 'Hello Mia.' }),
      hit({
        id: 'late',
        title: 'Parcel is late',
        scope: { kind: 'team', team: 'sales' },
        tags: ['parcel'],
        marks: [{ field: 'title', start: 0, end: 6 }],
        text: 'Your parcel is late.',
        preview: 'Your parcel is late.',
      }),
    ];
    await drawn();
    const box = byRole('textbox', 'Reply');
    box.focus();
    type(box, '/');
    await drawn();
    const list = byRole('listbox', 'Canned replies');
    expect([box.getAttribute('aria-controls'), box.getAttribute('aria-activedescendant')]).toEqual([
      list.id,
      list.querySelector('[aria-selected=true]')?.id,
    ]);
    press(box, 'ArrowDown');
    await drawn();
    expect(list.querySelector('[aria-selected=true]')?.textContent).toBe('Parcel is late /late Sales · parcel');
    expect(list.querySelector('mark')?.textContent).toBe('Parcel');
    expect(root.querySelector('.canned-preview-text')?.textContent).toBe('Your parcel is late.');
    press(box, 'Enter');
    await drawn();
    expect(desk.composer.text.value).toBe('Your parcel is late.');
    expect([document.querySelector('[role=listbox]'), document.activeElement]).toEqual([null, box]);
  });

  it('opens them by a key from anywhere, asks for what is missing, and leads back', async () => {
    const { desk, agent, root } = showOwn();
    const missing = [{ name: 'number', ask: 'Order number', required: true, default: '' }];
    agent.answers.hits = () => [hit({ id: 'order', title: 'Order', text: null, missing })];
    agent.answers.render = { ok: false, missing, problems: [] };
    await drawn();
    press(document.body, '/', { code: 'Slash' });
    await drawn();
    const box = byRole('textbox', 'Reply');
    expect(document.activeElement).toBe(box);
    press(box, 'Enter');
    await drawn();
    const field = byRole('textbox', 'Order number');
    expect(document.activeElement).toBe(field);
    byRole('button', 'Insert').click();
    await drawn();
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent).toBe('This is needed.');
    agent.answers.render = { ok: true, text: 'Order AW-7 is here.' };
    type(field, 'AW-7');
    byRole('button', 'Insert').click();
    await drawn();
    expect([desk.composer.text.value, root.querySelector('.fill-reply')]).toEqual(['Order AW-7 is here.', null]);
    expect(document.activeElement).toBe(byRole('textbox', 'Reply'));
  });

  it('asks the visitor a form or a survey of the configuration', async () => {
    const { agent, desk } = showOwn();
    agent.answers.config = {
      ...agent.answers.config,
      asks: [
        { id: 'csat', title: 'How did we do?', survey: true },
        { id: 'order', title: 'Order details', survey: false },
      ],
    };
    await desk.setup.load();
    await drawn();
    byRole('button', 'Ask the visitor').click();
    await drawn();
    byRole('button', 'How did we do?').click();
    await drawn();
    expect(agent.calls).toContain('surveys.ask c-1 csat');
    expect(document.activeElement).toBe(byRole('button', 'Ask the visitor'));
  });

  it('gives way to Take while the conversation is not one’s own; a note is possible all the same', async () => {
    const { agent } = show({ fragment: '#/queue/c-1' });
    agent.put(watched(conversation({ id: 'c-1' })));
    await drawn();
    expect(document.querySelector('textarea')).toBe(null);
    byRole('button', 'Take').click();
    await drawn();
    expect(agent.calls).toContain('take c-1');
    byRole('tab', 'Note').click();
    await drawn();
    expect(byRole('textbox', 'Note')).toBeTruthy();
  });
});

describe('a refused message', () => {
  it('stands in the log with its reason and ways on', async () => {
    const error = refusal('not-owner', 'Somebody else answers this conversation now. Take it first.') as never;
    const { agent, root } = showOwn({ pending: [{ id: 'p-1', kind: 'message', text: 'Refused', at: now, error }] });
    await drawn();
    expect(root.querySelector('.failed')?.textContent).toContain(
      'Not sent. Somebody else answers this conversation now.',
    );
    byRole('button', 'Try again').click();
    byRole('button', 'Discard').click();
    expect(agent.calls.slice(-2)).toEqual(['retry c-1 p-1', 'discard c-1 p-1']);
  });
});

describe('dialogs', () => {
  it('transfer to an agent or a team, with a note', async () => {
    const { agent, desk } = showOwn();
    await drawn();
    byRole('button', 'Transfer').click();
    await drawn();
    const dialog = byRole('dialog', 'Transfer the conversation');
    byRole('button', 'Transfer it', dialog).click();
    await drawn();
    expect(dialog.querySelector('[role=alert]')?.textContent).toBe('Choose an agent, a team or a bot.');
    byRole('radio', /^Ben Kalns Online, at capacity 4 of 4 conversations/, dialog).click();
    await drawn();
    type(byRole('textbox', /^Note for whoever answers next/, dialog), 'Wants a refund');
    await drawn();
    byRole('button', 'Transfer to Ben Kalns', dialog).click();
    await drawn();
    expect(agent.calls).toContain('transfer c-1 {"agent":"ben"} {"note":"Wants a refund"}');
    expect(desk.screen.overlay.value).toBe(null);
  });

  it('keep what was chosen when the relay refuses, and say why', async () => {
    const { agent, desk } = showOwn();
    await drawn();
    desk.screen.open('transfer');
    await drawn();
    const dialog = byRole('dialog', 'Transfer the conversation');
    byRole('radio', /^Billing/, dialog).click();
    agent.refuse('transfer', refusal('no-such-team', 'There is no such team. Choose another one.'));
    await drawn();
    byRole('button', 'Transfer to Billing', dialog).click();
    await drawn();
    expect(dialog.querySelector('[role=alert]')?.textContent).toBe(
      'Not transferred. There is no such team. Choose another one.',
    );
    expect((byRole('radio', /^Billing/, dialog) as HTMLInputElement).checked).toBe(true);
  });

  it('resolve by the number of a wrap-up code', async () => {
    const { agent } = showOwn();
    await drawn();
    byRole('button', 'Resolve').click();
    await drawn();
    const dialog = byRole('dialog', 'Resolve the conversation');
    press(dialog.querySelector('input') ?? dialog, '2', { code: 'Digit2' });
    await drawn();
    byRole('button', 'Resolve', dialog).click();
    expect(agent.calls).toContain('resolve c-1 refund');
  });

  it('stop single keys from reaching what lies under them', async () => {
    const { desk } = showOwn();
    await drawn();
    press(document.body, '?', { code: 'Slash', shiftKey: true });
    await drawn();
    expect(byRole('dialog', 'Keyboard shortcuts').textContent).toContain('Resolve this conversation');
    press(document.body, 'e', { code: 'KeyE' });
    expect(desk.screen.overlay.value).toBe('keys');
  });

  it('have the keyboard before the next key can come', async () => {
    showOwn();
    await drawn();
    press(document.body, 'k', { code: 'KeyK', ctrlKey: true });
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    expect(document.activeElement?.getAttribute('role')).toBe('combobox');
  });

  it('find actions by typing', async () => {
    const { desk } = showOwn();
    await drawn();
    press(document.body, 'k', { code: 'KeyK', ctrlKey: true });
    await drawn();
    const search = byRole('combobox', 'Search actions and conversations');
    type(search, 'go que');
    press(search, 'Enter');
    await drawn();
    expect([desk.inbox.view.value, desk.screen.overlay.value]).toEqual(['queue', null]);
  });
});

describe('presence', () => {
  it('is changed with a select that has a name', async () => {
    const { agent } = show();
    const select = byRole('combobox', 'Your presence') as HTMLSelectElement;
    select.value = 'away';
    select.dispatchEvent(new Event('change', { bubbles: true }));
    expect(agent.calls).toContain('setPresence away');
  });
});

describe('the connection', () => {
  it('is told in words while it is not well', async () => {
    const { agent, root } = show();
    expect(root.querySelector('.connection')?.textContent).toBe('');
    agent.set({ connection: { status: 'offline' } });
    await drawn();
    expect(root.querySelector('.connection')?.textContent).toBe(
      'You are offline. What you send goes out when you are back.',
    );
  });
});
