import { describe, expect, it } from 'vitest';
import { deferred } from '../test-support/deferred.ts';
import { boundedQueue, QueueFull } from './bounded-queue.ts';
import { createPasswords, passwordProblem } from './password.ts';

const cheap = { N: 1_024, r: 8, p: 1 };

describe('passwords', () => {
  it('knows the password again and no other', async () => {
    const passwords = createPasswords(cheap);
    const stored = await passwords.hash('correct horse battery');
    expect(stored).toMatch(/^scrypt\$1024\$8\$1\$/);
    expect(stored).not.toContain('horse');
    expect(await passwords.verify('correct horse battery', stored)).toBe(true);
    expect(await passwords.verify('correct horse batterz', stored)).toBe(false);
    expect(await passwords.verify('', stored)).toBe(false);
  });

  it('salts: the same password makes different hashes', async () => {
    const passwords = createPasswords(cheap);
    expect(await passwords.hash('correct horse battery')).not.toBe(await passwords.hash('correct horse battery'));
  });

  it('knows a password typed with composed and with combining letters', async () => {
    const passwords = createPasswords(cheap);
    const stored = await passwords.hash('Grüße aus Rīga'.normalize('NFD'));
    expect(await passwords.verify('Grüße aus Rīga'.normalize('NFC'), stored)).toBe(true);
  });

  it('verifies hashes that were made at another cost', async () => {
    const stored = await createPasswords({ N: 2_048, r: 8, p: 2 }).hash('correct horse battery');
    expect(await createPasswords(cheap).verify('correct horse battery', stored)).toBe(true);
  });

  it('hashes for nobody too, and never lets nobody in', async () => {
    const passwords = createPasswords(cheap);
    expect(await passwords.verify('anything at all', null)).toBe(false);
  });

  it('stays under 100 MB a hash by default', async () => {
    const [, N, r] = (await createPasswords().hash('correct horse battery')).split('$').map(Number);
    expect(128 * N! * r!).toBeGreaterThanOrEqual(32 * 1024 * 1024);
    expect(128 * N! * r!).toBeLessThan(100 * 1000 * 1000);
  });

  it('refuses short and endless passwords with a way out', () => {
    expect(passwordProblem('short')).toMatch(/at least 10 characters/);
    expect(passwordProblem('x'.repeat(2_000))).toMatch(/shorter/);
    expect(passwordProblem('long enough to be good')).toBeNull();
  });

  it('throws instead of answering when the stored hash is damaged', async () => {
    await expect(createPasswords(cheap).verify('anything at all', 'scrypt$$')).rejects.toThrow(/cannot be read/);
  });
});

describe('the bounded queue', () => {
  it('runs so many at once, lets so many wait in order, and refuses the rest at once', async () => {
    const queue = boundedQueue({ atOnce: 2, waiting: 2, retryAfterMs: 500 });
    const started: number[] = [];
    const doors = Array.from({ length: 5 }, () => deferred());
    const runs = doors.map(({ promise }, i) =>
      queue(async () => {
        started.push(i);
        await promise;
        return i;
      }),
    );
    await expect(runs[4]).rejects.toMatchObject({ name: 'QueueFull', retryAfterMs: 500 });
    expect(started).toEqual([0, 1]);
    doors[1]!.resolve();
    expect(await runs[1]).toBe(1);
    expect(started).toEqual([0, 1, 2]);
    for (const { resolve } of doors) resolve();
    expect(await Promise.all(runs.slice(0, 4))).toEqual([0, 1, 2, 3]);
  });

  it('goes on after work that failed', async () => {
    const queue = boundedQueue({ atOnce: 1, waiting: 1, retryAfterMs: 1 });
    await expect(queue(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await queue(() => Promise.resolve('yes'))).toBe('yes');
    expect(new QueueFull(1)).toBeInstanceOf(Error);
  });
});
