import type { SurveyOverview } from '@sveiki/sdk/agent';
import { afterEach, describe, expect, it } from 'vitest';
import { stored } from '../testing/agent-double.ts';
import { byRole, drawn, press, showDesk, type } from '../testing/screen.tsx';

const lead = { id: 'cleo', name: 'Cleo Martin', role: 'lead', presence: 'online' } as const;
let last: ReturnType<typeof showDesk> | null = null;
afterEach(() => last?.close());

async function show(fragment: string, prepare: (shown: ReturnType<typeof showDesk>) => void = () => {}, me = lead) {
  last = showDesk({ fragment, state: { me: null, signedIn: null } });
  prepare(last);
  last.agent.set({ me, signedIn: true });
  await drawn();
  return last;
}

const figures = {
  kind: 'csat',
  n: 40,
  csat: 82.5,
  mean: 4.2,
  interval: { low: 68, high: 91 },
  counts: [1, 2, 4, 10, 23],
  few: false,
} as const;
const few = { ...figures, n: 2, counts: [0, 0, 0, 1, 1], few: true } as const;
const overview: SurveyOverview = {
  id: 'after-chat',
  kind: 'csat',
  retired: false,
  response: {
    sent: 100,
    delivered: 80,
    answered: 40,
    late: 3,
    expired: 0,
    suppressed: 0,
    rate: 50,
    interval: { low: 39.3, high: 60.7 },
    ofSent: 40,
  },
  questions: [
    {
      field: 'rating',
      scale: 'csat',
      label: { en: 'How was it?' },
      human: figures,
      bot: few,
      agents: [{ agent: { id: 'ada', name: 'Ada Ozola' }, figures: few }],
      teams: [],
    },
  ],
  since: 0,
  until: 1,
  cut: false,
};

describe('the pages', () => {
  it('are reached by links and keys, begin at their heading, and lead back to the list', async () => {
    const { around } = await show('#/queue');
    byRole('link', 'Replies').click();
    await drawn();
    expect([around.fragment, document.activeElement?.textContent]).toEqual(['#/replies', 'Canned replies']);
    press(document.body, '7', { code: 'Digit7' });
    await drawn();
    expect([around.fragment, document.activeElement?.textContent]).toEqual(['#/team', 'Team and schedule']);
    expect(byRole('link', 'Team').getAttribute('aria-current')).toBe('page');
    byRole('link', 'Inbox').click();
    await drawn();
    expect(around.fragment).toBe('#/queue');
  });

  it('hide results from those who do not lead', async () => {
    const agent = { id: 'ada', name: 'Ada Ozola', role: 'agent', presence: 'online' } as const;
    const { root } = await show('#/surveys', undefined, agent as never);
    expect([...root.querySelectorAll('.rail a')].map(({ textContent }) => textContent)).toEqual([
      'Inbox',
      'Replies',
      'Team',
    ]);
    expect(root.querySelector('.page-frame')?.textContent).toContain('Results are for leads.');
  });
});

describe('results', () => {
  it('say figures with their doubt, and each number leads to its conversations', async () => {
    const { root, around } = await show('#/surveys', ({ agent }) => {
      agent.answers.surveys = [overview];
    });
    const text = root.querySelector('.survey')?.textContent ?? '';
    expect(text).toContain('50 % of those who saw it answered (between 39 % and 61 %)');
    expect(root.querySelector('.series:not(.few) .headline')?.textContent).toBe('83 % satisfied');
    expect(root.querySelector('.series.few')?.textContent).toContain('Only 2 answers: too few to say.');
    expect(root.querySelector('.table tbody tr')?.textContent).toContain('Too few to say');
    byRole('link', '23 answers of 5. List them').click();
    await drawn();
    expect(around.fragment).toBe('#/surveys/after-chat?days=30&field=rating&series=human&state=counted&score=5');
  });

  it('list the conversations behind a number, and open them', async () => {
    const form = {
      id: 'csat',
      purpose: 'post-chat',
      fields: [
        { id: 'rating', kind: 'rating', scale: 'csat', label: 'How was it?' },
        { id: 'comment', kind: 'textarea', label: 'Comment' },
      ],
    } as const;
    const { root, around } = await show('#/surveys/after-chat?days=30&score=5', ({ agent }) => {
      agent.answers.rows = {
        cursor: null,
        rows: [
          {
            ask: 'a-1',
            conversation: 'c-9',
            visitor: { id: 'mia', name: 'Mia' },
            askedAt: 0,
            answeredAt: 1,
            late: false,
            delivered: true,
            score: 5,
            answers: { rating: 5, comment: 'Quick and kind' },
            form,
            series: 'human',
            agent: { id: 'ada', name: 'Ada Ozola' },
            team: null,
          },
        ],
      };
    });
    const row = root.querySelector('.answer-row');
    expect(row?.textContent).toContain('5 of 5');
    expect(row?.textContent).toContain('Quick and kind');
    expect(root.querySelector('.page-lead')?.textContent).toBe('the last 30 days · point 5');
    byRole('link', 'Mia').click();
    await drawn();
    expect(around.fragment).toBe('#/open/c-9');
  });
});

describe('canned replies', () => {
  it('are listed with who finds them, and written in a form that names what is wrong beside its field', async () => {
    const { root, agent } = await show('#/replies', ({ agent }) => {
      const usage = { uses: 12, lastUsedAt: 0, resolved: 9, csat: { sum: 40, n: 9 } };
      agent.answers.replies = {
        cursor: null,
        replies: [stored({ id: 'late', title: 'Parcel is late', reviewDue: true, usage, tags: ['parcel'] })],
      };
      agent.answers.save = () => ({
        ok: false,
        problems: [{ path: 'shortcut', problem: 'Another reply has this shortcut.', fix: 'Choose another one.' }],
      });
    });
    const row = root.querySelector<HTMLElement>('.reply-row');
    expect(row?.textContent).toBe('Parcel is late /late Hello.  Read again Everybody EN #parcel Used 12 times');
    row?.click();
    await drawn();
    expect(document.activeElement?.textContent).toBe('Edit “Parcel is late”');
    type(byRole('textbox', 'Title'), 'Late parcel');
    await drawn();
    byRole('button', 'Save').click();
    await drawn();
    const field = byRole('textbox', 'Shortcut');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    const described = (field.getAttribute('aria-describedby') ?? '').split(' ');
    expect(document.getElementById(described.at(-1) ?? '')?.textContent).toBe(
      'Another reply has this shortcut. Choose another one.',
    );
    expect(agent.calls.some((call) => call.includes('"title":"Late parcel"'))).toBe(true);
    byRole('button', 'Delete').click();
    await drawn();
    expect(agent.calls.some((call) => call.startsWith('replies.remove'))).toBe(false);
    byRole('button', 'Delete it').click();
    await drawn();
    expect(agent.calls).toContain('replies.remove late');
  });
});

describe('the team', () => {
  it('shows who is there, what is open, what runs and which hooks failed', async () => {
    const { root, around } = await show('#/team', ({ agent, around }) => {
      agent.set({
        agents: agent.state.agents.map((one) =>
          one.id === 'ada'
            ? { ...one, skills: { 'language:lv': 5, refunds: 3 }, shiftEndsAt: around.clock.now() + 3_600_000 }
            : one,
        ),
      });
      agent.answers.failures = [
        {
          hook: 'crm',
          stage: 'route',
          at: around.clock.now() - 60_000,
          message: 'It did not answer in 300 ms.',
          conversation: 'c-3',
        },
      ];
      agent.answers.config = {
        version: 'f00d',
        loadedAt: 0,
        source: 'sveiki.config.ts',
        teams: [
          {
            id: 'sales',
            name: 'Sales',
            strategy: 'round-robin',
            schedule: { id: 'week', open: true, nextChange: around.clock.now() + 3_600_000 },
          },
        ],
        schedules: [],
      };
    });
    const text = root.querySelector('.page-frame')?.textContent ?? '';
    for (const part of [
      'Open until 15:05',
      'Round robin',
      'Latvian 5, refunds 3',
      'Shift ends at 15:05',
      'f00d',
      'It did not answer in 300 ms.',
    ])
      expect(text).toContain(part);
    byRole('link', 'Open the conversation').click();
    await drawn();
    expect(around.fragment).toBe('#/open/c-3');
  });
});
