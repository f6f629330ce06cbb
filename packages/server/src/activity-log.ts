import type { Log } from './log.ts';
import type { MetricsPage } from './metrics.ts';
import type { Clock } from './ports.ts';

const EVERY_MS = 60_000;

/**
 * The same metrics, told to the log as well: once a minute who is connected and what was refused or closed by code, each only when there is something
 * new. However much happens, that is two lines a minute; nothing in them comes from a client.
 */
export function logActivity(
  metrics: MetricsPage,
  { log, clock }: { log: Log; clock: Clock },
): { metrics: MetricsPage; stop(): void } {
  const connected = { visitor: 0, agent: 0, unknown: 0 };
  let told = JSON.stringify(connected);
  let opened = 0;
  let refusals = new Map<string, number>();
  let closes = new Map<string, number>();
  let callOff = clock.after(EVERY_MS, tell);

  const count = (counts: Map<string, number>, name: string): void => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  };

  function tell(): void {
    flush();
    callOff = clock.after(EVERY_MS, tell);
  }

  function flush(): void {
    const now = JSON.stringify(connected);
    if (now !== told || opened > 0) log.info({ connected: { ...connected }, opened }, 'Connections');
    told = now;
    opened = 0;
    if (refusals.size > 0 || closes.size > 0)
      log.info({ refusals: Object.fromEntries(refusals), closes: Object.fromEntries(closes) }, 'Refusals');
    refusals = new Map();
    closes = new Map();
  }

  return {
    metrics: {
      ...metrics,
      sessions(role, delta) {
        metrics.sessions(role, delta);
        connected[role] += delta;
        // Everybody begins as unknown.
        if (role === 'unknown' && delta === 1) opened += 1;
      },
      commands(type, outcome) {
        metrics.commands(type, outcome);
        if (outcome !== 'done' && outcome !== 'repeated') count(refusals, outcome);
      },
      refused(what) {
        metrics.refused(what);
        count(refusals, what);
      },
      closes(code) {
        metrics.closes(code);
        count(closes, String(code));
      },
    },
    stop() {
      callOff();
      flush();
    },
  };
}
