import type { AuditLogPage, AuditLogQuery, AuditLogRow } from '@sveiki/sdk/agent';
import { afterEach, describe, expect, it } from 'vitest';
import { byRole, drawn, showDesk, type } from '../testing/screen.tsx';

const mel = { id: 'mel', name: 'Mel Kalns', role: 'manager', presence: 'online' } as const;
const cleo = { id: 'cleo', name: 'Cleo Martin', role: 'lead', presence: 'online' } as const;
let last: ReturnType<typeof showDesk> | null = null;
afterEach(() => last?.close());

const row = (position: number, part: Partial<AuditLogRow> = {}): AuditLogRow => ({
  ...{ position, at: 0, action: 'conversation.opened', title: 'Opened a conversation', reason: null, fields: [] },
  ...{ person: 'mia-with-a-long-id', network: '203.0.113.0' },
  actor: { kind: 'agent', id: 'ada', name: 'Ada Ozola' },
  object: { kind: 'conversation', id: 'conv-one', name: null },
  ...part,
});
const actions = [
  { name: 'conversation.opened', title: 'Opened a conversation' },
  { name: 'reply.saved', title: 'Changed a canned reply' },
];

async function show(
  answer: (query: AuditLogQuery) => AuditLogPage | Error,
  { me = mel, fragment = '#/audit' }: { me?: typeof mel | typeof cleo; fragment?: string } = {},
) {
  last = showDesk({ fragment, state: { me: null, signedIn: null } });
  last.agent.answers.audit = answer;
  last.agent.set({ me, signedIn: true });
  await drawn();
  return last;
}
const asked = () =>
  (last?.agent.calls ?? [])
    .filter((call) => call.startsWith('audit.list'))
    .map((call) => JSON.parse(call.slice('audit.list '.length)) as AuditLogQuery);

describe('the audit log', () => {
  it('says who did what, about whom and whence, newest first as it comes', async () => {
    const { root } = await show(() => ({
      rows: [
        row(3),
        row(2, {
          ...{ action: 'reply.saved', title: 'Changed a canned reply', person: null, fields: ['body', 'title'] },
          ...{ object: { kind: 'reply', id: 'hello', name: null }, reason: 'It was old' },
        }),
        row(1, { actor: { kind: 'operator', id: '', name: null }, object: null, person: null, title: 'Made a backup' }),
        row(0, { title: 'Asked that a person be forgotten', reason: 'asked-by-person' }),
      ],
      cursor: null,
      actions,
    }));
    const lines = [...root.querySelectorAll('tbody tr')].map((line) => line.textContent);
    expect(lines[0]).toMatch(/Ada Ozola.*Opened a conversation.*Visitor NGID.*203\.0\.113\.0/);
    expect(lines[1]).toMatch(/Changed a canned reply \(body, title\) It was old.*Canned reply hello/);
    expect(lines[2]).toMatch(/A command on the server.*Made a backup/);
    expect(lines[3]).toMatch(/Asked that a person be forgotten The person asked for it/);
    expect(byRole('link', 'Team').getAttribute('aria-current')).toBe('true');
  });

  it('is filtered by what stands in the address, and every choice goes there', async () => {
    const { around } = await show(() => ({ rows: [row(1)], cursor: null, actions }), {
      fragment: '#/audit/?person=mia&days=30',
    });
    expect(asked()[0]).toMatchObject({ person: 'mia' });
    const who = byRole('combobox', 'What') as HTMLSelectElement;
    who.value = 'reply.saved';
    who.dispatchEvent(new Event('change', { bubbles: true }));
    await drawn();
    expect(around.fragment).toBe('#/audit/?action=reply.saved&person=mia&days=30');
    expect(asked().at(-1)).toMatchObject({ person: 'mia', action: 'reply.saved' });
    const box = byRole('textbox', 'About the visitor with the id') as HTMLInputElement;
    box.focus();
    await type(box, 'noah');
    byRole('button', 'Show').click();
    await drawn();
    expect(asked().at(-1)).toMatchObject({ person: 'noah' });
    expect(document.activeElement).toBe(box);
    byRole('button', 'Show everything').click();
    await drawn();
    expect(around.fragment).toBe('#/audit/?days=30');
    expect(asked().at(-1)).not.toHaveProperty('person');
    expect(box.value).toBe('');
  });

  it('tells visitors who came in the same minute apart, and says who it is filtered by, also one who is gone', async () => {
    const people = ['019f00aa00017000800000000000aa01', '019f00aa00027000800000000000bb02'];
    await show(() => ({ rows: people.map((person, at) => row(at, { person })), cursor: null, actions }), {
      fragment: '#/audit/?agent=dana',
    });
    expect(byRole('link', 'Show what is about Visitor AA01').textContent).toBe('Visitor AA01');
    expect(byRole('link', 'Show what is about Visitor BB02').textContent).toBe('Visitor BB02');
    expect((byRole('combobox', 'Who') as HTMLSelectElement).selectedOptions[0]?.textContent).toBe('dana');
  });

  it('comes in pages, and leads from a row to all that is about its visitor', async () => {
    const { root, around } = await show(({ cursor }) => ({
      rows: cursor === undefined ? [row(2)] : [row(1)],
      cursor: cursor === undefined ? '0:2' : null,
      actions,
    }));
    byRole('button', 'Show more').click();
    await drawn();
    expect(root.querySelectorAll('tbody tr')).toHaveLength(2);
    expect(asked().at(-1)).toMatchObject({ cursor: '0:2' });
    (root.querySelector('tbody a[href*="person="]') as HTMLElement).click();
    await drawn();
    expect(around.fragment).toBe('#/audit/?person=mia-with-a-long-id');
  });

  it('keeps what was loaded when the line was away, with what is new, and starts anew for somebody else', async () => {
    let newest = 4;
    const { root, agent } = await show(({ cursor }) => {
      const from = cursor === undefined ? newest : Number(cursor);
      const rows = [from, from - 1].filter((position) => position > 0).map((position) => row(position));
      return { rows, cursor: from > 2 ? `${from - 2}` : null, actions };
    });
    const lines = () => root.querySelectorAll('tbody tr').length;
    byRole('button', 'Show more').click();
    await drawn();
    expect([lines(), asked().length]).toEqual([4, 2]);
    newest = 5;
    agent.set({ connection: { status: 'offline' } as never });
    await drawn();
    agent.set({ connection: { status: 'online', via: 'websocket' } });
    expect(lines()).toBe(4);
    await drawn();
    expect([lines(), asked().length]).toEqual([5, 5]);
    agent.set({ me: { ...mel, id: 'max', name: 'Max Berzs' } });
    agent.set({ connection: { status: 'offline' } as never });
    agent.set({ connection: { status: 'online', via: 'websocket' } });
    await drawn();
    expect(lines()).toBe(2);
  });

  it('asks once for what comes next, however often that is pressed', async () => {
    await show(() => ({ rows: [row(1)], cursor: '0:1', actions }));
    byRole('button', 'Show more').click();
    byRole('button', 'Show more').click();
    await drawn();
    expect(asked()).toHaveLength(2);
  });

  it('says when nothing was noted, when nothing fits, and when it could not be read, with the way on', async () => {
    let answer: AuditLogPage | Error = { rows: [], cursor: null, actions };
    const { root } = await show(() => answer);
    expect(root.textContent).toContain('Nothing was noted in this time.');
    answer = new Error('away');
    byRole('combobox', 'Who').dispatchEvent(new Event('change', { bubbles: true }));
    (byRole('combobox', 'When') as HTMLSelectElement).value = '30';
    byRole('combobox', 'When').dispatchEvent(new Event('change', { bubbles: true }));
    await drawn();
    expect(root.querySelector('[role=alert]')?.textContent).toContain('The log could not be loaded.');
    answer = { rows: [row(1)], cursor: null, actions };
    byRole('button', 'Try again').click();
    await drawn();
    expect(root.querySelectorAll('tbody tr')).toHaveLength(1);
  });

  it('is not for leads: they are told, and nothing is asked for', async () => {
    const { root } = await show(() => ({ rows: [row(1)], cursor: null, actions }), { me: cleo });
    expect(root.textContent).toContain('This log is for managers and admins.');
    expect(asked()).toEqual([]);
  });
});
