import type { Arrival } from '../../packages/server/src/simulate.ts';
import { createRandom, type Random } from '../replay/random.ts';
import type { Rhythm } from './rhythm.ts';

const HOUR = 3_600_000;
/** How busy each hour of the day is: a quiet night, a morning, a long afternoon, an evening at home. */
const HOURS = [2, 1, 1, 1, 1, 2, 4, 7, 11, 14, 15, 15, 13, 13, 14, 14, 13, 12, 11, 12, 12, 9, 6, 4];
const LANGUAGES: readonly (readonly [language: string, share: number])[] = [
  ['en', 0.55],
  ['ru-LV', 0.25],
  ['lv-LV', 0.2],
];
const RETURNING = 0.15;
/** Public posts are answered after hours, chats at once: the recorded answers pass so much faster, and take this long at most. */
const FASTER = 20;
const LONGEST_ANSWER_S = 90;
const READ_CHARS_PER_S = 30;
const TYPE_CHARS_PER_S = 6;
const WRAP_UP_S = 30;
const SHORTEST_PATIENCE_S = 20;
const MEAN_PATIENCE_S = 300;

/**
 * A day of conversations. When they come: recorded gaps, one after the other, stretched so that the hours are as busy as `HOURS` says. How long they
 * take: for every message of the visitor, reading it and typing an answer at the speed of people, with recorded lengths, and waiting for what the
 * visitor says next. Languages, patience and who comes again are drawn by us.
 */
export function arrivalsOf(
  { gaps, answers, visitorChars, agentChars, openings }: Rhythm,
  { count, seed, from }: { count: number; seed: number; from: number },
): Arrival[] {
  const random = createRandom(seed);
  const steps = Array.from({ length: count + 1 }, () => random.pick(gaps));
  const whole = steps.reduce((sum, gap) => sum + gap, 0);
  const arrivals: Arrival[] = [];
  let passed = 0;
  for (let index = 0; index < count; index++) {
    passed += steps[index] ?? 0;
    const { text, topic, messages } = random.pick(openings);
    let handleS = WRAP_UP_S;
    for (let message = 0; message < messages; message++) {
      handleS += random.pick(visitorChars) / READ_CHARS_PER_S + random.pick(agentChars) / TYPE_CHARS_PER_S;
      if (message > 0) handleS += Math.min(LONGEST_ANSWER_S, random.pick(answers) / FASTER);
    }
    const known = random.chance(RETURNING) && arrivals.length > 0 ? random.pick(arrivals) : null;
    const language = languageOf(random);
    arrivals.push({
      id: `c${String(index + 1).padStart(5, '0')}`,
      at: Math.round(from + timeOfDay(passed / whole)),
      visitor: known?.visitor ?? `v${index + 1}`,
      team: 'support',
      site: 'shop',
      language: known?.language ?? language,
      topic,
      text,
      patienceMs: Math.round((SHORTEST_PATIENCE_S - Math.log(1 - random.next()) * MEAN_PATIENCE_S) * 1000),
      handleMs: Math.round(handleS * 1000),
    });
  }
  return arrivals;
}

/** The time by which this part of a day's conversations has come. */
function timeOfDay(part: number): number {
  const whole = HOURS.reduce((sum, busy) => sum + busy, 0);
  let left = part * whole;
  for (const [hour, busy] of HOURS.entries()) {
    if (left < busy) return (hour + left / busy) * HOUR;
    left -= busy;
  }
  return HOURS.length * HOUR - 1;
}

function languageOf(random: Random): string {
  let left = random.next();
  for (const [language, share] of LANGUAGES) {
    if (left < share) return language;
    left -= share;
  }
  return 'en';
}
