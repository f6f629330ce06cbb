import type { StoredSchedule, SurveyOverview, SurveySettings, SurveySetup } from '@sveiki/sdk/agent';
import { afterEach, describe, expect, it } from 'vitest';
import { byRole, drawn, showDesk, type } from '../testing/screen.tsx';

const lead = { id: 'cleo', name: 'Cleo Martin', role: 'lead', presence: 'online' } as const;
const ada = { id: 'ada', name: 'Ada Ozola', role: 'agent', presence: 'online' } as const;
let last: ReturnType<typeof showDesk> | null = null;
afterEach(() => last?.close());

const day = { timeZone: 'Europe/Riga', week: { 1: [['09:00', '17:00']] }, dates: { '2026-12-24': [] } } as const;
const office = (part: Partial<StoredSchedule> = {}): StoredSchedule => ({
  ...{ id: 'office', from: 'desk', revision: 'r-1', changedAt: 0, changedBy: 'cleo' },
  ...{ state: 'used', problems: [], mayEdit: true, hours: day, file: day },
  ...part,
});

async function show(fragment: string, part: Partial<StoredSchedule> = {}, me: typeof lead | typeof ada = lead) {
  last = showDesk({ fragment, state: { me: null, signedIn: null } });
  last.agent.answers.schedules = [office(part)];
  last.agent.answers.config = {
    ...last.agent.answers.config,
    schedules: [{ id: 'office', timeZone: 'Europe/Riga', open: true, nextChange: null }],
  };
  last.agent.set({ me, signedIn: true });
  await drawn();
  return last;
}
const changes = () => last?.agent.calls.filter((call) => /^schedules\.(save|reset)/.test(call)) ?? [];
const textbox = (name: string) => byRole('textbox', name) as HTMLInputElement;
const submit = async (root: Element) => {
  root.querySelector('form')?.requestSubmit();
  await drawn();
};

describe('the schedules', () => {
  it('stand on the team page with where they come from, and lead to their form', async () => {
    const { root, around } = await show('#/team');
    expect(root.querySelector('.schedule-row')?.textContent).toMatch(/office.*Riga.*Open.*Changed .*Cleo/);
    byRole('link', 'Change schedule “office”').click();
    await drawn();
    expect(around.fragment).toBe('#/team/office');
    expect(document.activeElement?.textContent).toContain('Schedule');
  });

  it('are changed with labelled fields, and saved over the change that was seen', async () => {
    const { root, agent, around } = await show('#/team/office');
    agent.answers.saveSchedule = (id, hours) => ({ ok: true, schedule: office({ id, hours }) });
    await type(textbox('Monday, span 1: closes'), '18');
    byRole('button', 'Add hours to Saturday').click();
    await drawn();
    await type(textbox('Saturday, span 1: opens'), '10:00');
    await type(textbox('Saturday, span 1: closes'), '14:00');
    byRole('button', 'Remove 2026-12-24').click();
    await drawn();
    await submit(root);
    const hours = { timeZone: 'Europe/Riga', week: { 1: [['09:00', '18:00']], 6: [['10:00', '14:00']] } };
    expect(changes()).toEqual([`schedules.save office ${JSON.stringify(hours)} r-1`]);
    expect(around.fragment).toBe('#/team');
  });

  it('say what is wrong at the field, and keep what was typed', async () => {
    const { root, agent } = await show('#/team/office');
    const problem = { path: 'week.1[0][1]', problem: '"25:00" is no time.', fix: 'Write HH:MM.' };
    agent.answers.saveSchedule = () => ({ ok: false, problems: [problem] });
    const field = textbox('Monday, span 1: closes');
    await type(field, '25:00');
    await submit(root);
    expect([field.value, field.getAttribute('aria-invalid')]).toEqual(['25:00', 'true']);
    const described = document.getElementById(field.getAttribute('aria-describedby') ?? '');
    expect(described?.textContent).toBe('"25:00" is no time. Write HH:MM.');
  });

  it('go back to the file, and the keyboard stays where spans are added', async () => {
    const { around } = await show('#/team/office');
    byRole('button', 'Remove span 1 of Monday').click();
    await drawn();
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Add hours to Monday');
    byRole('button', 'Back to the file').click();
    await drawn();
    expect(changes()).toEqual(['schedules.reset office r-1']);
    expect(around.fragment).toBe('#/team');
  });

  it('are looked at, not changed, by agents', async () => {
    const { root } = await show('#/team/office', { mayEdit: false }, ada);
    expect(root.querySelector('.notice')?.textContent).toContain('changed by leads');
    expect(root.querySelector<HTMLFieldSetElement>('form > fieldset')?.disabled).toBe(true);
    expect(root.querySelector('.editor-foot')).toBeNull();
  });

  it('that have no effect say so', async () => {
    const { root } = await show('#/team', { state: 'retired', file: null });
    expect(root.querySelector('.schedule-row .tag')?.textContent).toContain('no effect');
  });
});

describe('when a survey is asked', () => {
  const settings: SurveySettings = {
    ...{ enabled: true, on: 'resolve', sample: 0.5, quietDays: 1, teams: ['sales'], sites: null },
    ...{ editWindowMs: 86_400_000, expiresMs: 604_800_000 },
  };
  const setup: SurveySetup = {
    ...{ id: 'after-chat', kind: 'csat', from: 'desk', revision: 'r-1', changedAt: 0, changedBy: 'cleo' },
    ...{ state: 'used', problems: [], mayEdit: true, settings, changed: ['sample', 'teams'] },
    file: { ...settings, sample: 1, teams: null },
  };
  const none = { sent: 0, delivered: 0, answered: 0, late: 0, expired: 0, suppressed: 0 };
  const overview: SurveyOverview = {
    ...{ id: 'after-chat', kind: 'csat', retired: false, questions: [], since: 0, until: 1, cut: false },
    response: { ...none, rate: null, interval: null, ofSent: null },
  };

  it('is said, changed and reset beside its results', async () => {
    const { root, agent } = await show('#/team');
    agent.answers.config = { ...agent.answers.config, surveys: [setup] };
    agent.answers.surveys = [overview];
    byRole('link', 'Surveys').click();
    await last?.desk.setup.load();
    await drawn();
    const part = () => root.querySelector('.survey-setup');
    expect(part()?.textContent).toMatch(/At the end of 50 %.*only Sales.*Changed .*Cleo/);
    byRole('button', 'Change when Satisfaction (CSAT) is asked').click();
    await drawn();
    expect(document.activeElement).toBe(byRole('checkbox', 'Ask by itself'));
    const share = textbox('Share of conversations, in percent');
    expect(document.getElementById(share.getAttribute('aria-describedby') ?? '')?.textContent).toBe('In the file: 100');
    await type(share, '25');
    byRole('checkbox', 'Sales').click();
    await drawn();
    agent.answers.configure = () => ({ ok: true, survey: setup });
    await submit(root);
    expect(agent.calls).toContain('surveys.configure after-chat {"sample":0.25,"teams":null} r-1');
    expect(document.activeElement).toBe(byRole('button', 'Change when Satisfaction (CSAT) is asked'));
    byRole('button', 'Change when Satisfaction (CSAT) is asked').click();
    await drawn();
    byRole('button', 'Back to the file').click();
    await drawn();
    expect(agent.calls).toContain('surveys.reset after-chat r-1');
  });
});
