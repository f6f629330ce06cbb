import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyReplies, options, plain } from '../testing/any-canned-replies.ts';
import { exportCannedRepliesAsCsv, importCannedRepliesFromCsv } from './csv.ts';

const read = (source: string) => importCannedRepliesFromCsv(source, options());

describe('canned replies as CSV', () => {
  it('come back as they went out', () => {
    fc.assert(
      fc.property(anyReplies, (replies) => {
        expect(read(exportCannedRepliesAsCsv(replies))).toEqual({ replies, problems: [] });
      }),
    );
  });

  it('come back when a spreadsheet has saved them with semicolons and other line ends', () => {
    const replies = [plain({ id: 'a', title: 'x; "y"', body: { en: 'One\nTwo, {{site.name}}', lv: '' } })];
    const [reply] = replies;
    for (const end of ['\n', '\r\n', '\r']) {
      const file = `ID;Shortcut;Title;Body EN;body_lv${end}a;hi;"x; ""y""";"One\nTwo, {{site.name}}";${end}${end}`;
      expect(read(file)).toEqual({ replies: [{ ...reply, body: { EN: 'One\nTwo, {{site.name}}' } }], problems: [] });
    }
  });

  it('hold nothing that a spreadsheet would compute', () => {
    const bodies = ['=1+1', '+1', '-1', '@x', '\t=1', '\r=1', "'=1", "''x", '＝1', '- a list'];
    const replies = bodies.map((en, i) => plain({ id: `r${i}`, shortcut: `-${i}`, body: { en } }));
    const file = exportCannedRepliesAsCsv(replies);
    for (const cell of file.matchAll(/"((?:[^"]|"")*)"/g)) expect(cell[1]).not.toMatch(/^[=+\-@\t\r\n＝]/);
    expect(file).toContain('"\'=1+1"');
    expect(read(file).replies).toEqual(replies);
  });

  it('are read from the files of other programs, with ids of our own', () => {
    expect(read('short_code,content\n/hi,Hello {{visitor.name}}\nbye,"See you, soon"\n')).toEqual({
      problems: [],
      replies: [
        plain({ id: 'new-1', shortcut: 'hi', title: 'hi', body: { en: 'Hello {{visitor.name}}' } }),
        plain({ id: 'new-2', shortcut: 'bye', title: 'bye', body: { en: 'See you, soon' } }),
      ],
    });
  });

  const good = (n: number): string => `a${n},Title,"Text\nof two lines"`;
  const bad: [string, string, RegExp][] = [
    ['an open quote', 'b,"Title,Text', /quote/],
    ['a quote in the middle', 'b,Ti"tle,Text', /quote/],
    ['text behind a closing quote', 'b,"Ti"tle,Text', /quote/],
    ['a missing cell', 'b,Title', /2 cells/],
    ['a cell too many', 'b,Title,Text,more', /4 cells/],
    ['no text', 'b,Title,', /texts/],
    ['a broken template', 'b,Title,{{visitor.nmae}}', /visitor\.nmae/],
    ['a shortcut with spaces', 'b b,Title,Text', /shortcut/],
    ['a shortcut that is taken', 'a1,Title,Text', /line|at 2/],
  ];
  it.each(bad)('name a row with %s by its line and keep the others', (_, row, problem) => {
    const file = ['shortcut,title,body.en', good(1), row, good(2), '', good(3)].join('\r\n');
    const { replies, problems } = read(file);
    expect(replies.map(({ shortcut }) => shortcut)).toEqual(['a1', 'a2', 'a3']);
    expect(problems).toEqual([
      { at: 4, path: expect.any(String), problem: expect.stringMatching(problem), fix: expect.stringMatching(/\S/) },
    ]);
  });

  it('lose no good row, wherever lines with open quotes stand between', () => {
    const rows = fc.array(fc.constantFrom('good', '"open', 'mid"dle,x,y', '"a"b,x,y', ''), { maxLength: 30 });
    fc.assert(
      fc.property(rows, (kinds) => {
        const lines = kinds.map((kind, i) => (kind === 'good' ? `s${i},"Title","Text"` : kind));
        const { replies, problems } = read(['shortcut,title,body.en', ...lines].join('\n'));
        expect(replies.map(({ shortcut }) => shortcut)).toEqual(
          kinds.flatMap((kind, i) => (kind === 'good' ? [`s${i}`] : [])),
        );
        expect(problems.map(({ at }) => at)).toEqual(
          kinds.flatMap((kind, i) => (kind === 'good' || kind === '' ? [] : [i + 2])),
        );
      }),
    );
  });

  it.each([
    ['', 0, /empty/],
    ['\n\n', 0, /empty/],
    ['title,body.en\na,b', 1, /shortcut/],
    ['shortcut,title\na,b', 1, /text/],
    ['shortcut,body.en,body.en\na,b,c', 1, /twice/],
    ['shortcut,"body.en\na,b', 1, /quote/],
  ])('are refused as a whole for the header of %j', (file, at, problem) => {
    expect(read(file)).toEqual({
      replies: [],
      problems: [expect.objectContaining({ at, problem: expect.stringMatching(problem) })],
    });
  });

  it('name columns that nobody knows, and take the rest', () => {
    const { replies, problems } = read('shortcut,colour,body.__proto__,body.en\nhi,red,,Hello');
    expect(replies).toEqual([plain({ id: 'new-1', shortcut: 'hi', title: 'hi', body: { en: 'Hello' } })]);
    expect(problems).toMatchObject([{ at: 1, path: 'colour' }]);
    expect(read('shortcut,body.__proto__\nhi,Hello').problems).toMatchObject([{ at: 2, path: 'body.__proto__' }]);
  });

  it('stop with a word about it when a file is of another kind altogether', () => {
    const { replies, problems } = read(`shortcut,body.en\n${'"\n'.repeat(20_000)}`);
    expect(replies).toEqual([]);
    expect(problems).toHaveLength(501);
    expect(problems.at(-1)).toMatchObject({ path: '', problem: expect.stringContaining('stopped') });
    expect(read(`shortcut,body.en${'\n'.repeat(50_000)}`).problems).toMatchObject([{ at: 40_001, path: '' }]);
    expect(read('x'.repeat(20_000_001)).problems).toMatchObject([{ at: 0, problem: expect.stringContaining('large') }]);
  });
});
