import { existsSync, writeFileSync } from 'node:fs';
import type { AgentInput, RoutingInput } from '@sveiki/sdk/config';
import { systemClock } from '../clock.ts';
import type { Config } from '../config-types.ts';
import { staffView } from '../domain/log.ts';
import type { AgentRow, ConversationRow, Store } from '../ports.ts';
import { arrivalsFromLogs } from '../simulation/history.ts';
import { simulationPicture } from '../simulation/picture.ts';
import { chance, delay } from '../simulation/random.ts';
import { type Arrival, EVERY_STRATEGY, simulate } from '../simulation/simulate.ts';
import { simulationTable } from '../simulation/table.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { configOf, databaseOf } from './check.ts';
import { CommandFailed, type CommandLine, say } from './command-line.ts';
import { EXIT } from './exit-codes.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MAX_DAYS = 365;
const PAGE = 200;
const MAX_EVENTS = 10_000;
/** What is made up when there is no past: so many conversations in eight hours, each so long, waited for by visitors so long. */
const MADE_UP = 240;
const HANDLE_MS = 6 * 60_000;
const PATIENCE_MS = 5 * 60_000;

/** `sveiki simulate`: the conversations of the last days once more through the routing of this configuration. Writes nothing but the picture. */
export async function simulateConfig(line: CommandLine): Promise<number> {
  const { days: daysText = '7', seed: seedText = '1', picture } = line.values;
  const days = wholeNumber('--days', daysText, MAX_DAYS);
  const seed = wholeNumber('--seed', seedText, 2 ** 31);
  const config = await configOf(line);
  const { accounts, past } = await readDatabase(config, systemClock.now() - days * DAY);
  const agents = agentsOf(config, accounts);
  if (agents.length === 0)
    throw new CommandFailed(
      'Nobody answers yet. Add somebody with "sveiki add-agent", or name "agents" in the configuration.',
    );
  const teams = new Set(config.teams.map(({ id }) => id));
  const known = past.filter(({ team }) => teams.has(team));
  const history = known.length > 0 ? known : madeUpDay(config, seed);
  const { route, ...rules } = config.routing;
  const report = await simulate(
    {
      teams: config.teams,
      agents,
      schedules: config.schedules,
      routing: { ...rules, ...(typeof route === 'function' ? { route } : {}) } satisfies RoutingInput,
      bots: config.bots.map(({ id }) => id),
    },
    history,
    { seed, compare: [{ name: 'as configured', team: {} }, ...EVERY_STRATEGY] },
  );
  if (picture !== undefined) writeFileSync(picture, simulationPicture(report));
  return say(
    [
      known.length > 0
        ? `${counted(known.length, 'conversation')} of the last ${counted(days, 'day')}, with ${counted(agents.length, 'agent')}.`
        : `There are no conversations of the last ${counted(days, 'day')}: ${history.length} were made up, with ${counted(agents.length, 'agent')}.`,
      ...(typeof route === 'object'
        ? ['The route hook is not asked over HTTP here: only rules and teams decide.']
        : []),
      '',
      simulationTable(report),
      ...(picture === undefined ? [] : ['', `The same as a picture: ${picture}`]),
      '',
    ].join('\n'),
  );
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function wholeNumber(option: string, value: string, most: number): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 1 && number <= most) return number;
  throw new CommandFailed(`${option} is a whole number from 1 to ${most}, not "${value}".`, EXIT.usage);
}

async function readDatabase(config: Config, since: number): Promise<{ accounts: AgentRow[]; past: Arrival[] }> {
  const file = databaseOf(config);
  if (!existsSync(file)) return { accounts: [], past: [] };
  const store = await openSqliteStore({ file });
  try {
    const logs = [];
    for (const { state } of await conversationsSince(store, since)) {
      const { events } = await store.events({ conversation: state.id, count: 'staff', after: 0, limit: MAX_EVENTS });
      logs.push(events.map(staffView));
    }
    return { accounts: await store.agents(), past: arrivalsFromLogs(logs) };
  } finally {
    await store.close();
  }
}

async function conversationsSince(store: Store, since: number): Promise<ConversationRow[]> {
  const found = await store.unresolved();
  for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null; ) {
    const { conversations, cursor } = await store.list({ view: 'resolved', agent: '', before, limit: PAGE });
    found.push(...conversations);
    const oldest = conversations.at(-1)?.state.resolvedAt ?? 0;
    before = oldest < since ? null : cursor;
  }
  return found.filter(({ state }) => state.startedAt >= since);
}

/** Accounts, with what the configuration says of them; those it names without an account answer too. */
function agentsOf({ agents }: Config, accounts: readonly AgentRow[]): AgentInput[] {
  const named = new Map((agents ?? []).map((agent) => [agent.id, agent]));
  const others = accounts.filter(({ id, active, role }) => active && role !== 'bot' && !named.has(id));
  return [...named.values(), ...others.map(({ id, teams, capacity }): AgentInput => ({ id, teams, capacity }))];
}

/** Eight hours of a Wednesday that is over, from nine on (UTC): visitors of all sites, of whom some come again. */
function madeUpDay({ sites }: Config, seed: number): Arrival[] {
  const today = Math.floor(systemClock.now() / DAY);
  // Day 6 since 1970-01-01 was a Wednesday.
  let at = (today - ((today - 6) % 7)) * DAY - 7 * DAY + 9 * HOUR;
  return Array.from({ length: MADE_UP }, (_, i): Arrival => {
    at += delay((8 * HOUR) / MADE_UP, chance(seed, 'gap', i));
    const site = sites[i % sites.length];
    return {
      id: `made-up-${i}`,
      at,
      visitor: `visitor-${Math.floor(chance(seed, 'visitor', i) * MADE_UP)}`,
      team: site?.team ?? '',
      site: site?.key ?? '',
      patienceMs: delay(PATIENCE_MS, chance(seed, 'patience', i)),
      handleMs: delay(HANDLE_MS, chance(seed, 'handle', i)),
    };
  });
}
