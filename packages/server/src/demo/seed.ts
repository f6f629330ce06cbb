import { randomBytes } from 'node:crypto';
import type { ConversationState, OutgoingBlock } from '@sveiki/protocol';
import { Temporal } from 'temporal-polyfill';
import type { Passwords } from '../auth/password.ts';
import type { Schedule } from '../config-types.ts';
import { askBySystem } from '../domain/asking.ts';
import { route, take } from '../domain/assignment.ts';
import { sendable } from '../domain/attaching.ts';
import { openingAt } from '../domain/business-hours.ts';
import { resolve } from '../domain/closing.ts';
import { type Author, type Draft, numberDrafts, type StoredEvent } from '../domain/log.ts';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import { agentNotes, agentSays, visitorSays } from '../domain/sending.ts';
import { builtInForm } from '../domain/surveys/built-in.ts';
import { transfer } from '../domain/transferring.ts';
import { setStatus } from '../domain/waiting.ts';
import { createIds } from '../ids.ts';
import type { AgentRow, FileRow, FileStore, Ids, Store, VisitorRow } from '../ports.ts';
import { borderChart, CHART_HEIGHT, CHART_WIDTH } from './chart.ts';
import { DEMO_PASSWORD, DEMO_SITE, STAFF, type StaffId, TEAMS, WRAP_UP_CODES } from './shop.ts';
import { NOW } from './stories-now.ts';
import { PAST } from './stories-past.ts';
import type { Step, Story } from './story.ts';

const MINUTE = 60_000;
const WEEK = 7 * 24 * 60 * MINUTE;
const REOPEN_WINDOW_MS = 7 * 24 * 60 * MINUTE;

const TITLES: Record<string, string> = {
  'index.html': 'Amber & Wool: knitwear and amber from Riga',
  'cardigan.html': 'Kolka cardigan · Amber & Wool',
  'contact.html': 'Contact · Amber & Wool',
};

/**
 * Fills an empty store with the shop's staff and what was said in the last two weeks. Every event is decided by the rules that hold for live
 * ones. A store with anybody on staff stays as it is; the answer says whether anything was written.
 */
export async function seedDemo(parts: {
  store: Store;
  files: FileStore;
  now: number;
  origin: string;
  passwords: Passwords;
  /** When the shop is open: stories begin then. */
  hours: Schedule;
}): Promise<boolean> {
  const { store, files, now, origin, passwords, hours } = parts;
  if ((await store.agents()).length > 0) return false;
  const passwordHash = await passwords.hash(DEMO_PASSWORD);
  for (const person of Object.values(STAFF)) {
    const row: AgentRow = {
      ...person,
      teams: [...person.teams],
      presence: 'online',
      passwordHash,
      active: true,
      createdAt: now,
    };
    await store.saveAgent(row);
  }
  const dated = [...PAST, ...NOW]
    .map((story) => ({ story, at: beginningOf(story, now, hours) }))
    .sort((a, b) => a.at - b.at);
  // Ids rise with the time they were made at, which for these is in the past.
  let idTime = 0;
  const ids = createIds({ now: () => idTime, after: () => () => {} });
  for (const { story, at } of dated) {
    idTime = at;
    const { batch, sent } = tell(story, at, { ids, origin });
    for (const file of sent) {
      await files.put(file.key, borderChart());
      await store.saveFile(file);
    }
    await store.append(batch);
  }
  return true;
}

/** When it began. The shop was open then: a time that falls on a day off is moved to the day before. */
function beginningOf({ began }: Story, now: number, hours: Schedule): number {
  if ('minutesAgo' in began) return now - began.minutesAgo * MINUTE;
  let day = Temporal.Instant.fromEpochMilliseconds(now)
    .toZonedDateTimeISO(hours.timeZone)
    .subtract({ days: began.daysAgo })
    .withPlainTime(began.at);
  while (!openingAt(hours, day.epochMilliseconds).open) day = day.subtract({ days: 1 });
  return day.epochMilliseconds;
}

/** One conversation as a batch: its events, the state they lead to, its visitor, and how far everybody has read; and the files in it. */
function tell(
  story: Story,
  startedAt: number,
  { ids, origin }: { ids: Ids; origin: string },
): { batch: Parameters<Store['append']>[0]; sent: FileRow[] } {
  const conversation = ids.next();
  const person: VisitorRow = {
    id: ids.next(),
    site: DEMO_SITE,
    name: story.visitor.name,
    email: story.visitor.known?.email ?? null,
    externalId: story.visitor.known?.customer ?? null,
    locale: story.visitor.locale,
    timeZone: story.visitor.timeZone,
    visit: { url: `${origin}/shop/${story.page}`, title: TITLES[story.page] ?? story.page },
    firstSeenAt: startedAt - 3 * MINUTE,
    lastSeenAt: startedAt,
  };
  let state: ConversationState | null = null;
  let at = startedAt;
  const events: StoredEvent[] = [];
  const sent: FileRow[] = [];
  for (const [i, step] of story.steps.entries()) {
    // Nobody answers on the full minute.
    at += step.minutes * MINUTE + (i === 0 ? 0 : ((i * 17 + story.steps.length * 5) % 40) * 1_000);
    const file = step.kind === 'says' && step.picture !== undefined ? pictureOf(step.picture, person, at) : null;
    if (file !== null) sent.push(file);
    const { author, drafts } = decide(step, state, person, { now: at, file });
    const numbered = numberDrafts(state, drafts, { conversation, author, id: ids.next(), at });
    events.push(...numbered.events);
    state = numbered.state;
  }
  if (state === null) throw new Error('A story without steps.');
  if (story.rating !== undefined) {
    const asked = ids.next();
    for (const { author, id, minutes, drafts } of rating(story.rating, state, asked, at)) {
      at += minutes * MINUTE;
      const numbered = numberDrafts(state, drafts, { conversation, author, id, at });
      events.push(...numbered.events);
      state = numbered.state;
    }
  }
  const head = state.publicHead;
  const read = story.readByOwner ?? head;
  const readers = new Set(events.flatMap(({ actor }) => (actor.kind === 'agent' ? [actor.id] : [])));
  const batch = {
    events,
    conversations: [{ site: DEMO_SITE, state, expectedHead: 0 }],
    visitors: [{ ...person, lastSeenAt: at }],
    visitorSessions: [],
    cursors: [
      { conversation, reader: 'visitor', delivered: head, read: head },
      ...[...readers].map((reader) => ({ conversation, reader, delivered: read, read })),
    ],
  };
  return { batch, sent };
}

/** A picture that its visitor uploaded, and sends now. */
function pictureOf(name: string, { id, site }: VisitorRow, now: number): FileRow {
  const size = borderChart().length;
  return {
    ...{ id: randomBytes(18).toString('base64url'), key: randomBytes(16).toString('hex'), site, author: `v:${id}` },
    ...{ name, type: 'image/png', size, width: CHART_WIDTH, height: CHART_HEIGHT },
    ...{ received: size, ready: true, createdAt: now, sent: null },
  };
}

/** How satisfied he was: asked right after the last step, answered four minutes later. */
function rating(
  rated: NonNullable<Story['rating']>,
  state: ConversationState,
  asked: string,
  now: number,
): { author: Author; id: string; minutes: number; drafts: Draft[] }[] {
  const form = builtInForm('csat');
  const survey = { id: 'satisfaction', kind: 'csat' } as const;
  const question = askBySystem(state, { form, survey, until: now + WEEK });
  const steps = [{ author: 's:surveys' as Author, id: asked, minutes: 0, drafts: question }];
  if (rated === 'asked') return steps;
  const { score, comment } = rated;
  const answers = { score, ...(comment === undefined ? {} : { comment }) };
  const body = { kind: 'answered', ask: asked, form: form.id, survey, answers, score, final: true } as const;
  const actor = { kind: 'visitor', id: state.visitor.id } as const;
  return [
    ...steps,
    { author: `v:${state.visitor.id}`, id: `${asked}-a`, minutes: 4, drafts: [{ actor, audience: 'public', body }] },
  ];
}

function decide(
  step: Step,
  before: ConversationState | null,
  person: VisitorRow,
  { now, file }: { now: number; file: FileRow | null },
): { author: Author; drafts: Draft[] } {
  if (step.kind === 'says' && step.who === 'visitor') {
    const result = visitorSays(
      { aimed: before, current: before === null || before.status === 'resolved' ? null : before },
      {
        blocks: [
          ...blocks(step.text),
          ...(file === null ? [] : [{ kind: 'file', id: file.id, text: file.name } as const]),
        ],
        fileOf: () => (file === null ? null : sendable(file, `v:${person.id}`)),
        now,
        reopenWindowMs: REOPEN_WINDOW_MS,
        beginning: {
          team: teamRef(TEAMS[0].id),
          visitor: { id: person.id, name: person.name },
          locale: person.locale,
          visit: person.visit,
        },
        back: null,
        before: [],
      },
    );
    if (isRefusal(result)) throw new Error(`A visitor of the demo was refused: ${result.refused}.`);
    return { author: `v:${person.id}`, drafts: result.drafts };
  }
  if (before === null) throw new Error('A conversation begins with its visitor.');
  const author: Author = step.kind === 'route' ? 's:routing' : `a:${step.who}`;
  const drafts = staffStep(step, before);
  if (isRefusal(drafts)) throw new Error(`${step.who} was refused in the demo: ${drafts.refused}.`);
  return { author, drafts };
}

function staffStep(step: Step, before: ConversationState): Draft[] | Refusal {
  const agent = memberOf(step.who as StaffId);
  switch (step.kind) {
    case 'says':
      return agentSays(before, agent, before.ownership, blocks(step.text));
    case 'note':
      return agentNotes(agent, blocks(step.text));
    case 'take':
      return take(before, agent, before.ownership);
    case 'route': {
      const candidate = {
        ...agent,
        teams: STAFF[step.who].teams,
        available: true,
        load: 1,
        capacity: STAFF[step.who].capacity,
      };
      return route(
        before,
        candidate,
        0,
        `Round robin: next in ${before.team?.name ?? 'turn'}, 1 of ${candidate.capacity}`,
      );
    }
    case 'pass': {
      const target =
        'team' in step.to
          ? ({ kind: 'team', team: teamRef(step.to.team) } as const)
          : ({ kind: 'agent', agent: memberOf(step.to.agent), team: null } as const);
      return transfer(before, agent, before.ownership, target, blocks(step.note));
    }
    case 'wait':
      return setStatus(before, agent, before.ownership, 'waiting');
    case 'resolve':
      return resolve(before, agent, before.ownership, {
        code: step.code,
        known: WRAP_UP_CODES.some(({ id }) => id === step.code),
      });
  }
}

const blocks = (text: string): OutgoingBlock[] => [{ kind: 'text', text }];

function memberOf(id: StaffId) {
  const { name, role } = STAFF[id];
  return { id, name, role };
}

function teamRef(id: string) {
  const team = TEAMS.find((one) => one.id === id);
  if (team === undefined) throw new Error(`There is no team ${id} in the demo.`);
  return { id: team.id, name: team.name };
}
