import type { SurveySettings, SurveySetup } from '@sveiki/sdk/agent';
import { describe, expect, it } from 'vitest';
import { refusal } from '../testing/agent-double.ts';
import { settled, testDesk } from '../testing/desk.ts';
import { settingsOf, surveyDraftOf } from './survey-setup.ts';

const settings: SurveySettings = {
  ...{ enabled: true, on: 'resolve', sample: 1 / 3, quietDays: 90, teams: null, sites: null },
  ...{ editWindowMs: 86_400_000, expiresMs: 604_800_000 },
};
const setup: SurveySetup = {
  ...{ id: 'after-chat', kind: 'csat', from: 'file', revision: null, changedAt: null, changedBy: null },
  ...{ state: 'used', problems: [], mayEdit: true, settings, file: settings, changed: [] },
};
const lead = { id: 'cleo', name: 'Cleo Martin', role: 'lead', presence: 'online' } as const;

describe('the settings of a survey', () => {
  it('are saved as far as they were typed: what is shown rounded stays exact', () => {
    const draft = surveyDraftOf(settings);
    expect([draft.sample, draft.expiresDays, draft.editHours]).toEqual(['33.333', '7', '24']);
    expect(settingsOf(draft, settings)).toEqual({});
    expect(settingsOf({ ...draft, quietDays: '0,5', expiresDays: '2', teams: ['sales'] }, settings)).toEqual({
      quietDays: 0.5,
      expiresMs: 172_800_000,
      teams: ['sales'],
    });
  });

  it('that are no numbers become what the relay refuses', () => {
    const typed = { ...surveyDraftOf(settings), sample: '', quietDays: 'soon' };
    expect(settingsOf(typed, settings)).toEqual({ sample: -0.01, quietDays: -1 });
  });

  it('keep what was typed when somebody else was faster, and are made on that', async () => {
    const { desk, agent } = testDesk({ state: { me: lead } });
    const config = agent.answers.config;
    agent.answers.config = { ...config, surveys: [setup] };
    await desk.setup.load();
    desk.surveySetup.show('after-chat');
    desk.surveySetup.change({ sample: '50' });
    agent.refuse('surveys.configure', refusal('changed-meanwhile', 'Somebody else has changed it.'));
    agent.answers.config = {
      ...config,
      surveys: [{ ...setup, revision: 'r-2', settings: { ...settings, quietDays: 5 } }],
    };
    await desk.surveySetup.save();
    expect(desk.surveySetup.saveProblem.value).not.toBeNull();
    expect(desk.surveySetup.draft.value?.sample).toBe('50');
    agent.answers.configure = () => ({ ok: true, survey: setup });
    await desk.surveySetup.save();
    await settled();
    expect(agent.calls.filter((call) => call.startsWith('surveys.configure'))).toEqual([
      'surveys.configure after-chat {"sample":0.5} null',
      'surveys.configure after-chat {"sample":0.5} r-2',
    ]);
    expect(desk.surveySetup.open.value).toBeNull();
  });
});
