import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyReplies, options, plain } from '../testing/any-canned-replies.ts';
import { exportCannedRepliesAsJson, importCannedRepliesFromJson } from './json.ts';

const read = (value: unknown) =>
  importCannedRepliesFromJson(typeof value === 'string' ? value : JSON.stringify(value), options());

describe('canned replies as JSON', () => {
  it('come back as they went out', () => {
    fc.assert(
      fc.property(anyReplies, (replies) => {
        expect(read(exportCannedRepliesAsJson(replies))).toEqual({ replies, problems: [] });
      }),
    );
  });

  it('may be a bare list with the least that a reply needs', () => {
    expect(read([{ shortcut: 'hi', body: 'Hello' }])).toEqual({
      problems: [],
      replies: [plain({ id: 'new-1', shortcut: 'hi', title: 'hi', body: { en: 'Hello' } })],
    });
  });

  const good = (shortcut: string) => ({ shortcut, body: { en: 'Text' } });
  it.each([
    [7, ''],
    [null, ''],
    [{ ...good('b'), shortcut: 1 }, 'shortcut'],
    [{ shortcut: 'b' }, 'body'],
    [{ ...good('b'), body: { en: 7 } }, 'body.en'],
    [{ ...good('b'), usage: { uses: 9_000 } }, 'usage'],
    [{ ...good('b'), scope: 'everybody' }, 'scope'],
    [{ ...good('b'), scope: 'team:' }, 'scope'],
    [{ ...good('b'), validFrom: 'soon' }, 'validFrom'],
    [{ ...good('b'), variables: [{ name: 'order', source: 'visitor.card' }] }, 'variables[0].source'],
    [{ ...good('b'), body: { en: '{{#if site.name}}' } }, 'body.en'],
    [good('a'), 'shortcut'],
  ])('name what is wrong with %o and keep the others', (value, path) => {
    const { replies, problems } = read([good('a'), value, good('c')]);
    expect(replies.map(({ shortcut }) => shortcut)).toEqual(['a', 'c']);
    expect(problems).toEqual([{ at: 2, path, problem: expect.stringMatching(/\S/), fix: expect.stringMatching(/\S/) }]);
  });

  it.each(['{', '', '7', '{"replies":[]}', '"cannedReplies"'])('are refused as a whole when the file is %s', (file) => {
    expect(read(file)).toEqual({ replies: [], problems: [expect.objectContaining({ at: 0 })] });
  });

  it('stop with a word about it when everything is wrong', () => {
    const { problems } = read(Array.from({ length: 600 }, () => 7));
    expect(problems).toHaveLength(501);
    expect(problems.at(-1)).toMatchObject({ at: 501, problem: expect.stringContaining('stopped') });
  });
});
