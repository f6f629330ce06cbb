import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import * as v from 'valibot';
import type { CannedReplyContent } from '../domain/canned-replies/reply.ts';
import {
  CANNED_FILE_LIMITS,
  createGatherer,
  type FileReply,
  type ImportedReplies,
  type ImportOptions,
  toFileReply,
  variablesSchema,
} from './read-replies.ts';

const COLUMNS = [
  'id',
  'shortcut',
  'title',
  'scope',
  'tags',
  'variables',
  'attachments',
  'validFrom',
  'validUntil',
  'owner',
  'reviewBy',
] as const;
type Column = (typeof COLUMNS)[number];

/** What others call these columns. `body` is the text in the locale of the import. */
const OTHER_NAMES: Readonly<Record<string, Column | 'body'>> = {
  shortcode: 'shortcut',
  name: 'title',
  text: 'body',
  content: 'body',
  message: 'body',
};

/**
 * One row a reply, one column `body.<locale>` a language, for spreadsheets: UTF-8 with a byte order mark, rows ended by CRLF. Tags are separated by
 * commas, attachments by spaces, variables are JSON. A cell that a spreadsheet would compute begins with an apostrophe.
 */
export function exportCannedRepliesAsCsv(replies: readonly CannedReplyContent[]): string {
  const locales = replies.length === 0 ? ['en'] : [...new Set(replies.flatMap(({ body }) => Object.keys(body)))];
  const rows = replies.map(toFileReply).map((reply) => {
    const cells: Record<Column, string> = {
      id: reply.id ?? '',
      shortcut: reply.shortcut,
      title: reply.title ?? '',
      scope: reply.scope ?? '',
      tags: (reply.tags ?? []).join(', '),
      variables: reply.variables?.length ? JSON.stringify(reply.variables) : '',
      attachments: (reply.attachments ?? []).join(' '),
      validFrom: reply.validFrom ?? '',
      validUntil: reply.validUntil ?? '',
      owner: reply.owner ?? '',
      reviewBy: reply.reviewBy ?? '',
    };
    const bodies = locales.map((locale) => (Object.hasOwn(reply.body, locale) ? (reply.body[locale] ?? '') : ''));
    return [...COLUMNS.map((column) => cells[column]), ...bodies].map(neutral);
  });
  const header = [...COLUMNS, ...locales.map((locale) => `body.${locale}`)];
  return stringify([header, ...rows], { bom: true, quoted_string: true, record_delimiter: '\r\n' });
}

/**
 * Reads what the export writes, and what people and other programs write: commas, semicolons or tabs; columns in any order and letter case; a plain
 * `body`, `text` or `content` column; without ids. Every row that is wrong is named by its line, and the others are kept.
 */
export function importCannedRepliesFromCsv(source: string, options: ImportOptions): ImportedReplies {
  const { result, fail, add, isFull, stop } = createGatherer(options);
  const file = Buffer.from(source.replace(/^\ufeff/, ''), 'utf8');
  if (file.length > CANNED_FILE_LIMITS.maxBytes) {
    fail(0, '', 'The file is too large.', `Import up to ${CANNED_FILE_LIMITS.maxBytes} bytes at once.`);
    return result;
  }
  const [header, ...rows] = readRows(file);
  if (header === undefined || 'broken' in header) {
    fail(header?.line ?? 0, '', header?.broken ?? 'The file is empty.', 'Begin it with the names of the columns.');
    return result;
  }
  const columns = header.cells.map((name) => columnOf(name, options.locale));
  for (const [i, column] of columns.entries()) {
    const name = header.cells[i] ?? '';
    if (column === null && name.trim() !== '') {
      const fix = `Its cells were left out. The columns are ${COLUMNS.join(', ')} and body.<locale>.`;
      fail(header.line, name.slice(0, 40), 'There is no such column.', fix);
    } else if (column !== null && columns.indexOf(column) !== i) {
      fail(header.line, column, 'This column is there twice.', 'Take one of them away.');
      return result;
    }
  }
  if (!columns.includes('shortcut') || !columns.some((column) => column?.startsWith('body.'))) {
    fail(
      header.line,
      '',
      'There is no column for the shortcut or for a text.',
      'Name them shortcut and body.<locale>.',
    );
    return result;
  }
  for (const row of rows) {
    if (isFull()) {
      stop(row.line);
      break;
    }
    if ('broken' in row)
      fail(row.line, '', row.broken, 'Put quotes around cells with quotes in them, and double those.');
    else if (row.cells.length < columns.length || row.cells.slice(columns.length).some((cell) => cell !== '')) {
      const problem = `The row has ${row.cells.length} cells and the header ${columns.length}.`;
      fail(row.line, '', problem, 'Look for a missing or superfluous separator or quote.');
    } else {
      const cells = new Map(columns.map((column, i) => [column, original(row.cells[i] ?? '')]));
      const variables = readVariables(cells.get('variables') ?? '');
      if (variables === null) {
        const fix = 'Write a list such as [{"name":"order","ask":"Order number"}].';
        fail(row.line, 'variables', 'These are no variables in JSON.', fix);
      } else add(row.line, fileReplyOf(cells, variables));
    }
  }
  return result;
}

function columnOf(header: string, locale: string): Column | `body.${string}` | null {
  const name = header.trim();
  const plain = name.toLowerCase().replace(/[ _-]/g, '');
  const body = /^body[ ._:-]\s*(.+)$/i.exec(name)?.[1];
  if (body !== undefined) return `body.${body}`;
  const column = COLUMNS.find((one) => one.toLowerCase() === plain);
  if (column !== undefined) return column;
  const other = plain === 'body' ? 'body' : Object.hasOwn(OTHER_NAMES, plain) ? OTHER_NAMES[plain] : undefined;
  return other === 'body' ? `body.${locale}` : (other ?? null);
}

function fileReplyOf(cells: ReadonlyMap<string | null, string>, variables: FileReply['variables'] & {}): FileReply {
  const filled = <Name extends Column>(name: Name): { [_ in Name]?: string } => {
    const cell = cells.get(name)?.trim() ?? '';
    return (cell === '' ? {} : { [name]: cell }) as { [_ in Name]?: string };
  };
  const list = (name: Column, separator: RegExp): string[] =>
    (cells.get(name) ?? '')
      .split(separator)
      .map((item) => item.trim())
      .filter((item) => item !== '');
  const title = cells.get('title') ?? '';
  return {
    ...filled('id'),
    shortcut: cells.get('shortcut') ?? '',
    ...(title === '' ? {} : { title }),
    body: Object.fromEntries(
      [...cells].flatMap(([column, cell]) =>
        column?.startsWith('body.') === true && cell.trim() !== '' ? [[column.slice('body.'.length), cell]] : [],
      ),
    ),
    variables,
    ...filled('scope'),
    attachments: list('attachments', /\s+/),
    ...filled('validFrom'),
    ...filled('validUntil'),
    ...filled('owner'),
    ...filled('reviewBy'),
    tags: list('tags', /,/),
  };
}

function readVariables(cell: string): (FileReply['variables'] & {}) | null {
  if (cell.trim() === '') return [];
  try {
    const read = v.safeParse(variablesSchema, JSON.parse(cell));
    return read.success ? read.output : null;
  } catch {
    return null;
  }
}

/*
 * A cell that begins like a formula runs as one in a spreadsheet (CSV injection), also with full-width signs and behind tabs and line ends. The
 * apostrophe makes it text there. Apostrophes that stand there already get another one, so that taking one away is always right.
 */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;
const neutral = (cell: string): string => (FORMULA.test(cell) ? `'${cell}` : cell);
const original = (cell: string): string => (cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell);

type Row = { line: number; cells: string[] } | { line: number; broken: string };

/**
 * The rows of a file, in order. The parser gives up at the first wrong quote, and an open one swallows the rows behind it; so the line on which the
 * broken row begins is set aside, and reading begins anew behind that line.
 */
function readRows(file: Buffer): Row[] {
  const { maxRowBytes, maxProblems, maxReplies } = CANNED_FILE_LIMITS;
  const rows: Row[] = [];
  const delimiter = delimiterOf(file);
  let broken = 0;
  let seen = 0;
  for (let from = 0, line = 1; from < file.length; ) {
    let read = 0;
    try {
      parse(file.subarray(from), {
        delimiter,
        record_delimiter: ['\r\n', '\n', '\r'],
        relax_column_count: true,
        max_record_size: maxRowBytes,
        on_record: (cells: string[], { bytes }) => {
          if (++seen > 2 * maxReplies) throw Object.assign(new Error('too many rows'), { code: TOO_MANY });
          // An empty line is a row with one empty cell.
          if (cells.some((cell) => cell !== '')) rows.push({ line, cells });
          line += countLines(file.subarray(from + read, from + bytes));
          read = bytes;
          return null;
        },
      });
      return rows;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      rows.push({ line, broken: reasonOf(String(error.code)) });
      broken++;
      if (broken > maxProblems || error.code === TOO_MANY) return rows;
      from = endOfLine(file, from + read);
      line++;
    }
  }
  return rows;
}

const TOO_MANY = 'TOO_MANY_ROWS';

function reasonOf(code: string): string {
  if (code === TOO_MANY) return 'Reading stopped here: there are too many rows, empty ones among them.';
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'A quote is opened and never closed.';
  if (code === 'CSV_INVALID_CLOSING_QUOTE') return 'A quoted cell goes on behind its closing quote, or is not closed.';
  if (code === 'INVALID_OPENING_QUOTE') return 'A quote stands in a cell that does not begin with one.';
  if (code === 'CSV_MAX_RECORD_SIZE') return 'The row is too long, or a quote in it is not closed.';
  return `The row cannot be read (${code}).`;
}

/** What separates the cells: the sign that is most frequent in the first line. Spreadsheets write semicolons where the comma is a decimal sign. */
function delimiterOf(file: Buffer): string {
  const header = file.toString('utf8', 0, Math.min(endOfLine(file, 0), 10_000));
  const count = (sign: string): number => header.split(sign).length;
  return [';', '\t'].reduce((best, sign) => (count(sign) > count(best) ? sign : best), ',');
}

const CR = 13;
const LF = 10;

function endOfLine(file: Buffer, from: number): number {
  let i = from;
  while (i < file.length && file[i] !== CR && file[i] !== LF) i++;
  return i + (file[i] === CR && file[i + 1] === LF ? 2 : 1);
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let i = 0; i < bytes.length; i = endOfLine(bytes, i)) lines++;
  return lines;
}
