import { cleanValue, escapeMarkdown } from './escape.ts';
import { CANNED_REPLY_LIMITS, type CannedReplyVariable, VARIABLE_SOURCES, type VariableSource } from './reply.ts';
import { toHtml, toMailText } from './targets.ts';
import { parseTemplate, type TemplateError, type TemplateNode } from './template.ts';

export interface RenderInput {
  body: string;
  variables: readonly CannedReplyVariable[];
  /** What is known. Absent, null and empty are the same. */
  sources: Readonly<Partial<Record<VariableSource, string | null>>>;
  /** What the agent typed, by the name of the value. It comes before what is known. */
  answers: Readonly<Record<string, string>>;
  /** `text`: our Markdown source, as it is put into a message; `html`: elements without any attribute but `href`, `rel` and `start`; `mail`: plain text. */
  target: 'text' | 'html' | 'mail';
}

/** A value that has to be typed before the reply can be sent. `name` is its key in `answers`. */
export interface MissingValue {
  name: string;
  label: string;
  why: 'empty' | 'too-long';
}

export type Rendered =
  | { ok: true; text: string }
  /** Nothing may be sent. Either list can be empty, never both. */
  | { ok: false; missing: MissingValue[]; errors: TemplateError[] };

/** A body with its values in. Values stand for themselves in every target: none of them becomes markup, a link, or a template. */
export function renderReply({ body, variables, sources, answers, target }: RenderInput): Rendered {
  const parsed = parseTemplate(
    body,
    variables.map(({ name }) => name),
  );
  if (!parsed.ok) return { ok: false, missing: [], errors: parsed.errors };
  const lookUp = createLookUp(variables, sources, answers);
  const missing = new Map<string, MissingValue>();
  let text = '';
  const write = (nodes: readonly TemplateNode[]): void => {
    for (const node of nodes) {
      if (node.kind === 'text') text += node.text;
      else if (node.kind === 'if') write(lookUp(node.name, '') === '' ? node.otherwise : node.content);
      else {
        const value = lookUp(node.name, node.default ?? '');
        const label = labelOf(node, variables);
        if (value.length > CANNED_REPLY_LIMITS.maxValueChars) {
          missing.set(node.name, { name: node.name, label, why: 'too-long' });
        } else if (value !== '') text += escapeMarkdown(value, text);
        else if (node.default === null && isRequired(node.name, variables)) {
          missing.set(node.name, { name: node.name, label, why: 'empty' });
        }
      }
    }
  };
  write(parsed.nodes);
  if (missing.size > 0) return { ok: false, missing: [...missing.values()], errors: [] };
  return { ok: true, text: target === 'text' ? text : target === 'html' ? toHtml(text) : toMailText(text) };
}

/** Everything in a body that is put in by the agent, in order, for a form before it is inserted; what he may leave empty is not required. */
export interface AskedValue {
  name: string;
  label: string;
  default: string;
  required: boolean;
}

/** The questions of a body: its `{{ask:…}}`, and its variables that have `ask` or nowhere else to come from. Empty for a body with errors. */
export function askedValues(body: string, variables: readonly CannedReplyVariable[]): AskedValue[] {
  const parsed = parseTemplate(
    body,
    variables.map(({ name }) => name),
  );
  const asked = new Map<string, AskedValue>();
  /** `held`: names that are known to have a value here, because of the conditions around. */
  const collect = (nodes: readonly TemplateNode[], held: readonly string[]): void => {
    for (const node of nodes) {
      if (node.kind === 'text') continue;
      const declared = variables.find(({ name }) => name === node.name);
      const isAsked =
        node.name.startsWith('ask:') ||
        (declared !== undefined && (declared.ask !== undefined || declared.source === undefined));
      if (isAsked) {
        const before = asked.get(node.name);
        const fallback = (node.kind === 'value' ? node.default : null) ?? declared?.default ?? null;
        const isFree = node.kind === 'if' || fallback !== null || held.includes(node.name);
        asked.set(node.name, {
          name: node.name,
          label: before?.label ?? labelOf(node, variables),
          default: before?.default || (fallback ?? ''),
          required: before?.required === true || (!isFree && isRequired(node.name, variables)),
        });
      }
      if (node.kind === 'if') {
        collect(node.content, [...held, node.name]);
        collect(node.otherwise, held);
      }
    }
  };
  if (parsed.ok) collect(parsed.nodes, []);
  return [...asked.values()];
}

function createLookUp(
  variables: readonly CannedReplyVariable[],
  sources: RenderInput['sources'],
  answers: RenderInput['answers'],
): (name: string, fallback: string) => string {
  const isSource = (name: string): name is VariableSource => (VARIABLE_SOURCES as readonly string[]).includes(name);
  // Answers come from a wire: only their own keys count, so that `constructor` is no value.
  const answer = (name: string): string => (Object.hasOwn(answers, name) ? cleanValue(answers[name] ?? '') : '');
  const known = (source: VariableSource): string =>
    Object.hasOwn(sources, source) ? cleanValue(sources[source] ?? '') : '';
  return (name, fallback) => {
    const declared = variables.find((variable) => variable.name === name);
    const source = declared?.source ?? (isSource(name) ? name : undefined);
    const found = answer(name) || (source === undefined ? '' : known(source));
    return found || cleanValue(fallback) || cleanValue(declared?.default ?? '');
  };
}

function labelOf(node: { name: string; label?: string | null }, variables: readonly CannedReplyVariable[]): string {
  return node.label ?? variables.find(({ name }) => name === node.name)?.ask ?? node.name;
}

function isRequired(wanted: string, variables: readonly CannedReplyVariable[]): boolean {
  return variables.find(({ name }) => name === wanted)?.required ?? true;
}
