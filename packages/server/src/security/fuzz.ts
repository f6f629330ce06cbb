import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FROM_CLIENT, FROM_SERVER, type FromClient, type FromServer, LIMITS } from '@sveiki/protocol';
import * as v from 'valibot';
import { createInProcessBus } from '../bus/in-process/in-process-bus.ts';
import { maySendFrame, visitorMaySend } from '../domain/access.ts';
import { silentLog } from '../log.ts';
import { noMetrics } from '../metrics.ts';
import type { Ids, Store } from '../ports.ts';
import { createRelay, type Relay, type Session } from '../relay.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { CONFIG, standingClock, turn } from '../testing/relay-under-test.ts';
import { type Chance, chanceOf, frameOf, hostileText, type Pool } from './random-frames.ts';

/** What came of it. `problems` is empty when the relay did as it promises. */
export interface FuzzReport {
  seed: number;
  frames: number;
  /** Frames the relay sent, all of them checked against their schemas. */
  answers: number;
  /** Commands that were done. */
  done: number;
  lines: number;
  problems: string[];
  /** Growth of the heap from after the first life to after the last, collected each time; null without `collect`. */
  heapGrowthBytes: number | null;
}

/** Frames one relay hears before another one takes its place. */
const FRAMES_A_LIFE = 10_000;
const FRAMES_A_TURN = 25;
const FRAMES_UNTIL_A_GOOD_CLIENT = 1_000;
const MAX_PROBLEMS = 10;
const WHO = ['visitor', 'visitor', 'visitor', 'ada', 'ada', 'cleo', 'faq', 'drafter', 'nobody'] as const;
const VISITORS = WHO.filter((who) => who === 'visitor').length;
type Who = (typeof WHO)[number];

const BOTS = [
  { id: 'faq', name: 'Faq', drafts: false, code: null, tokenHash: null },
  { id: 'drafter', name: 'Drafter', drafts: true, code: null, tokenHash: null },
];

/** Frames of the sessions that were recorded for the protocol, with names that are known here. */
function recordedFrames(): string[] {
  const folder = join(import.meta.dirname, '../../../protocol/sessions');
  return readdirSync(folder)
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
    .flatMap((line) => /^\w+>\s*(\{.*\})$/.exec(line)?.[1] ?? []);
}

/**
 * Frames of people who mean no good, and of confused clients, into the whole core: memory store, standing clock, no limits that would keep them
 * out. The same seed tells the same story.
 */
export async function fuzz(options: { seed: number; frames: number; collect?: () => number }): Promise<FuzzReport> {
  const { seed, frames, collect } = options;
  const chance = chanceOf(seed);
  const recorded = recordedFrames();
  const report: FuzzReport = {
    ...{ seed, frames: 0, answers: 0, done: 0, lines: 0, problems: [] },
    heapGrowthBytes: null,
  };
  let heapAtFirst: number | null = null;
  while (report.frames < frames && report.problems.length === 0) {
    await live(Math.min(FRAMES_A_LIFE, frames - report.frames), chance, recorded, report);
    const heap = collect?.();
    if (heap === undefined) continue;
    heapAtFirst ??= heap;
    report.heapGrowthBytes = heap - heapAtFirst;
  }
  return report;
}

const TYPES = Object.keys(FROM_CLIENT) as FromClient['type'][];
/** What moves something is said more often, or hardly anything would have happened when the rest comes. */
const OFTEN: readonly FromClient['type'][] = ['send', 'take', 'ask', 'answer', 'transfer', 'handoff'];
const often = (types: readonly FromClient['type'][]): FromClient['type'][] =>
  types.flatMap((type) => (OFTEN.includes(type) ? Array.from({ length: 6 }, () => type) : [type]));
const FRAMES_OF: Readonly<Record<Who, readonly FromClient['type'][]>> = {
  visitor: often(TYPES.filter(visitorMaySend)),
  ada: often(TYPES.filter((type) => maySendFrame('agent', type))),
  cleo: often(TYPES.filter((type) => maySendFrame('lead', type))),
  faq: often(TYPES.filter((type) => maySendFrame('bot', type))),
  drafter: often(TYPES.filter((type) => maySendFrame('bot', type))),
  nobody: TYPES,
};

interface Line {
  who: Who;
  slot: number;
  session: Session | null;
}

async function live(count: number, chance: Chance, recorded: readonly string[], report: FuzzReport): Promise<void> {
  const clock = standingClock();
  const store = await storeWithPeople();
  const bus = createInProcessBus();
  let counter = 0;
  const ids: Ids = {
    next: () => `id-${String(++counter).padStart(8, '0')}`,
    secret: (bytes) => `secret-${++counter}-`.padEnd(Math.ceil((bytes * 4) / 3), 'x'),
  };
  const problem = (what: string): void => {
    if (report.problems.length < MAX_PROBLEMS) report.problems.push(`after ${report.frames} frames: ${what}`);
  };
  const relay = await createRelay({
    ...{ config: { ...CONFIG, bots: BOTS }, store, bus, clock, ids },
    tickets: {
      redeem: async (ticket) => {
        const agent = await store.agent(ticket.replace(/^ticket-/, ''));
        return agent === null ? null : { agent, session: `session-of-${agent.id}` };
      },
    },
    identity: { verify: async () => null },
    limiter: { take: () => 0 },
    // A frame that fails inside is a bug, though its sender is told so and the line lives.
    log: { ...silentLog, error: (fields, message) => problem(`${message} ${describe(fields)}`) },
    metrics: noMetrics,
  });

  /** The ownership that holds, as far as somebody was told. */
  const ownerships = new Map<string, number>();
  let aim = '';
  const sessions = new Map<number, string>();
  let speaker = 0;
  const heard = (slot: number, text: string): void => {
    report.answers++;
    const frame = JSON.parse(text) as FromServer;
    const schema = Object.hasOwn(FROM_SERVER, frame.type) ? FROM_SERVER[frame.type] : null;
    if (schema === null || !v.safeParse(schema as v.GenericSchema, frame).success)
      problem(`sent ${text.slice(0, 2_000)}`);
    if (frame.type === 'ack') report.done++;
    if (frame.type === 'welcome' && frame.role === 'visitor') sessions.set(slot, frame.session);
    if (frame.type === 'update') for (const one of frame.conversations) ownerships.set(one.id, one.ownership);
    if (frame.type === 'nack' && frame.code === 'internal') problem(`sent ${text}`);
  };
  const open = (who: Who, slot: number): Line => {
    const line: Line = { who, slot, session: null };
    report.lines++;
    line.session = relay.openSession({
      send: (text) => heard(slot, text),
      close() {
        const { session } = line;
        line.session = null;
        queueMicrotask(() => session?.closed());
      },
      bufferedBytes: 0,
      remote: {
        address: '192.0.2.7',
        origin: who === 'visitor' || who === 'nobody' ? 'https://shop.example' : 'http://127.0.0.1',
      },
      door: who === 'visitor' || who === 'nobody' ? 'site' : 'desk',
    });
    const hello = helloOf(who, sessions.get(slot));
    if (hello !== null) line.session.receive(JSON.stringify(hello));
    return line;
  };

  const pool: Pool = (path) => {
    switch (path.at(-1)) {
      case 'id':
        return path.length === 1 ? `frame-${String(chance.below(400)).padStart(6, '0')}` : undefined;
      case 'conversation': {
        // A visitor mostly means his own, everybody else anybody's.
        const isVisitor = WHO[speaker] === 'visitor';
        const whose = isVisitor && chance.next() < 0.9 ? speaker : chance.below(VISITORS);
        aim = `conversation-${whose}-${String(chance.next() < 0.9 ? chance.below(3) : chance.below(200)).padStart(4, '0')}`;
        return aim;
      }
      case 'ownership':
        return chance.next() < 0.8 ? (ownerships.get(aim) ?? 1) : chance.below(8);
      case 'wrapUp':
        return chance.of(['answered', 'refund', 'nothing']);
      default:
        return undefined;
    }
  };

  const lines = WHO.map(open);
  await turn();
  for (let n = 1; n <= count && report.problems.length === 0; n++) {
    const i = chance.below(lines.length);
    const line = lines[i] as Line;
    speaker = i;
    if (line.session === null) lines[i] = open(line.who, i);
    else if (chance.next() < 0.002) line.session.closed();
    // Two of three are such that it gets far; the rest is to stop it.
    const text =
      chance.next() < 0.66
        ? JSON.stringify(frameOf(chance, pool, FRAMES_OF[line.who]))
        : hostileText(chance, pool, recorded);
    // What is larger ends the socket before it comes here.
    if (Buffer.byteLength(text) <= LIMITS.maxFrameBytes) {
      report.frames++;
      try {
        lines[i]?.session?.receive(text);
      } catch (error) {
        problem(`threw ${describe({ error })} at ${text.slice(0, 2_000)}`);
      }
    } else report.frames++;
    if (n % FRAMES_A_TURN !== 0) continue;
    await new Promise<void>((done) => setImmediate(done));
    if (chance.next() < 0.05) await clock.advance(chance.below(40_000));
    if (n % FRAMES_UNTIL_A_GOOD_CLIENT === 0) await goodClient(relay, problem, n);
  }
  await relay.settled();
  for (const line of lines) line.session?.closed();
  await relay.stop();
  await store.close();
}

/** Somebody who means well is welcomed and heard, whatever goes on beside him. */
async function goodClient(relay: Relay, problem: (what: string) => void, n: number): Promise<void> {
  const types: string[] = [];
  const session = relay.openSession({
    send: (text) => types.push((JSON.parse(text) as FromServer).type),
    close: (code) => types.push(`closed ${code}`),
    bufferedBytes: 0,
    remote: { address: '192.0.2.8', origin: 'https://shop.example' },
    door: 'site',
  });
  session.receive(JSON.stringify(helloOf('visitor')));
  const conversation = `good-client-${String(n).padStart(8, '0')}`;
  await relay.settled();
  await turn();
  session.receive(
    JSON.stringify({ type: 'send', id: conversation, conversation, blocks: [{ kind: 'text', text: 'Hello' }] }),
  );
  await turn();
  await relay.settled();
  await turn();
  session.closed();
  if (!types.includes('welcome') || !types.includes('ack')) problem(`a good client heard only ${types.join(', ')}`);
}

function helloOf(who: Who, session?: string): object | null {
  if (who === 'nobody') return null;
  const common = { type: 'hello', versions: [1], client: 'fuzz' };
  return who === 'visitor'
    ? { ...common, role: 'visitor', site: 'pk_shop_test', ...(session === undefined ? {} : { session }) }
    : { ...common, role: 'agent', ticket: `ticket-${who}`, lists: true };
}

async function storeWithPeople(): Promise<Store> {
  const store = createMemoryStore();
  for (const [id, role] of [
    ['ada', 'agent'],
    ['cleo', 'lead'],
  ] as const) {
    await store.saveAgent({
      ...{ id, name: id, role, email: `${id}@shop.example`, teams: ['sales', 'billing'], capacity: 100 },
      ...{ presence: 'online', passwordHash: null, active: true, createdAt: 0 },
    });
  }
  return store;
}

function describe(fields: object): string {
  const { error } = fields as { error?: unknown };
  return error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(fields);
}
