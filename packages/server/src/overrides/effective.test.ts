import { describe, expect, it } from 'vitest';
import { builtInForm } from '../domain/surveys/built-in.ts';
import { surveyRule } from '../domain/surveys/rule.ts';
import type { OverrideRow } from '../ports.ts';
import { effectiveOf, type FileParts, settingsOf } from './effective.ts';

const day = { timeZone: 'Europe/Riga', week: { 1: [['09:00', '17:00']] } } as const;
const late = { timeZone: 'Europe/Riga', week: { 1: [['14:00', '22:00']] } } as const;
const rule = surveyRule({ id: 'after-chat', kind: 'csat', when: { on: 'resolve' } }, new Map());
const file = (part: Partial<FileParts> = {}): FileParts => ({
  schedules: { office: day, night: late },
  surveys: [rule],
  sites: [
    { key: 'pk_shop_test', name: 'Shop', origins: [], team: 'sales', scheduleName: 'office' },
    { key: 'pk_plain_one', name: 'Other', origins: [], team: 'sales' },
  ],
  teams: [{ id: 'sales', name: 'Sales', strategy: 'manual', schedule: 'office' }],
  ...part,
});
const cleo = { revision: 'r-1', changedAt: 5, changedBy: 'cleo' };
const hours = (name: string, schedule: object, isNew = false): OverrideRow =>
  ({ kind: 'schedule', name, content: { schedule, isNew }, ...cleo }) as OverrideRow;
const asking = (name: string, content: object): OverrideRow =>
  ({ kind: 'survey', name, content, ...cleo }) as OverrideRow;

describe('schedules', () => {
  it('follow the file until somebody changes them, also where a site names them', () => {
    expect(effectiveOf(file(), []).config.schedules).toEqual({ office: day, night: late });
    const { config, schedules } = effectiveOf(file(), [hours('office', late)]);
    expect(config.schedules).toEqual({ office: late, night: late });
    expect(config.sites.map(({ schedule }) => schedule)).toEqual([late, undefined]);
    expect(schedules).toEqual([
      { id: 'office', ...cleo, from: 'desk', state: 'used', problems: [], hours: late, file: day },
      {
        ...{ id: 'night', from: 'file', revision: null, changedAt: null, changedBy: null },
        ...{ state: 'used', problems: [], hours: late, file: late },
      },
    ]);
  });

  it('made in the desk are in use, and those that the file has no longer are not', () => {
    const { config, schedules } = effectiveOf(file(), [hours('gone', day), hours('own', day, true)]);
    expect(Object.keys(config.schedules)).toEqual(['office', 'night', 'own']);
    expect(schedules.slice(2)).toMatchObject([
      { id: 'gone', state: 'retired', hours: day, file: null },
      { id: 'own', state: 'used', from: 'desk', file: null },
    ]);
  });

  it('that do not fit any more are named, and the file’s own holds', () => {
    const wrong = { timeZone: 'Europe/Atlantis', week: { 1: [['09:00', '17:00']] } };
    const { config, schedules } = effectiveOf(file(), [hours('office', wrong), hours('constructor', wrong, true)]);
    expect(config.schedules).toEqual({ office: day, night: late });
    expect(schedules.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'office unfit',
      'night used',
      'constructor unfit',
    ]);
    expect(schedules[0]?.problems).toEqual([
      {
        path: 'timeZone',
        problem: 'There is no time zone "Europe/Atlantis".',
        fix: 'Write an IANA name such as "Europe/Riga".',
      },
    ]);
  });
});

describe('surveys', () => {
  it('follow the file in what nobody changed', () => {
    const changed = [asking('after-chat', { sample: 0.25, teams: ['sales'] })];
    const first = effectiveOf(file(), changed);
    expect(first.config.surveys).toEqual([{ ...rule, sample: 0.25, teams: ['sales'] }]);
    expect(first.surveys[0]).toMatchObject({ from: 'desk', changed: ['sample', 'teams'], file: settingsOf(rule) });
    const next = { ...rule, quietMs: 5 * 86_400_000, form: builtInForm('csat'), sample: 0.9 };
    expect(effectiveOf(file({ surveys: [next] }), changed).config.surveys).toEqual([
      { ...next, sample: 0.25, teams: ['sales'] },
    ]);
  });

  it('that are switched off stay, and are not asked by themselves', () => {
    const { config, surveys } = effectiveOf(file(), [asking('after-chat', { enabled: false })]);
    expect(config.surveys).toEqual([{ ...rule, off: true }]);
    expect(surveys[0]?.settings).toEqual({ ...settingsOf(rule), enabled: false });
  });

  it('changed for a team that is gone are as the file has them', () => {
    const { config, surveys } = effectiveOf(file(), [
      asking('after-chat', { sample: 0.1, teams: ['sales', 'billing'] }),
    ]);
    expect(config.surveys).toEqual([rule]);
    expect(surveys[0]).toMatchObject({
      state: 'unfit',
      settings: settingsOf(rule),
      problems: [{ path: 'teams[1]', problem: 'There is no team "billing".', fix: 'The teams: sales.' }],
    });
  });

  it('that the file has no longer are retired', () => {
    const { config, surveys } = effectiveOf(file({ surveys: [] }), [asking('after-chat', { sample: 0.1 })]);
    expect(config.surveys).toEqual([]);
    expect(surveys).toMatchObject([{ id: 'after-chat', state: 'retired', kind: null, settings: null, file: null }]);
  });
});
