import type { StoredReply } from '@sveiki/sdk/agent';
import { describe, expect, it } from 'vitest';
import { refusal, stored } from '../testing/agent-double.ts';
import { settled, testDesk } from '../testing/desk.ts';
import { problemAt } from './reply-draft.ts';

const lead = { id: 'cleo', name: 'Cleo Martin', role: 'lead', presence: 'online' } as const;
const parcel = stored({
  id: 'late',
  shortcut: 'late',
  title: 'Parcel is late',
  body: { en: 'Sorry.', lv: 'Sūtījums kavējas.' },
});
const refund = stored({ id: 'refund', title: 'Refund', tags: ['money'], mayEdit: false });

async function open(fragment = '#/replies', replies: StoredReply[] = [parcel, refund]) {
  const found = testDesk({ fragment, state: { me: lead } });
  found.agent.answers.replies = { replies, cursor: null };
  await settled();
  const page = found.desk.repliesPage;
  await page.retry();
  const lists = () => found.agent.calls.filter((call) => call.startsWith('replies.list'));
  return { ...found, page, lists };
}

describe('the list of canned replies', () => {
  it('is filtered by the relay, and by words of the title, text and tags without their marks', async () => {
    const { page, lists } = await open();
    const found = (words: string) => {
      page.words.value = words;
      return page.rows.value.map(({ id }) => id);
    };
    expect([found('sutijums'), found('MONEY'), found('late parcel'), found('nothing')]).toEqual([
      ['late'],
      ['refund'],
      ['late'],
      [],
    ]);
    page.scope.value = 'team:sales';
    page.tag.value = 'money';
    await settled();
    expect(lists().at(-1)).toBe('replies.list {"tag":"money","scope":{"team":"sales"}}');
  });

  it('looks through all of them for words, and through one page for nothing', async () => {
    const { page, agent, lists } = await open();
    agent.answers.replies = { replies: [parcel], cursor: 'next' };
    await page.retry();
    expect(page.hasMore.value).toBe(true);
    const before = lists().length;
    page.words.value = 'refund';
    agent.answers.replies = { replies: [refund], cursor: null };
    await settled();
    expect(lists().slice(before)).toEqual(['replies.list {"cursor":"next"}']);
    expect(page.rows.value.map(({ id }) => id)).toEqual(['refund']);
  });

  it('says what went wrong and keeps what was there', async () => {
    const { page, agent } = await open();
    agent.refuse('replies.list', refusal('unavailable', 'The relay cannot do this now.'));
    await page.retry();
    expect([page.problem.value, page.rows.value.length]).toEqual(['The relay cannot do this now.', 2]);
  });
});

describe('writing a canned reply', () => {
  it('stores what was typed, and leaves out what was not', async () => {
    const { page, agent, desk } = await open('#/replies/new');
    agent.answers.save = () => ({ ok: true, reply: parcel });
    page.change({
      shortcut: '/late',
      title: ' Parcel is late ',
      bodies: [
        { locale: 'en', text: 'Order {{order}} is late.' },
        { locale: '', text: '' },
      ],
      variables: [{ name: 'order', source: '', ask: 'Order number', default: '', required: true }],
      scope: 'team:sales',
      tags: 'parcel, , delay',
      validUntil: '2025-12-31',
    });
    expect(await page.save()).toBe(true);
    expect(JSON.parse(agent.calls.find((call) => call.startsWith('replies.save'))?.slice(13) ?? '')).toEqual({
      shortcut: 'late',
      title: 'Parcel is late',
      body: { en: 'Order {{order}} is late.' },
      variables: [{ name: 'order', required: true, ask: 'Order number' }],
      scope: { kind: 'team', team: 'sales' },
      tags: ['parcel', 'delay'],
      attachments: [],
      validUntil: Date.UTC(2025, 11, 31, 22),
    });
    expect([desk.routing.route.value.detail, desk.alerts.toasts.value.map(({ text }) => text)]).toEqual([
      '',
      ['“Parcel is late” is saved.'],
    ]);
  });

  it('keeps what was typed when it is refused, with the problem at its field', async () => {
    const { page, agent } = await open('#/replies/late');
    const problem = { path: 'body.lv', problem: '“{{” is never closed.', fix: 'Write “}}”.' };
    agent.answers.save = () => ({ ok: false, problems: [problem] });
    page.change({ title: 'Late' });
    expect(await page.save()).toBe(false);
    expect([page.draft.value?.title, page.isChanged.value]).toEqual(['Late', true]);
    expect(problemAt(page.problems.value, 'body.lv')).toBe('“{{” is never closed. Write “}}”.');
    expect(problemAt(page.problems.value, 'title')).toBe(null);
    agent.refuse('replies.save', refusal('offline', 'The relay cannot be reached.'));
    await page.save();
    expect(page.saveProblem.value).toBe('Not saved. The relay cannot be reached. What you typed is kept.');
  });

  it('outlives a look at another page, and is dropped when it is not wanted', async () => {
    const { page, desk } = await open('#/replies/late');
    page.change({ title: 'Half' });
    desk.routing.go({ page: 'team' });
    desk.routing.go({ page: 'replies', detail: 'late' });
    expect(page.draft.value?.title).toBe('Half');
    page.cancel();
    desk.routing.go({ page: 'replies', detail: 'late' });
    expect(page.draft.value?.title).toBe('Parcel is late');
  });

  it('is not offered for what others lead, nor for what is not there', async () => {
    expect((await open('#/replies/refund')).page.mayEdit.value).toBe(false);
    expect((await open('#/replies/gone')).page.isLost.value).toBe(true);
  });

  it('deletes, and goes back to the list', async () => {
    const { page, agent, around } = await open('#/replies/late');
    await page.remove();
    expect(agent.calls).toContain('replies.remove late');
    expect(around.fragment).toBe('#/replies');
  });
});

describe('files', () => {
  it('come in by their ending, and say line by line what was left out', async () => {
    const { page, agent } = await open();
    const problem = { at: 3, path: 'shortcut', problem: 'It holds a space.', fix: 'Leave it out.' };
    agent.answers.imported = { saved: 7, problems: [problem] };
    await page.takeIn({ name: 'replies.CSV', text: async () => 'id,title' });
    expect(agent.calls).toContain('replies.importFile id,title csv');
    expect(page.imported.value).toEqual({ saved: 7, problems: [problem], file: 'replies.CSV' });
    await page.takeIn({ name: 'all.json', text: async () => '[]' });
    expect(agent.calls).toContain('replies.importFile [] json');
  });

  it('go out to the agent’s own disk', async () => {
    const { page, agent, around } = await open();
    agent.answers.exported = 'id,title';
    await page.takeOut('csv');
    expect(around.files).toEqual([{ name: 'canned-replies.csv', text: 'id,title', type: 'text/csv' }]);
  });
});
