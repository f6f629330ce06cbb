import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export type Role = 'visitor' | 'agent';

/** One recorded conversation: who said what, in order. */
export interface Script {
  id: string;
  turns: readonly { role: Role; text: string }[];
}

const here = import.meta.dirname;
const recorded = ['sgd', 'taskmaster4'].map((name) => resolve(here, '../../../shared/data', name, 'dialogues.jsonl'));

/** The recordings beside this checkout when they are there, else the conversations that come with it. */
export function defaultFiles(): string[] {
  return recorded.every((file) => existsSync(file)) ? recorded : [ownScript];
}

export const ownScript = join(here, 'own-script.jsonl');

/** Reads JSON lines of `{ id, turns: [[role, text], …] }`. @throws Error naming file and line */
export function readScripts(files: readonly string[]): Script[] {
  return files.flatMap((file) => {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.flatMap((line, index) => (line.trim() === '' ? [] : parseScript(line, `${file}:${index + 1}`)));
  });
}

function parseScript(line: string, place: string): Script {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new Error(`${place}: this is not JSON. Write one object a line.`, { cause });
  }
  const { id, turns } = (value ?? {}) as { id?: unknown; turns?: unknown };
  if (typeof id !== 'string' || !Array.isArray(turns) || turns.length === 0) {
    throw new Error(`${place}: a conversation is { "id": "…", "turns": [["visitor", "…"], …] }.`);
  }
  const read = turns.map((turn: unknown) => {
    const [role, text] = Array.isArray(turn) ? (turn as unknown[]) : [];
    if ((role !== 'visitor' && role !== 'agent') || typeof text !== 'string' || text.trim() === '') {
      throw new Error(`${place}: a turn is ["visitor" or "agent", "what was said"], and never empty.`);
    }
    return { role, text } as const;
  });
  if (read[0]?.role !== 'visitor') {
    throw new Error(`${place}: ${id} begins with the agent. Conversations are begun by visitors.`);
  }
  return { id, turns: read };
}
