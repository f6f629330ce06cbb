import { afterEach, describe, expect, it } from 'vitest';
import { conversation, refusal, watched } from '../testing/agent-double.ts';
import { byRole, drawn, showDesk, type } from '../testing/screen.tsx';

const cleo = { id: 'cleo', name: 'Cleo Martin', role: 'lead', presence: 'online' } as const;
const ada = { id: 'ada', name: 'Ada Ozola' };
let last: ReturnType<typeof showDesk> | null = null;
afterEach(() => last?.close());

async function show(fragment: string, me: { id: string; name: string; role: 'agent' | 'lead'; presence: 'online' }) {
  last = showDesk({ fragment, state: { me } });
  await drawn();
  return last;
}

describe('a conversation nobody wanted', () => {
  const mine = conversation({ id: 'c-1', owner: ada, ownership: 3 });

  it('is marked as spam with its visitor shut out for a time, and taken back from where it was marked', async () => {
    const { agent, desk } = await show('#/mine/c-1', { ...ada, role: 'agent', presence: 'online' });
    agent.put(watched(mine));
    await drawn();
    byRole('button', 'Spam').click();
    await drawn();
    byRole('radio', 'For a day').click();
    await drawn();
    byRole('checkbox', 'Also everybody who writes from the same address').click();
    await drawn();
    byRole('button', 'Mark as spam').click();
    await drawn();
    expect(agent.calls).toContain('spam.mark c-1 {"ownership":3,"block":{"forMs":86400000,"address":true}}');
    agent.put(watched({ ...mine, status: 'resolved', wrapUp: 'spam', ownership: 4 }));
    await drawn();
    expect(document.body.textContent).toContain('This is marked as spam.');
    expect(desk.inbox.rows.value).toEqual([]);
    byRole('button', 'Not spam').click();
    await drawn();
    expect(agent.calls).toContain('spam.undo c-1');
  });

  it('says why it could not be marked', async () => {
    const { agent } = await show('#/mine/c-1', { ...ada, role: 'agent', presence: 'online' });
    agent.put(watched(mine));
    agent.refuse('spam.mark', refusal('not-owner', 'Somebody else answers this conversation now. Take it first.'));
    await drawn();
    byRole('button', 'Spam').click();
    await drawn();
    byRole('button', 'Mark as spam').click();
    await drawn();
    expect(document.querySelector('dialog [role=alert]')?.textContent).toContain('Not marked as spam. Somebody else');
  });
});

describe('who is blocked', () => {
  it('is listed for leads, blocked by address, and let in again', async () => {
    const shown = await show('#/team', cleo);
    const { agent } = shown;
    const common = { reason: 'Adverts', conversation: null, createdAt: 0, createdBy: 'cleo' };
    agent.answers.spam = {
      blocks: [
        { ...common, id: 'b-1', kind: 'network', target: '192.0.2.0/24', expiresAt: null },
        { ...common, id: 'b-2', kind: 'visitor', target: 'v-1', conversation: 'c-1', expiresAt: Date.UTC(2025, 2, 5) },
      ],
      spam: [{ conversation: 'c-1', visitor: { id: 'v-1', name: null }, at: 0, text: '<b>Buy this</b>' }],
    };
    byRole('link', 'Blocked').click();
    await drawn();
    const rows = [...document.querySelectorAll('.failure-row')].map((row) => row.textContent);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toContain('192.0.2.0/24');
    expect(rows[0]).toContain('Until it is taken out');
    expect(rows[1]).toContain('Visitor V1');
    expect(rows[2]).toContain('<b>Buy this</b>');
    byRole('button', /^Unblock.192\.0\.2\.0\/24/).click();
    await drawn();
    expect(agent.calls).toContain('spam.unblock b-1');
    type(byRole('textbox', 'Address or range'), ' 203.0.113.7 ');
    await drawn();
    byRole('button', 'Block').click();
    await drawn();
    expect(agent.calls).toContain('spam.block 203.0.113.7 {"reason":"","forMs":86400000}');
    byRole('button', /^Not spam/).click();
    await drawn();
    expect(agent.calls).toContain('spam.undo c-1');
  });

  it('tells nameless visitors apart, and says that there may be more than the newest', async () => {
    const { agent } = await show('#/team', cleo);
    const block = { reason: '', conversation: null, createdAt: 0, createdBy: 'cleo', expiresAt: null } as const;
    agent.answers.spam = {
      blocks: ['v-1', 'v-2'].map((target) => ({ ...block, id: target, kind: 'visitor', target })),
      spam: Array.from({ length: 50 }, (_, n) => ({
        ...{ conversation: `c-${n}`, visitor: { id: `v-${n}`, name: null }, at: 0, text: 'Buy this' },
      })),
    };
    byRole('link', 'Blocked').click();
    await drawn();
    expect(byRole('button', 'Unblock Visitor V1')).not.toBe(byRole('button', 'Unblock Visitor V2'));
    expect(document.body.textContent).toContain('These are the newest 50.');
  });

  it('keeps the keyboard with the list when the row it was in goes away', async () => {
    const { agent } = await show('#/team', cleo);
    const block = { reason: 'Adverts', conversation: null, createdAt: 0, createdBy: 'cleo', expiresAt: null } as const;
    agent.answers.spam = { blocks: [{ ...block, id: 'b-1', kind: 'network', target: '192.0.2.0/24' }], spam: [] };
    byRole('link', 'Blocked').click();
    await drawn();
    const button = byRole('button', /^Unblock/);
    button.focus();
    agent.answers.spam = { blocks: [], spam: [] };
    button.click();
    await drawn();
    expect(document.body.textContent).toContain('Nobody is blocked.');
    expect(document.activeElement?.textContent).toBe('Who is blocked now');
  });

  it('keeps what was typed when it was sent twice and refused', async () => {
    const { agent } = await show('#/blocked', cleo);
    agent.refuse('spam.block', refusal('bad-frame', 'This is no address.'));
    const box = byRole('textbox', 'Address or range') as HTMLInputElement;
    type(box, 'mia');
    await drawn();
    byRole('button', 'Block').click();
    byRole('button', 'Block').click();
    await drawn();
    expect(agent.calls.filter((call) => call.startsWith('spam.block'))).toHaveLength(1);
    expect(box.value).toBe('mia');
    expect(document.querySelector('.field-problem')?.textContent).toBe('This is no address.');
  });

  it('says at the field why it was not blocked: nothing is written, or what the relay says', async () => {
    const { agent, desk } = await show('#/blocked', cleo);
    const told = () => document.querySelector('.field-problem')?.textContent;
    byRole('button', 'Block').click();
    await drawn();
    expect(told()).toMatch(/^Write an address or a range/);
    agent.refuse('spam.block', refusal('bad-frame', 'There are 1000 blocks. Take some out.'));
    type(byRole('textbox', 'Address or range'), '203.0.113.7');
    await drawn();
    byRole('button', 'Block').click();
    await drawn();
    expect(told()).toBe('There are 1000 blocks. Take some out.');
    desk.routing.go({ page: 'team' });
    desk.routing.go({ page: 'blocked' });
    await drawn();
    expect(document.querySelector('.field-problem')).toBeNull();
  });

  it('is no business of agents', async () => {
    const { agent } = await show('#/blocked', { ...ada, role: 'agent', presence: 'online' });
    expect(document.body.textContent).toContain('Leads see and change who is blocked.');
    expect(agent.calls).not.toContain('spam.list');
  });
});
