import { CANNED_REPLY_LIMITS, type CannedReplyContent, VARIABLE_SOURCES } from './reply.ts';
import { parseTemplate, VARIABLE_NAME } from './template.ts';

/** What is wrong with one field of a reply, and the way out. `path` is like `body.lv` or `variables[0].name`. */
export interface CannedReplyProblem {
  path: string;
  problem: string;
  fix: string;
}

/**
 * Everything that is wrong with a reply that somebody wrote, imported or configured; empty when it may be stored. Whether its id, shortcut, team and
 * agent are free or known is the question of whoever holds the others.
 */
export function checkReply(reply: CannedReplyContent): CannedReplyProblem[] {
  const limits = CANNED_REPLY_LIMITS;
  const problems: CannedReplyProblem[] = [];
  const fail = (path: string, problem: string, fix: string): void => void problems.push({ path, problem, fix });

  if (!/^[\w-]{1,64}$/.test(reply.id)) {
    fail('id', `“${cut(reply.id)}” is not an id.`, 'Use letters, digits, _ and -; 1 to 64 of them.');
  }
  if (!isShortcut(reply.shortcut)) {
    fail(
      'shortcut',
      `“${cut(reply.shortcut)}” is not a shortcut.`,
      `Use 1 to ${limits.maxShortcutChars} letters, digits, _, - or dots, without spaces or a slash before them.`,
    );
  }
  if (reply.title.trim() === '' || reply.title.length > limits.maxTitleChars || /[\r\n]/.test(reply.title)) {
    fail('title', 'The title is empty or too long.', `Write one line of 1 to ${limits.maxTitleChars} characters.`);
  }
  const locales = Object.keys(reply.body);
  if (locales.length === 0 || locales.length > limits.maxLocales) {
    fail('body', `There are ${locales.length} texts.`, `Write 1 to ${limits.maxLocales}, one a locale.`);
  }
  const names = reply.variables.map(({ name }) => name);
  for (const [locale, text] of Object.entries(reply.body)) {
    const path = `body.${cut(locale)}`;
    if (!isLocale(locale)) fail(path, `“${cut(locale)}” is not a locale.`, 'Write one like en, lv or pt-BR.');
    if (text.trim() === '') fail(path, 'The text is empty.', 'Write it, or leave this locale out.');
    const parsed = parseTemplate(text, names);
    if (parsed.ok) continue;
    for (const { line, column, problem, fix } of parsed.errors) {
      fail(path, `Line ${line}, column ${column}: ${problem}`, fix);
    }
  }
  checkVariables(reply, fail);
  const { validFrom, validUntil, reviewBy } = reply;
  for (const [path, instant] of Object.entries({ validFrom, validUntil, reviewBy })) {
    if (instant !== undefined && !(Number.isSafeInteger(instant) && Math.abs(instant) <= MAX_INSTANT)) {
      fail(path, 'This is not a time.', 'Give a day such as 2026-12-01, or leave it out.');
    }
  }
  if (validFrom !== undefined && validUntil !== undefined && validFrom >= validUntil) {
    fail('validUntil', 'It ends before it begins.', 'Put it after validFrom.');
  }
  if (reply.owner !== undefined && !isId(reply.owner)) fail('owner', 'This is no id of an agent.', 'Leave it out.');
  const holder =
    reply.scope.kind === 'me' ? reply.scope.agent : reply.scope.kind === 'team' ? reply.scope.team : 'site';
  if (!isId(holder)) fail('scope', `“${cut(holder)}” is not an id.`, 'Name the team or the agent by its id.');
  if (reply.attachments.length > limits.maxAttachments || !reply.attachments.every(isId)) {
    fail('attachments', 'These are not ids of files, or too many.', `Give up to ${limits.maxAttachments} ids.`);
  }
  const { maxWords, maxWordChars } = limits;
  if (
    reply.tags.length > maxWords ||
    !reply.tags.every((tag) => tag.length <= maxWordChars && /^[^\s,]([^,\r\n]*[^\s,])?$/.test(tag))
  ) {
    fail(
      'tags',
      'A tag is empty, too long or has a comma, or there are too many.',
      `Give up to ${maxWords} of 1 to ${maxWordChars} characters.`,
    );
  }
  return problems;
}

/** The last instant that a calendar has. */
const MAX_INSTANT = 8_640_000_000_000_000;

function checkVariables(reply: CannedReplyContent, fail: (path: string, problem: string, fix: string) => void): void {
  const { maxVariables, maxLabelChars, maxDefaultChars } = CANNED_REPLY_LIMITS;
  if (reply.variables.length > maxVariables) {
    fail('variables', `There are ${reply.variables.length} variables.`, `Keep it to ${maxVariables}.`);
  }
  const seen = new Set<string>();
  for (const [i, variable] of reply.variables.entries()) {
    const path = `variables[${i}]`;
    const name = cut(variable.name);
    if (!VARIABLE_NAME.test(variable.name) || variable.name === 'else') {
      fail(`${path}.name`, `“${name}” is not a name.`, 'A name is a letter, then letters, digits, _ or -.');
    }
    if (seen.has(variable.name)) fail(`${path}.name`, `“${name}” stands here twice.`, 'Take one of them away.');
    seen.add(variable.name);
    if (variable.source !== undefined && !(VARIABLE_SOURCES as readonly string[]).includes(variable.source)) {
      fail(`${path}.source`, `“${cut(variable.source)}” is no source.`, `Use one of: ${VARIABLE_SOURCES.join(', ')}.`);
    }
    if (variable.ask !== undefined && (variable.ask.trim() === '' || variable.ask.length > maxLabelChars)) {
      fail(`${path}.ask`, 'The question is empty or too long.', `Write 1 to ${maxLabelChars} characters.`);
    }
    if ((variable.default ?? '').length > maxDefaultChars) {
      fail(`${path}.default`, 'The default is too long.', `Keep it to ${maxDefaultChars} characters.`);
    }
  }
}

function isShortcut(text: string): boolean {
  return text.length <= CANNED_REPLY_LIMITS.maxShortcutChars && /^[\p{L}\p{N}_.-]([\p{L}\p{M}\p{N}_.-])*$/u.test(text);
}

/** BCP 47, as far as bodies are told apart. */
function isLocale(tag: string): boolean {
  return tag.length <= 35 && /^[a-z]{2,3}([-_][a-z0-9]{2,8})*$/i.test(tag);
}

const isId = (id: string): boolean => /^\S{1,64}$/.test(id);
const cut = (text: string): string => (text.length > 40 ? `${text.slice(0, 39)}…` : text);
