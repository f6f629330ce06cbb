import { describe, expect, it } from 'vitest';
import { createIds } from '../ids.ts';
import { manualClock } from '../test-support/manual-clock.ts';
import { solve } from '../test-support/solve.ts';
import { createWork } from './work.ts';

const mia = { site: 'pk_shop0001', visitor: 'mia' };

describe('work', () => {
  const clock = manualClock();
  const now = clock.now();
  const make = () => createWork(createIds(clock));

  it('holds for the one who was asked, on that site, in time, and once', () => {
    const work = make();
    const proof = solve(work.challenge(mia, 8, now));
    expect(work.holds(proof, { ...mia, visitor: 'noah' }, now)).toBe(false);
    expect(work.holds(proof, { ...mia, site: 'pk_shop0002' }, now)).toBe(false);
    expect(work.holds(proof, mia, now + 600_000)).toBe(false);
    expect(work.holds(proof, mia, now + 599_999)).toBe(true);
    work.use(proof, now);
    expect(work.holds(proof, mia, now)).toBe(false);
    // Another answer to the same challenge is the same challenge.
    expect(work.holds(solve(proof.slice(0, proof.lastIndexOf('.')), proof), mia, now)).toBe(false);
    expect(work.holds(solve(work.challenge(mia, 8, now)), mia, now)).toBe(true);
  });

  it('does not hold when it is easier than was asked, changed, or of another relay', () => {
    const work = make();
    const challenge = work.challenge(mia, 12, now);
    let lazy = 0;
    for (let number = 0; number < 200; number++) if (work.holds(`${challenge}.${number}`, mia, now)) lazy += 1;
    expect(lazy).toBeLessThan(5);
    expect(work.holds(solve(challenge.replace(/^12\./, '1.')), mia, now)).toBe(false);
    expect(make().holds(solve(challenge), mia, now)).toBe(false);
    for (const odd of [
      '',
      '.',
      '0',
      'x'.repeat(200),
      `${challenge}.`,
      `${challenge}.-1`,
      `${challenge}.1e3`,
      challenge,
    ])
      expect(work.holds(odd, mia, now)).toBe(false);
  });
});
