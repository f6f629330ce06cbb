import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** What a day is made from: how people write and wait, and what they come with. */
export interface Rhythm {
  /** Seconds between one message and the next, whoever wrote them. */
  gaps: readonly number[];
  /** Seconds until a visitor answers an agent. */
  answers: readonly number[];
  /** Characters of a visitor's and of an agent's message. */
  visitorChars: readonly number[];
  agentChars: readonly number[];
  openings: readonly Opening[];
}

/** The first words of a conversation that say what it is about, and how many messages its visitor wrote. */
export interface Opening {
  text: string;
  topic: string;
  messages: number;
}

const data = resolve(import.meta.dirname, '../../../shared/data');
const timing = resolve(data, 'timing/support-timing.jsonl');
const single = resolve(data, 'bitext27/train.jsonl');
const talks = ['airline', 'fastfood', 'finance', 'insurance', 'media', 'software'].map((domain) =>
  resolve(data, `multidogo/${domain}-dev.jsonl`),
);
/** Labels of turns that do not say what a conversation is about. */
const SMALL_TALK = new Set([
  'openinggreeting',
  'closinggreeting',
  'thankyou',
  'confirmation',
  'rejection',
  'contentonly',
]);

/** The recordings beside this checkout when they are there, else a small rhythm of our own. */
export function readRhythm(): { rhythm: Rhythm; source: string } {
  const files = [timing, single, ...talks];
  if (!files.every((file) => existsSync(file))) return { rhythm: ownRhythm, source: 'a rhythm of our own' };
  return {
    rhythm: { ...readTiming(timing), openings: [...readSingles(single), ...talks.flatMap(readTalks)] },
    source: 'recorded rhythm and texts',
  };
}

function lines(file: string): { value: Record<string, unknown>; place: string }[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, index) => {
      if (line.trim() === '') return [];
      const place = `${file}:${index + 1}`;
      try {
        return [{ value: JSON.parse(line) as Record<string, unknown>, place }];
      } catch (cause) {
        throw new Error(`${place}: this is not JSON. Write one object a line.`, { cause });
      }
    });
}

function readTiming(file: string): Omit<Rhythm, 'openings'> {
  const found = {
    gaps: [] as number[],
    answers: [] as number[],
    visitorChars: [] as number[],
    agentChars: [] as number[],
  };
  for (const { value, place } of lines(file)) {
    if (!Array.isArray(value['turns'])) throw new Error(`${place}: a conversation has "turns".`);
    let before: { role: string; at: number } | null = null;
    for (const [role, characters, at] of value['turns'] as [string, number, number][]) {
      (role === 'agent' ? found.agentChars : found.visitorChars).push(characters);
      // Some clocks of the recording stepped back.
      if (before !== null && at > before.at) {
        found.gaps.push(at - before.at);
        if (before.role === 'agent' && role === 'visitor') found.answers.push(at - before.at);
      }
      before = { role, at };
    }
  }
  return found;
}

function readSingles(file: string): Opening[] {
  return lines(file).map(({ value }) => ({ text: String(value['text']), topic: String(value['label']), messages: 2 }));
}

function readTalks(file: string): Opening[] {
  const talks = new Map<unknown, { text: string; topic: string | null; messages: number }>();
  for (const { value } of lines(file)) {
    const talk = talks.get(value['conv']) ?? { text: '', topic: null, messages: 0 };
    const topic = String(value['label'])
      .split('<div>')
      .find((label) => /^[a-z]+$/.test(label) && !SMALL_TALK.has(label));
    talks.set(value['conv'], {
      text: talk.topic === null && topic !== undefined ? String(value['text']) : talk.text,
      topic: talk.topic ?? (topic === 'outofdomain' ? 'unknown' : (topic ?? null)),
      messages: talk.messages + 1,
    });
  }
  return [...talks.values()].flatMap(({ text, topic, messages }) =>
    topic === null || text === '' ? [] : [{ text, topic, messages }],
  );
}

/** Written for this tool: enough to see a day where the recordings are not at hand. */
export const ownRhythm: Rhythm = {
  gaps: [20, 45, 60, 90, 150, 240, 400, 700, 1200, 2400, 5000, 9000, 15_000, 30_000],
  answers: [15, 60, 200, 500, 900, 2000, 6000],
  visitorChars: [20, 45, 80, 120, 180, 240],
  agentChars: [60, 110, 160, 200, 260],
  openings: [
    { text: 'My parcel was to come on Monday and did not', topic: 'track_order', messages: 4 },
    { text: 'Please add two more cups to what I ordered', topic: 'change_order', messages: 5 },
    { text: 'Is there still a window seat on the morning flight', topic: 'changeseatassignment', messages: 7 },
    { text: 'You charged me twice in October', topic: 'payment_issue', messages: 6 },
    { text: 'When does my money come back', topic: 'track_refund', messages: 3 },
    { text: 'I think I left my card in the taxi', topic: 'reportlostcard', messages: 8 },
    { text: 'Did you look at the photos of my broken phone', topic: 'checkclaimstatus', messages: 7 },
    { text: 'The new version closes as soon as I open it', topic: 'reportbrokensoftware', messages: 9 },
    { text: 'I do not get the mail with the new password', topic: 'recover_password', messages: 4 },
    { text: 'Nobody called back although you promised', topic: 'complaint', messages: 6 },
    { text: 'something about my invoice', topic: 'unknown', messages: 5 },
  ],
};
