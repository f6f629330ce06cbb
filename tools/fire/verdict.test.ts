import { describe, expect, it } from 'vitest';
import type { StoredMessage } from '../replay/check.ts';
import { type Author, judge } from './verdict.ts';

const stored = (...texts: string[]): StoredMessage[] =>
  texts.map((text) => ({ conversation: 'c1', id: `id of ${text}`, role: 'visitor', text }));
const author = (...texts: string[]): Author => ({
  ...{ name: 'mia', said: texts, open: 0, answered: texts.length },
  acked: texts.map((text) => ({ id: `id of ${text}`, conversation: 'c1', text })),
});
const mia = author('mia 0', 'mia 1', 'mia 2');
const whole = stored('mia 0', 'mia 1', 'mia 2');
const view = (shown: StoredMessage[]) => ({ whose: 'mia', conversation: 'c1', shown });
const kept = { acked: 3, lost: 0, doubled: 0, disordered: 0, strayViews: 0 };

describe('the verdict over people who talked', () => {
  it('finds nothing when the log holds what was said, and screens hold the log', () => {
    expect(judge({ authors: [mia], views: [view(whole)], stored: whole })).toEqual({ ...kept, differences: [] });
  });

  it('counts what was acknowledged and is not stored as lost', () => {
    expect(judge({ authors: [mia], views: [], stored: whole.toSpliced(1, 1) })).toMatchObject({ ...kept, lost: 1 });
  });

  it('counts what was acknowledged under another id or in another conversation as lost', () => {
    for (const other of [{ id: 'another' }, { conversation: 'c2' }]) {
      const log = whole.map((message, i) => (i === 1 ? { ...message, ...other } : message));
      expect(judge({ authors: [mia], views: [], stored: log })).toMatchObject({ ...kept, lost: 1 });
    }
  });

  it('counts what stayed in an outbox when all was quiet as lost', () => {
    const waiting = { ...mia, said: [...mia.said, 'mia 3'] };
    expect(judge({ authors: [waiting], views: [], stored: whole })).toMatchObject({ ...kept, lost: 1 });
  });

  it('counts what is stored twice, or was never said, as doubled', () => {
    expect(judge({ authors: [mia], views: [], stored: [...whole, ...stored('mia 1')] })).toMatchObject({ doubled: 1 });
    expect(judge({ authors: [mia], views: [], stored: [...whole, ...stored('mia 9')] })).toMatchObject({ doubled: 1 });
  });

  it('counts what overtook an earlier message of its author', () => {
    const log = stored('mia 0', 'mia 2', 'mia 1');
    expect(judge({ authors: [mia], views: [], stored: log })).toMatchObject({ ...kept, disordered: 1 });
  });

  it('counts screens that miss something, or show it elsewhere', () => {
    const views = [view(whole.slice(0, 2)), view(whole.toReversed()), view(whole)];
    expect(judge({ authors: [mia], views, stored: whole })).toMatchObject({ ...kept, strayViews: 2 });
  });
});
