import type { FromServer, SurveySettings } from '@sveiki/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import type { Config } from '../config-types.ts';
import { surveyRule } from '../domain/surveys/rule.ts';
import type { AgentRow } from '../ports.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { CONFIG, type RelayUnderTest, relayUnderTest, text, turn } from '../testing/relay-under-test.ts';

// The clock stands on a Friday, ten o'clock UTC.
const open = { timeZone: 'UTC', week: { 5: [['09:00', '17:00']] } } as const;
const shut = { timeZone: 'UTC', week: { 1: [['09:00', '17:00']] } } as const;
const [site] = CONFIG.sites;
if (site === undefined) throw new Error('There is a site.');
const FILE: Partial<Config> = {
  schedules: { office: open },
  sites: [{ ...site, schedule: { timeZone: 'UTC', week: { '5': [['09:00', '17:00']] } }, scheduleName: 'office' }],
  teams: [{ id: 'sales', name: 'Sales', strategy: 'manual', schedule: 'office' }],
  surveys: [surveyRule({ id: 'after-chat', kind: 'csat', when: { on: 'resolve', quietDays: 0 } }, new Map())],
};

let houses: RelayUnderTest[] = [];
afterEach(async () => {
  for (const house of houses) await house.relay.stop();
  houses = [];
});

async function start(store = createMemoryStore(), config = FILE): Promise<RelayUnderTest> {
  const house = await relayUnderTest({ store, config });
  houses.push(house);
  return house;
}
const person = async ({ store }: RelayUnderTest, id: string): Promise<AgentRow> => {
  const row = await store.agent(id);
  if (row === null) throw new Error(`${id} is there.`);
  return row;
};
const overridesOf = ({ relay }: RelayUnderTest) => relay.deskData.overrides;
const overviewOf = async (house: RelayUnderTest) => house.relay.deskData.overview(await person(house, 'cleo'));
const availability = async (house: RelayUnderTest): Promise<string> =>
  (await house.visitor()).last('welcome').site.availability;
const scheduleNow = async (house: RelayUnderTest, id = 'office') =>
  overridesOf(house)
    .schedules(await person(house, 'ada'))
    .find((one) => one.id === id);

async function save(house: RelayUnderTest, hours: object, revision: string | null = null, id = 'office') {
  const saved = await overridesOf(house).saveSchedule(
    { id, hours: hours as typeof open, revision },
    await person(house, 'cleo'),
  );
  await turn();
  return saved;
}
const revisionOf = (saved: Awaited<ReturnType<typeof save>>): string =>
  ('ok' in saved && saved.ok && saved.schedule.revision) || '';

describe('a schedule that a lead changes', () => {
  it('holds at once for everybody, with no line ended, until it is reset', async () => {
    const house = await start();
    const mia = await house.visitor();
    // Nobody of the site's team is there yet.
    expect(await availability(house)).toBe('away');

    const saved = await save(house, shut);
    expect(saved).toMatchObject({
      ok: true,
      schedule: {
        id: 'office',
        from: 'desk',
        changedBy: 'cleo',
        changedAt: house.clock.now(),
        file: open,
        hours: shut,
      },
    });
    expect((mia.last('site') as Extract<FromServer, { type: 'site' }>).site.availability).toBe('closed');
    expect((await overviewOf(house)).teams[0]?.schedule).toMatchObject({ id: 'office', open: false });
    expect((await overviewOf(house)).schedules).toMatchObject([{ id: 'office', from: 'desk', changedBy: 'cleo' }]);
    expect(mia.closed).toBeNull();

    const reset = { id: 'office', revision: revisionOf(saved) };
    expect(await overridesOf(house).resetSchedule(reset, await person(house, 'cleo'))).toMatchObject({
      schedule: { from: 'file', hours: open, revision: null },
    });
    expect((await overviewOf(house)).teams[0]?.schedule).toMatchObject({ open: true });
    expect(await overridesOf(house).resetSchedule(reset, await person(house, 'cleo'))).toEqual({
      refused: 'not-found',
    });
  });

  it('wins over the file also when that changes, after a restart, and on other nodes', async () => {
    const house = await start();
    const other = await start(house.store as ReturnType<typeof createMemoryStore>);
    house.bus.subscribe((message) => message.kind === 'overrides' && other.bus.publish(message));
    const saved = await save(house, shut);
    await turn();
    expect(await scheduleNow(other)).toMatchObject({ hours: shut, from: 'desk' });

    await house.relay.reconfigure({
      ...CONFIG,
      ...FILE,
      version: '000000000002',
      schedules: { office: open, night: shut },
    });
    expect(await scheduleNow(house)).toMatchObject({ hours: shut, file: open });
    expect(await scheduleNow(house, 'night')).toMatchObject({ from: 'file' });
    await house.restart();
    expect(await scheduleNow(house)).toMatchObject({ hours: shut, from: 'desk', revision: revisionOf(saved) });
  });

  it('reaches a node that did not hear of it', async () => {
    const house = await start();
    const other = await start(house.store as ReturnType<typeof createMemoryStore>);
    await save(house, shut);
    expect(await scheduleNow(other)).toMatchObject({ from: 'file' });
    await other.pass(30_000);
    expect(await scheduleNow(other)).toMatchObject({ from: 'desk', hours: shut });
  });

  it('is retired with the file’s, and comes back with it', async () => {
    const house = await start();
    await save(house, shut);
    const without: Partial<Config> = { schedules: {}, sites: CONFIG.sites, teams: CONFIG.teams };
    await house.relay.reconfigure({ ...CONFIG, ...FILE, ...without });
    expect(await scheduleNow(house)).toMatchObject({ state: 'retired', file: null });
    expect((await overviewOf(house)).schedules).toEqual([]);
    await house.relay.reconfigure({ ...CONFIG, ...FILE });
    expect(await scheduleNow(house)).toMatchObject({ state: 'used', hours: shut });
  });

  it('is saved only by who has seen the last one', async () => {
    const house = await start();
    const both = await Promise.all([save(house, shut), save(house, { ...shut, timeZone: 'Europe/Riga' })]);
    expect(both.map((one) => 'ok' in one && one.ok).toSorted()).toEqual([false, true]);
    expect(both).toContainEqual({ refused: 'changed-meanwhile' });
    const now = (await scheduleNow(house))?.revision ?? '';
    expect(await save(house, open, 'another')).toEqual({ refused: 'changed-meanwhile' });
    expect(await save(house, open, now)).toMatchObject({ ok: true });
    const stale = { id: 'office', revision: now };
    expect(await overridesOf(house).resetSchedule(stale, await person(house, 'cleo'))).toEqual({
      refused: 'changed-meanwhile',
    });
  });

  it('is refused with every problem by its field, and nothing is stored', async () => {
    const house = await start();
    expect(
      await save(house, { timeZone: 'Riga', week: { 1: [['9', '25:00']] }, dates: { 'X-mas': [] } }),
    ).toMatchObject({
      ok: false,
      problems: [{ path: 'timeZone' }, { path: 'dates.X-mas' }, { path: 'week.1[0][0]' }, { path: 'week.1[0][1]' }],
    });
    const twice = {
      timeZone: 'UTC',
      week: {
        1: [
          ['09:00', '12:00'],
          ['11:00', '13:00'],
        ],
      },
    };
    expect(await save(house, twice)).toEqual({
      ok: false,
      problems: [
        {
          path: 'week.1[1]',
          problem: '11:00-13:00 on Monday overlaps 09:00-12:00 (week.1[0]).',
          fix: 'Make them one span, or end the first where the second begins.',
        },
      ],
    });
    expect(await save(house, open, null, 'Not a name')).toMatchObject({ ok: false, problems: [{ path: 'id' }] });
    expect(await house.store.overrides()).toEqual([]);
  });

  it('may be a new one, which a reset removes', async () => {
    const house = await start();
    const saved = await save(house, shut, null, 'holidays');
    expect(saved).toMatchObject({ ok: true, schedule: { file: null, state: 'used' } });
    expect((await overviewOf(house)).schedules.map(({ id }) => id)).toEqual(['office', 'holidays']);
    const reset = { id: 'holidays', revision: revisionOf(saved) };
    expect(await overridesOf(house).resetSchedule(reset, await person(house, 'cleo'))).toEqual({ schedule: null });
    expect(await scheduleNow(house, 'holidays')).toBeUndefined();
  });

  it('is changed by leads, and read by everybody', async () => {
    const house = await start();
    const ada = await person(house, 'ada');
    const change = { id: 'office', hours: shut, revision: null };
    expect(await overridesOf(house).saveSchedule(change, ada)).toEqual({ refused: 'forbidden' });
    expect(await overridesOf(house).resetSchedule({ id: 'office', revision: 'x' }, ada)).toEqual({
      refused: 'forbidden',
    });
    expect(overridesOf(house).schedules(ada)).toMatchObject([{ id: 'office', mayEdit: false }]);
  });
});

describe('when a survey is asked', () => {
  async function configure(house: RelayUnderTest, settings: Partial<SurveySettings>, revision: string | null = null) {
    const change = { id: 'after-chat', settings, revision };
    const saved = await overridesOf(house).configureSurvey(change, await person(house, 'cleo'));
    await turn();
    return saved;
  }
  const revisionNow = async (house: RelayUnderTest) => (await overviewOf(house)).surveys?.[0]?.revision ?? null;

  async function asked(house: RelayUnderTest, n: number): Promise<number> {
    const [visitor, ada] = [await house.visitor(), await house.agent('ada')];
    const conversation = `conversation-${n}`;
    const of = { conversation };
    await visitor.send({ type: 'send', id: `message-0${n}`, ...of, blocks: text('Hello') });
    await ada.send({ type: 'take', id: `take-000${n}`, ...of });
    await ada.send({ type: 'send', id: `reply-00${n}`, ...of, ownership: 2, blocks: text('Hi') });
    await ada.send({ type: 'resolve', id: `resolve-${n}`, ...of, ownership: 2, wrapUp: 'answered' });
    await house.pass(2_000);
    return (await house.store.eventsOfKinds(conversation, ['asked'])).length;
  }

  it('is what a lead says from that moment on, and the file’s again after a reset', async () => {
    const house = await start();
    expect(await asked(house, 1)).toBe(1);
    expect(await configure(house, { enabled: false })).toMatchObject({ ok: true, survey: { changed: ['enabled'] } });
    expect(await asked(house, 2)).toBe(0);
    expect((await overviewOf(house)).asks?.map(({ id }) => id)).toContain('after-chat');
    const revision = (await revisionNow(house)) ?? '';
    const reset = await overridesOf(house).resetSurvey({ id: 'after-chat', revision }, await person(house, 'cleo'));
    expect(reset).toMatchObject({ survey: { from: 'file', changed: [], settings: { enabled: true } } });
    expect(await asked(house, 3)).toBe(1);
  });

  it('is changed field by field; one that is as in the file follows it again', async () => {
    const house = await start();
    await configure(house, { sample: 0.5 });
    await configure(house, { teams: ['sales'], expiresMs: 60_000 }, await revisionNow(house));
    expect((await overviewOf(house)).surveys).toMatchObject([
      { changed: ['sample', 'teams', 'expiresMs'], settings: { sample: 0.5, teams: ['sales'], expiresMs: 60_000 } },
    ]);
    const back = { sample: 1, teams: null, expiresMs: 7 * 86_400_000 };
    expect(await configure(house, back, await revisionNow(house))).toMatchObject({
      survey: { from: 'file', revision: null },
    });
    expect(await house.store.overrides()).toEqual([]);
    expect(await configure(house, back)).toMatchObject({ ok: true });
  });

  it.each([
    [{ sample: 0 }, 'sample'],
    [{ sample: Number.NaN }, 'sample'],
    [{ quietDays: -1 }, 'quietDays'],
    [{ teams: [] }, 'teams'],
    [{ teams: ['sales', 'nobody'] }, 'teams[1]'],
    [{ sites: ['pk_other_one'] }, 'sites[0]'],
    [{ editWindowMs: 0 }, 'editWindowMs'],
    [{ expiresMs: 400 * 86_400_000 }, 'expiresMs'],
  ])('cannot be %j', async (settings, path) => {
    const house = await start();
    expect(await configure(house, settings)).toMatchObject({ ok: false, problems: [{ path }] });
    expect(await house.store.overrides()).toEqual([]);
  });

  it('is nobody’s to change who has not seen the last change, is no lead, or names another survey', async () => {
    const house = await start();
    await configure(house, { sample: 0.5 });
    expect(await configure(house, { sample: 0.4 })).toEqual({ refused: 'changed-meanwhile' });
    const { configureSurvey, resetSurvey } = overridesOf(house);
    const [ada, cleo] = [await person(house, 'ada'), await person(house, 'cleo')];
    const change = { id: 'after-chat', settings: { sample: 1 }, revision: await revisionNow(house) };
    expect(await configureSurvey(change, ada)).toEqual({ refused: 'forbidden' });
    expect(await resetSurvey({ id: 'after-chat', revision: 'x' }, ada)).toEqual({ refused: 'forbidden' });
    expect(await configureSurvey({ ...change, id: 'another' }, cleo)).toEqual({ refused: 'not-found' });
  });
});
