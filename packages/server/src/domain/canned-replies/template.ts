import { CANNED_REPLY_LIMITS, VARIABLE_SOURCES } from './reply.ts';

/*
 * The language of bodies. It has values and one condition, and nothing that computes: no loops, no calls, no paths into objects. A name is looked up in a
 * list, never on an object, so `__proto__` and `constructor` are only words. What is put in is never read as a template again.
 *
 *   {{visitor.name}}            a source
 *   {{order}}                   a declared variable
 *   {{visitor.name|there}}      with a default; an empty one makes it optional
 *   {{ask:order number}}        asked for when the reply is inserted
 *   {{#if order}}…{{else}}…{{/if}}   by whether there is a value
 *   \{{                         two braces
 */

export type TemplateNode =
  | { kind: 'text'; text: string }
  | {
      kind: 'value';
      name: string;
      /** Of `ask:` only: the words to ask with. */
      label: string | null;
      default: string | null;
    }
  | { kind: 'if'; name: string; content: TemplateNode[]; otherwise: TemplateNode[] };

export interface TemplateError {
  code:
    | 'too-long'
    | 'unclosed-tag'
    | 'empty-tag'
    | 'bad-name'
    | 'unknown-name'
    | 'bad-label'
    | 'default-too-long'
    | 'too-many-tags'
    | 'too-deep'
    | 'unclosed-if'
    | 'unexpected-else'
    | 'unexpected-end';
  /** Both from 1; columns in UTF-16 units, as editors count. */
  line: number;
  column: number;
  problem: string;
  fix: string;
}

export type ParsedTemplate = { ok: true; nodes: TemplateNode[] } | { ok: false; errors: TemplateError[] };

/** More than these help nobody. */
const MAX_ERRORS = 20;

/** What a declared variable may be called. */
export const VARIABLE_NAME = new RegExp(
  `^[\\p{L}][\\p{L}\\p{N}_-]{0,${CANNED_REPLY_LIMITS.maxVariableNameChars - 1}}$`,
  'u',
);
const SOURCES: ReadonlySet<string> = new Set(VARIABLE_SOURCES);

interface OpenIf {
  node: Extract<TemplateNode, { kind: 'if' }>;
  at: number;
  hasElse: boolean;
}

/** Reads a body. Linear in its length, and bounded by `CANNED_REPLY_LIMITS`. `declared` are the names of the reply's own variables. */
export function parseTemplate(source: string, declared: Iterable<string> = []): ParsedTemplate {
  const { maxBodyChars, maxTags, maxDepth } = CANNED_REPLY_LIMITS;
  const errors: TemplateError[] = [];
  const fail = (code: TemplateError['code'], at: number, problem: string, fix: string): void => {
    if (errors.length < MAX_ERRORS) errors.push({ code, ...placeOf(source, at), problem, fix });
  };
  if (source.length > maxBodyChars) {
    fail('too-long', maxBodyChars, `The text has ${source.length} characters.`, `Keep it to ${maxBodyChars}.`);
    return { ok: false, errors };
  }
  const names = new Set([...VARIABLE_SOURCES, ...declared]);
  const root: TemplateNode[] = [];
  const open: OpenIf[] = [];
  let level = root;
  let tags = 0;
  let from = 0;

  const addText = (text: string): void => {
    const last = level.at(-1);
    if (last?.kind === 'text') last.text += text;
    else if (text !== '') level.push({ kind: 'text', text });
  };
  const checkName = (name: string, at: number): void => {
    if (names.has(name)) return;
    if (!SOURCES.has(name) && !VARIABLE_NAME.test(name) && !/^[a-z]+\.[a-z]+$/i.test(name)) {
      fail('bad-name', at, `“${shorten(name)}” is not a name.`, `A name is a letter, then letters, digits, _ or -.`);
      return;
    }
    fail(
      'unknown-name',
      at,
      `There is nothing called “${shorten(name)}”.`,
      `Declare it as a variable, write {{ask:…}}, or use one of: ${[...names].slice(0, 30).join(', ')}.`,
    );
  };

  while (from < source.length) {
    const at = source.indexOf('{{', from);
    if (at === -1) break;
    let slashes = 0;
    while (at - slashes > from && source[at - slashes - 1] === '\\') slashes++;
    if (slashes % 2 === 1) {
      addText(`${source.slice(from, at - 1)}{{`);
      from = at + 2;
      continue;
    }
    addText(source.slice(from, at));
    const close = source.indexOf('}}', at + 2);
    const inner = source.slice(at + 2, close === -1 ? source.length : close);
    if (close === -1 || inner.includes('{{')) {
      fail('unclosed-tag', at, 'These braces are not closed.', 'Close them with }}, or write \\{{ for two braces.');
      from = at + 2;
      if (close === -1) break;
      continue;
    }
    from = close + 2;
    tags++;
    if (tags > maxTags) {
      fail('too-many-tags', at, `There are more than ${maxTags} tags.`, 'Make two replies of it.');
      return { ok: false, errors };
    }
    const content = inner.trim();
    if (content === '') {
      fail('empty-tag', at, 'These braces are empty.', 'Name a value, such as {{visitor.name}}.');
    } else if (/^#if(\s|$)/.test(content)) {
      const name = content.slice(3).trim();
      checkName(name, at);
      if (open.length >= maxDepth) {
        fail('too-deep', at, `More than ${maxDepth} conditions stand in each other.`, 'Make several replies of it.');
        return { ok: false, errors };
      }
      const node: OpenIf['node'] = { kind: 'if', name, content: [], otherwise: [] };
      level.push(node);
      open.push({ node, at, hasElse: false });
      level = node.content;
    } else if (content === 'else') {
      const inside = open.at(-1);
      if (inside === undefined || inside.hasElse) {
        fail('unexpected-else', at, '{{else}} stands outside of a condition.', 'Put {{#if name}} before it.');
      } else {
        inside.hasElse = true;
        level = inside.node.otherwise;
      }
    } else if (content === '/if') {
      if (open.pop() === undefined) {
        fail('unexpected-end', at, '{{/if}} closes nothing.', 'Put {{#if name}} before it, or take it away.');
      }
      const outer = open.at(-1);
      level = outer === undefined ? root : outer.hasElse ? outer.node.otherwise : outer.node.content;
    } else {
      level.push(readValue(content, at, checkName, fail));
    }
  }
  addText(source.slice(from));
  for (const { at } of open) {
    fail('unclosed-if', at, 'This condition has no end.', 'Write {{/if}} where it ends.');
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, nodes: root };
}

function readValue(
  content: string,
  at: number,
  checkName: (name: string, at: number) => void,
  fail: (code: TemplateError['code'], at: number, problem: string, fix: string) => void,
): TemplateNode {
  const { maxLabelChars, maxDefaultChars } = CANNED_REPLY_LIMITS;
  const bar = content.indexOf('|');
  const head = (bar === -1 ? content : content.slice(0, bar)).trim();
  const fallback = bar === -1 ? null : content.slice(bar + 1).trim();
  if (fallback !== null && fallback.length > maxDefaultChars) {
    fail('default-too-long', at, `The default has ${fallback.length} characters.`, `Keep it to ${maxDefaultChars}.`);
  }
  const ask = /^ask\s*:/.exec(head);
  if (ask === null) {
    checkName(head, at);
    return { kind: 'value', name: head, label: null, default: fallback };
  }
  const label = head.slice(ask[0].length).replace(/\s+/g, ' ').trim();
  if (label === '' || label.length > maxLabelChars) {
    fail(
      'bad-label',
      at,
      label === '' ? 'It says nothing about what to ask.' : `The question has ${label.length} characters.`,
      `Write 1 to ${maxLabelChars} characters, such as {{ask:order number}}.`,
    );
  }
  return { kind: 'value', name: `ask:${label.toLowerCase()}`, label, default: fallback };
}

function placeOf(source: string, at: number): { line: number; column: number } {
  const before = source.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}

const shorten = (name: string): string => (name.length > 40 ? `${name.slice(0, 39)}…` : name);
