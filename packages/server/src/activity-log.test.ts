import { expect, it } from 'vitest';
import { logActivity } from './activity-log.ts';
import { silentLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { manualClock } from './test-support/manual-clock.ts';

function listen() {
  const clock = manualClock();
  const lines: unknown[] = [];
  const log = { ...silentLog, info: (fields: object, message: string) => void lines.push([message, fields]) };
  const { metrics, stop } = logActivity(createMetrics(), { log, clock });
  return { clock, metrics, stop, heard: () => lines.splice(0) };
}

it('tells once a minute who is connected and what was refused, however much happens', () => {
  const { clock, metrics, heard } = listen();
  for (let n = 0; n < 10_000; n++) {
    metrics.sessions('unknown', 1);
    metrics.sessions('unknown', -1);
    metrics.sessions('visitor', 1);
    metrics.commands('send', 'rate-limited');
    metrics.commands('send', 'done');
  }
  metrics.refused('origin');
  metrics.closes(4403);
  expect(heard()).toEqual([]);
  clock.advance(60_000);
  expect(heard()).toEqual([
    ['Connections', { connected: { visitor: 10_000, agent: 0, unknown: 0 }, opened: 10_000 }],
    ['Refusals', { refusals: { 'rate-limited': 10_000, origin: 1 }, closes: { 4403: 1 } }],
  ]);
});

it('says nothing while nothing happens, and the rest when it ends', () => {
  const { clock, metrics, stop, heard } = listen();
  clock.advance(600_000);
  expect(heard()).toEqual([]);
  metrics.sessions('unknown', 1);
  metrics.commands('take', 'already-taken');
  stop();
  expect(heard()).toEqual([
    ['Connections', { connected: { visitor: 0, agent: 0, unknown: 1 }, opened: 1 }],
    ['Refusals', { refusals: { 'already-taken': 1 }, closes: {} }],
  ]);
  clock.advance(600_000);
  expect(heard()).toEqual([]);
});

it('counts for the metrics page as before', async () => {
  const { metrics } = listen();
  metrics.commands('send', 'not-owner');
  metrics.refused('login');
  const { text } = await metrics.page();
  expect(text).toContain('sveiki_commands_total{type="send",outcome="not-owner"} 1');
  expect(text).toContain('sveiki_refused_total{what="login"} 1');
});
