import { describe, expect, it } from 'vitest';
import { conversation, refusal } from '../testing/agent-double.ts';
import { settled, testDesk } from '../testing/desk.ts';
import { formatWhich, parseWhich } from './surveys-page.ts';

const lead = { id: 'cleo', name: 'Cleo Martin', role: 'lead', presence: 'online' } as const;

describe('a number’s way to its conversations', () => {
  it('stands in the address and is read back', () => {
    const which = {
      survey: 'after/chat',
      days: 90,
      score: 5,
      field: 'rating',
      agent: 'ada',
      series: 'human',
      state: 'counted',
    } as const;
    expect(parseWhich(formatWhich(which))).toEqual({ survey: 'after/chat', which, days: 90 });
  });

  it('leaves out what means nothing', () => {
    expect(parseWhich('csat?days=12&score=x&series=all&state=&agent=').which).toEqual({ survey: 'csat', days: 30 });
    expect(parseWhich('')).toEqual({ survey: null, which: null, days: 30 });
    expect(parseWhich('?days=7')).toEqual({ survey: null, which: null, days: 7 });
  });
});

describe('the results of surveys', () => {
  it('are asked for one period, and again for another', async () => {
    const { desk, agent, around } = testDesk({ fragment: '#/surveys', state: { me: lead } });
    await settled();
    const now = around.clock.now();
    const lists = () => agent.calls.filter((call) => call.startsWith('surveys.list'));
    expect(lists()).toEqual([`surveys.list ${JSON.stringify({ since: now - 30 * 86_400_000, until: now })}`]);
    desk.surveysPage.setDays(7);
    await settled();
    expect(around.fragment).toBe('#/surveys/?days=7');
    expect(lists().at(-1)).toContain(`"since":${now - 7 * 86_400_000}`);
  });

  it('lead to the answers of one number, page by page', async () => {
    const { desk, agent } = testDesk({ fragment: '#/surveys/csat?score=5&days=30', state: { me: lead } });
    agent.answers.rows = { rows: [], cursor: 'p2' };
    await settled();
    desk.surveysPage.retry();
    await settled();
    expect(desk.surveysPage.hasMore.value).toBe(true);
    await desk.surveysPage.loadMore();
    expect(agent.calls.at(-1)).toContain('"score":5');
    expect(agent.calls.at(-1)).toContain('"cursor":"p2"');
  });

  it('stay as far as they were loaded when the line was away', async () => {
    const { desk, agent } = testDesk({ fragment: '#/surveys/csat?days=30', state: { me: lead } });
    const page = (ask: string, cursor: string | null) => ({ rows: [{ ask }] as never, cursor });
    agent.surveys.answers = async (_, query) => (query?.cursor === 'p2' ? page('a-1', null) : page('a-2', 'p2'));
    desk.surveysPage.retry();
    await settled();
    await desk.surveysPage.loadMore();
    const shown = () => desk.surveysPage.rows.value?.map(({ ask }) => ask);
    expect(shown()).toEqual(['a-2', 'a-1']);
    agent.set({ connection: { status: 'offline' } });
    agent.set({ connection: { status: 'online', via: 'websocket' } });
    expect(shown()).toEqual(['a-2', 'a-1']);
    await settled();
    expect(shown()).toEqual(['a-2', 'a-1']);
  });

  it('are not asked for by those who do not lead', async () => {
    const { desk, agent } = testDesk({ fragment: '#/surveys' });
    await settled();
    expect([desk.surveysPage.isAllowed.value, agent.calls.filter((call) => call.startsWith('surveys'))]).toEqual([
      false,
      [],
    ]);
    expect(desk.commands.find(({ id }) => id === 'page-surveys')?.isPossible()).toBe(false);
  });

  it('say why they are not there', async () => {
    const { desk, agent } = testDesk({ state: { me: lead } });
    await settled();
    agent.refuse('surveys.list', refusal('unavailable', 'The relay cannot do this now.'));
    desk.routing.go({ page: 'surveys' });
    await settled();
    expect(desk.surveysPage.problem.value).toBe('The relay cannot do this now.');
  });
});

describe('the team', () => {
  it('is counted by team: who is online, who waits', async () => {
    const { desk, agent } = testDesk({ fragment: '#/team', state: { me: lead } });
    agent.answers.failures = [
      { hook: 'crm', stage: 'route', at: 0, message: 'It did not answer in 300 ms.', conversation: 'c-1' },
    ];
    const rows = [
      conversation({ id: 'c-1' }),
      conversation({ id: 'c-2' }),
      conversation({ id: 'c-3', owner: { id: 'ada', name: 'Ada' } }),
    ];
    agent.set({ conversations: new Map(rows.map((row) => [row.id, row])) });
    desk.teamPage.refresh();
    await settled();
    expect(desk.teamPage.teams.value.map(({ id, online, members, waiting }) => [id, online, members, waiting])).toEqual(
      [
        ['sales', 2, 2, 2],
        ['billing', 1, 2, 0],
      ],
    );
    expect(desk.teamPage.failures.value).toHaveLength(1);
  });
});
