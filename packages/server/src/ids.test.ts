import { describe, expect, it } from 'vitest';
import { createIds } from './ids.ts';
import { manualClock } from './test-support/manual-clock.ts';

describe('ids', () => {
  it('rise, also within a millisecond and when the clock steps back, and never repeat', () => {
    const clock = manualClock();
    const ids = createIds(clock);
    const made: string[] = [];
    for (let i = 0; i < 20_000; i++) {
      if (i === 10_000) clock.set(clock.now() - 3_600_000);
      if (i % 100 === 0) clock.advance(1);
      made.push(ids.next());
    }
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
  });

  it('are UUIDs of version 7 without hyphens, which the wire takes as ids', () => {
    const clock = manualClock(0x0190_1234_5678);
    expect(createIds(clock).next()).toMatch(/^0190123456787[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  });

  it('come with secrets of the size that was asked for', () => {
    const ids = createIds(manualClock());
    expect(Buffer.from(ids.secret(32), 'base64url')).toHaveLength(32);
    expect(ids.secret(32)).not.toBe(ids.secret(32));
  });
});
