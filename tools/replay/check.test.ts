import { describe, expect, it } from 'vitest';
import { check, type Played, type StoredMessage } from './check.ts';
import type { Script } from './scripts.ts';

const script: Script = {
  id: 'late-parcel',
  turns: [
    { role: 'visitor', text: 'Where is it?' },
    { role: 'agent', text: 'On its way.' },
    { role: 'visitor', text: 'ok' },
    { role: 'visitor', text: 'ok' },
  ],
};
const transcript: StoredMessage[] = script.turns.map((turn, i) => ({ conversation: 'c1', id: `m${i}`, ...turn }));
const played: Played = {
  script,
  conversation: 'c1',
  acked: transcript.map(({ id, conversation }) => ({ id, conversation })),
  screens: { visitor: script.turns, agent: script.turns },
};

describe('the check of a replay', () => {
  it('finds nothing when everything that was said is stored once and in order', () => {
    expect(check([played], transcript)).toEqual({
      conversations: 1,
      identical: 1,
      acked: 4,
      lost: 0,
      doubled: 0,
      differences: [],
    });
  });

  it('counts an acknowledged message that is not stored as lost', () => {
    expect(check([played], transcript.toSpliced(1, 1))).toMatchObject({ identical: 0, lost: 1, doubled: 0 });
  });

  it('counts an acknowledged message that is stored in another conversation as lost', () => {
    const elsewhere = transcript.map((message, i) => (i === 3 ? { ...message, conversation: 'c2' } : message));
    expect(check([played], elsewhere)).toMatchObject({ identical: 0, lost: 1, doubled: 1 });
  });

  it('counts the same words beyond what was said as doubled, with another id too', () => {
    const twice = [...transcript, { ...(transcript[3] as StoredMessage), id: 'm9' }];
    expect(check([played], twice)).toMatchObject({ identical: 0, lost: 0, doubled: 1 });
  });

  it('does not take two messages in the wrong order for identical', () => {
    const swapped = [transcript[1], transcript[0], transcript[2], transcript[3]] as StoredMessage[];
    expect(check([played], swapped)).toMatchObject({ identical: 0, lost: 0, doubled: 0 });
  });

  it('does not take a message of the wrong side for identical', () => {
    const wrong = transcript.map((message, i) => (i === 0 ? { ...message, role: 'agent' as const } : message));
    expect(check([played], wrong)).toMatchObject({ identical: 0 });
  });

  it('does not take a conversation for identical whose screens show something else', () => {
    const screens = { visitor: script.turns, agent: script.turns.slice(1) };
    const verdict = check([{ ...played, screens }], transcript);
    expect(verdict.identical).toBe(0);
    expect(verdict.differences[0]).toContain('agent’s screen');
  });

  it('does not take a conversation that was not finished for identical', () => {
    expect(check([{ ...played, screens: null }], transcript).identical).toBe(0);
    expect(check([{ script, conversation: null, acked: [], screens: null }], [])).toMatchObject({
      conversations: 1,
      identical: 0,
    });
  });
});
