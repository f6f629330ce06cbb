import type { Invariant } from './history.ts';
import { type Plan, planOf } from './plan.ts';
import { play, type WorldPlant } from './world.ts';

export interface SeedReport {
  played: number;
  events: number;
  virtualSeconds: number;
  cpuSeconds: number;
  /** By seed, with the first promise that was broken in it. */
  broken: { seed: number; invariant: Invariant; detail: string; all: Invariant[] }[];
}

/** Plays `count` worlds, one after the other. */
export async function playSeeds(options: {
  from: number;
  count: number;
  /** @default 1 */
  nodes?: number;
  plant?: WorldPlant;
  stopAtFirst?: boolean;
}): Promise<SeedReport> {
  const { from, count, nodes = 1, plant = {}, stopAtFirst = false } = options;
  const started = process.cpuUsage();
  const used = (): number => {
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1_000;
  };
  const report: SeedReport = { played: 0, events: 0, virtualSeconds: 0, cpuSeconds: 0, broken: [] };
  for (let seed = from; seed < from + count; seed++) {
    const { violations, events, virtualMs } = await play(planOf(seed, nodes), { plant });
    report.played += 1;
    report.events += events;
    report.virtualSeconds += virtualMs / 1_000;
    const [first] = violations;
    if (first === undefined) continue;
    const all = [...new Set(violations.map(({ invariant }) => invariant))];
    report.broken.push({ seed, invariant: first.invariant, detail: first.detail, all });
    if (stopAtFirst) break;
  }
  report.cpuSeconds = used() / 1_000;
  return report;
}

/** Tries to play the same with less; each try is a whole world. */
const MAX_TRIES = 400;

/**
 * The smallest plan found that still breaks this promise: fewer steps (halves, quarters … single ones, again and again), then nobody who is not needed,
 * then the simplest world around them.
 */
export async function shrink(plan: Plan, invariant: Invariant, plant: WorldPlant = {}): Promise<Plan> {
  let best = plan;
  let tries = 0;
  const stillBreaks = async (smaller: Plan): Promise<boolean> => {
    if (++tries > MAX_TRIES) return false;
    const { violations } = await play(smaller, { plant });
    if (!violations.some((violation) => violation.invariant === invariant)) return false;
    best = smaller;
    return true;
  };

  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let place = 0; place < best.steps.length; ) {
      const steps = best.steps.filter((_, index) => index < place || index >= place + size);
      if (!(await stillBreaks({ ...best, steps }))) place += size;
    }
  }
  for (const visitor of best.visitors.slice(1))
    await stillBreaks({
      ...best,
      visitors: best.visitors.filter((name) => name !== visitor),
      steps: best.steps.filter(({ who }) => who !== visitor),
    });
  for (const agent of best.agents.slice(1))
    await stillBreaks({
      ...best,
      agents: best.agents.filter((id) => id !== agent),
      steps: best.steps.filter(({ who }) => who !== agent),
    });
  const simpler: Partial<Plan>[] = [
    { bot: false },
    { strategy: 'manual' },
    { hookFails: 0 },
    { delayMs: 2 },
    { disk: { writeMs: 0, syncMs: 1, readMs: 0 } },
  ];
  for (const change of simpler) await stillBreaks({ ...best, ...change });
  return best;
}
