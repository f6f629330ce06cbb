import { describe, expect, it } from 'vitest';
import { createLog, type LogOptions } from './log.ts';

function listen(level: LogOptions['level']) {
  const lines: string[] = [];
  let now = 0;
  const log = createLog({ level, write: (line) => void lines.push(line), now: () => now });
  return {
    log,
    lines,
    parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    wait: (ms: number) => (now += ms),
  };
}

describe('the log', () => {
  it('writes one JSON line with fields, sentence and time', () => {
    const { log, lines, parsed } = listen('info');
    log.child({ part: 'store' }).info({ events: 3 }, 'Committed.');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/\n$/);
    expect(parsed()[0]).toMatchObject({
      level: 30,
      part: 'store',
      events: 3,
      msg: 'Committed.',
      time: expect.stringMatching(/^\d{4}-/),
    });
  });

  it('never writes secrets or what people wrote, at any level', () => {
    const { log, lines } = listen('debug');
    const secrets = {
      password: 'S1',
      token: 'S2',
      ticket: 'S3',
      text: 'S4',
      email: 'S5',
      session: 'S6',
      identity: 'S7',
      cookie: 'S8',
    };
    log.debug({ ...secrets, frame: secrets }, 'Frame.');
    expect(lines[0]).not.toMatch(/S\d/);
  });

  it('writes addresses at debug only', () => {
    const [info, debug] = [listen('info'), listen('debug')];
    for (const { log } of [info, debug]) log.warn({ address: '192.0.2.7' }, 'Refused.');
    expect(info.lines[0]).not.toContain('192.0.2.7');
    expect(debug.lines[0]).toContain('192.0.2.7');
  });

  it('keeps a line break in a field inside its line, and cuts what is endless', () => {
    const { log, lines, parsed } = listen('info');
    log.info({ client: 'widget\n{"level":60,"msg":"forged"}', name: 'x'.repeat(10_000) }, 'Hello.');
    expect(lines[0]!.trimEnd()).not.toContain('\n');
    expect(parsed()[0]).toMatchObject({ msg: 'Hello.' });
    expect(lines[0]!.length).toBeLessThan(1_000);
  });

  it('says where an error comes from', () => {
    const { log, parsed } = listen('info');
    log.error({ error: new RangeError('too much') }, 'Failed.');
    expect(parsed()[0]).toMatchObject({
      error: { name: 'RangeError', message: 'too much', stack: expect.stringContaining('log.test') },
    });
  });

  it('caps a flood of one line and says later how many were left out', () => {
    const { log, parsed, wait } = listen('info');
    for (let i = 0; i < 1_000; i++) log.warn({ i }, 'Refused.');
    log.info({}, 'Something else.');
    expect(parsed()).toHaveLength(51);
    wait(1_000);
    log.warn({}, 'Refused.');
    log.warn({}, 'Refused.');
    expect(parsed().slice(51)).toMatchObject([{ leftOut: 950 }, {}]);
    expect(parsed()[52]).not.toHaveProperty('leftOut');
  });

  it('is silent when told so', () => {
    const { log, lines } = listen('silent');
    log.error({}, 'Failed.');
    expect(lines).toEqual([]);
  });
});
