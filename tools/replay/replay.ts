import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check, type Played, type Verdict } from './check.ts';
import { openCuttingProxy } from './cutting-proxy.ts';
import { hire } from './hire.ts';
import { createRandom, type Random } from './random.ts';
import { createRelayProcess, freePort, type RelayProcess } from './relay-process.ts';
import type { Script } from './scripts.ts';
import { fetchOf, socketsOf } from './site-socket.ts';
import { openStaff, pause, type Staff } from './staff.ts';
import { storedMessages } from './stored-messages.ts';
import { type Acked, createVisitor } from './visitor.ts';

export interface ReplayOptions {
  scripts: readonly Script[];
  /** Conversations at a time. */
  parallel: number;
  /** How often the relay is killed and started again. */
  kills: number;
  seed: number;
  /** Everything must be said by then; what was not counts as not identical. */
  deadlineMs: number;
  /** What happens meanwhile, for whoever watches. */
  tell?: (news: string) => void;
}

export interface ReplayResult extends Verdict {
  kills: number;
  /** Connections that were broken, those that ended with the relay not counted. */
  cuts: number;
  /** Messages that went up again because their ack did not come. */
  resends: number;
  seconds: number;
}

const site = 'pk_replay_shop';
const origin = 'https://shop.example';
const wrapUp = 'done';
/** One agent answers this many conversations at a time. */
const perAgent = 5;
/** A connection breaks after about this time: many times in one conversation, and seldom before it had a moment to work. */
const lifeMs = 6_000;
/** One visitor of this many sits behind something that blocks WebSockets. */
const httpOneIn = 5;
/** People think a second and type five characters a second, and nobody types for more than half a minute; here they do it this many times faster. */
const speed = 100;
const longestTypingMs = 30_000;
const thinkingMs = (text: string, random: Random): number =>
  ((1_000 + Math.min(text.length * 200, longestTypingMs)) * (0.5 + random.next())) / speed;

/** Plays every script through a relay that is killed and a network that breaks, and holds what is stored against what was said. */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const { scripts, parallel, kills, tell = () => {} } = options;
  const startedAt = performance.now();
  const random = createRandom(options.seed);
  const folder = mkdtempSync(join(tmpdir(), 'sveiki-replay-'));
  const ends = new AbortController();
  const { signal } = ends;
  const deadline = setTimeout(
    () => ends.abort(new Error('The time for the whole replay is over.')),
    options.deadlineMs,
  );
  let relay: RelayProcess | null = null;
  let proxy: Awaited<ReturnType<typeof openCuttingProxy>> | null = null;
  try {
    const port = await freePort();
    proxy = await openCuttingProxy({ target: port, lifeMs, random: random.fork() });
    const server = `http://127.0.0.1:${proxy.port}`;
    const database = join(folder, 'sveiki.db');
    const codes = await hire(database, {
      count: Math.max(2, Math.ceil(parallel / perAgent)),
      team: 'sales',
      capacity: perAgent,
    });
    const config = join(folder, 'sveiki.config.json');
    writeFileSync(config, JSON.stringify(configOf({ port, folder, publicUrl: server })));
    const killed = createRelayProcess({ config, port });
    relay = killed;
    await killed.start();

    const { Socket, resends } = socketsOf(origin);
    const staff = await openStaff({
      server,
      Socket: socketsOf(server).Socket,
      codes,
      atOnce: perAgent + 1,
      wrapUp,
      random: random.fork(),
      signal,
    });
    proxy.startCutting();
    const turns = scripts.reduce((sum, script) => sum + script.turns.length, 0);
    const killer = createKiller({ relay: killed, kills, turns, random: random.fork(), signal, tell });
    const played: Played[] = [];
    const waiting = scripts.map((script) => ({ script, random: random.fork() }));
    const playNext = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const transport = next.random.whole(httpOneIn) === 0 ? 'http' : 'websocket';
        const visitor = {
          server,
          site,
          Socket,
          fetch: fetchOf(origin),
          transport,
          random: next.random,
          signal,
        } as const;
        played.push(await play({ ...next, visitor, staff, signal, turnDone: killer.turnDone, tell }));
        if (played.length % 50 === 0) tell(`${played.length} of ${scripts.length} conversations`);
      }
    };
    await Promise.all(Array.from({ length: parallel }, playNext));
    proxy.stopCutting();
    await killer.done();
    await staff.leave();
    await killed.stop();
    const verdict = check(played, storedMessages(database));
    return {
      ...verdict,
      kills: killer.kills,
      cuts: proxy.cuts,
      resends: resends.count,
      seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    };
  } finally {
    clearTimeout(deadline);
    ends.abort(new Error('The replay has ended.'));
    await relay?.kill();
    await proxy?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One conversation from its first word to its end: a turn is said when the one before it was received by the other side. */
async function play(parts: {
  script: Script;
  random: Random;
  visitor: Parameters<typeof createVisitor>[0];
  staff: Staff;
  signal: AbortSignal;
  turnDone: () => void;
  tell: (news: string) => void;
}): Promise<Played> {
  const { script, random, staff, signal, turnDone, tell } = parts;
  const visitor = createVisitor(parts.visitor);
  const acked: Acked[] = [];
  let conversation: string | null = null;
  let screens: Played['screens'] = null;
  try {
    for (const [i, { role, text }] of script.turns.entries()) {
      await pause(thinkingMs(text, random), signal);
      if (role === 'visitor' || conversation === null) {
        const ack = await visitor.say(text);
        acked.push(ack);
        conversation ??= ack.conversation;
        await staff.sees(conversation, i + 1);
      } else {
        acked.push(await staff.say(conversation, text));
        await visitor.sees(i + 1);
        visitor.markRead();
      }
      turnDone();
    }
    if (conversation !== null) {
      await visitor.sees(script.turns.length);
      screens = { visitor: visitor.shown(), agent: await staff.sees(conversation, script.turns.length) };
      await staff.resolve(conversation);
    }
  } catch (error) {
    tell(
      `${script.id} (${conversation}) stopped after ${acked.length} of ${script.turns.length} turns: ${(error as Error).message}`,
    );
  } finally {
    await visitor.leave();
  }
  return { script, conversation, acked, screens };
}

/** Kills the relay when the next share of all turns was said, and starts it again a moment later. */
function createKiller(parts: {
  relay: RelayProcess;
  kills: number;
  turns: number;
  random: Random;
  signal: AbortSignal;
  tell: (news: string) => void;
}) {
  const { relay, kills, turns, random, signal, tell } = parts;
  let said = 0;
  let due = 0;
  let done = 0;
  let running = Promise.resolve();
  const killOnce = async (): Promise<void> => {
    await pause(random.next() * 100, signal);
    await relay.kill();
    await pause(100 + random.next() * 400, signal);
    if (signal.aborted) return;
    await relay.start();
    done++;
    tell(`The relay was killed and started again (${done} of ${kills}).`);
  };
  return {
    turnDone(): void {
      said++;
      while (due < kills && said >= (turns * (due + 1)) / (kills + 1)) {
        due++;
        running = running.then(killOnce);
        // Heard by `done`; until then it must not count as unhandled.
        running.catch(() => {});
      }
    },
    done: () => running,
    get kills() {
      return done;
    },
  };
}

function configOf({ port, folder, publicUrl }: { port: number; folder: string; publicUrl: string }): object {
  return {
    host: '127.0.0.1',
    port,
    dataDir: folder,
    publicUrl,
    logLevel: 'error',
    sites: [{ key: site, name: 'Shop', origins: [origin], team: 'sales' }],
    teams: [{ id: 'sales', name: 'Sales', strategy: 'manual' }],
    wrapUpCodes: [{ id: wrapUp, name: 'Done' }],
    // A hundred people who type a hundred times too fast, all from one address.
    rateFactor: 10_000,
  };
}
