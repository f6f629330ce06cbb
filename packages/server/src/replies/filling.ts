import type { AskedReplyValue, ReplyMark, ReplyProblem } from '@sveiki/protocol';
import type { Config } from '../config-types.ts';
import { askedValues, renderReply } from '../domain/canned-replies/render.ts';
import type { CannedReplyVariable, VariableSource } from '../domain/canned-replies/reply.ts';
import type { Mark } from '../domain/canned-replies/search.ts';
import { fold, wordsOf } from '../domain/canned-replies/words.ts';
import type { AgentRow, ConversationRow, Store } from '../ports.ts';

/** How a body becomes words in one conversation: where values come from, what has to be asked, and how it is shown before. */

type Sources = Partial<Record<VariableSource, string | null>>;

export async function sourcesOf(
  { site, state }: ConversationRow,
  agent: Pick<AgentRow, 'name'>,
  config: Pick<Config, 'sites'>,
  store: Pick<Store, 'visitor'>,
): Promise<Sources> {
  const visitor = await store.visitor(state.visitor.id);
  return {
    'visitor.name': state.visitor.name,
    // Only an address that the site itself has vouched for.
    'visitor.email': visitor?.externalId ? visitor.email : null,
    'agent.name': agent.name,
    'conversation.id': state.id,
    'site.name': config.sites.find(({ key }) => key === site)?.name ?? null,
    'team.name': state.team?.name ?? null,
  };
}

type Filled =
  | { ok: true; text: string }
  | { ok: false; missing: readonly { name: string; label: string }[]; problems: ReplyProblem[] };

/** The Markdown of a message. */
export function fillIn(
  body: string,
  variables: readonly CannedReplyVariable[],
  sources: Sources,
  answers: Readonly<Record<string, string>>,
): Filled {
  const rendered = renderReply({ body, variables, sources, answers, target: 'text' });
  if (rendered.ok) return rendered;
  const tooLong = rendered.missing.flatMap(({ name, label, why }): ReplyProblem[] =>
    why === 'too-long' ? [{ path: name, problem: `"${label}" is too long.`, fix: 'Shorten it.' }] : [],
  );
  const wrong = rendered.errors.map(({ line, column, problem, fix }) => ({
    path: 'body',
    problem: `Line ${line}, column ${column}: ${problem}`,
    fix,
  }));
  return {
    ok: false,
    missing: rendered.missing.filter(({ why }) => why === 'empty'),
    problems: [...tooLong, ...wrong],
  };
}

/** Everything that can be typed into a body, and what must be, because nothing else knows it here. */
export function askedIn(body: string, variables: readonly CannedReplyVariable[], filled: Filled): AskedReplyValue[] {
  const missing = new Map(filled.ok ? [] : filled.missing.map(({ name, label }) => [name, label]));
  const asked = askedValues(body, variables).map(
    ({ name, label, required, default: usual }): AskedReplyValue => ({
      name,
      ask: label,
      // What is known by itself is no question that holds anybody up.
      required: required && (filled.ok ? false : missing.has(name)),
      default: usual,
    }),
  );
  for (const { name } of asked) missing.delete(name);
  return [...asked, ...Array.from(missing, ([name, ask]) => ({ name, ask, required: true, default: '' }))];
}

/** Questions under conditions come out one after the other; more rounds than a body can be deep are never needed. */
const MAX_ROUNDS = 5;

/** A reply before it is chosen: plain text, with `[the question]` where something is asked, and the words that answer the query. */
export function previewOf(
  body: string,
  variables: readonly CannedReplyVariable[],
  sources: Sources,
  marks: readonly Mark[],
): { text: string; marks: ReplyMark[] } {
  const answers: Record<string, string> = {};
  let text = '';
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const rendered = renderReply({ body, variables, sources, answers, target: 'mail' });
    if (rendered.ok) {
      text = rendered.text;
      break;
    }
    if (rendered.missing.length === 0) break;
    for (const { name, label } of rendered.missing) answers[name] = `[${label}]`;
  }
  const terms = new Set(
    marks.flatMap(({ field, start, end }) => (field === 'body' ? [fold(body.slice(start, end))] : [])),
  );
  const found = terms.size === 0 ? [] : wordsOf(text).filter(({ term }) => terms.has(term));
  return { text, marks: found.map(({ start, end }) => ({ field: 'preview', start, end })) };
}
