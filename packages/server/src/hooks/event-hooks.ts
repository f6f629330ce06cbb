import type { EventHook, HooksInput } from '@sveiki/sdk/config';
import type { LogHook } from './outbox.ts';

const DEFAULT_DEADLINE_MS = 5_000;
const SECOND = 1_000;
/** What {@link EventHook.onFailure} promises. */
const RETRY_MS = [SECOND, 5 * SECOND, 30 * SECOND, 120 * SECOND, 600 * SECOND];

/** The event hooks of a configuration as followers of the log: no feature of ours has another way in. */
export function followersOf({ events = [] }: Pick<HooksInput, 'events'>): LogHook[] {
  return events.map((hook: EventHook) => ({
    name: hook.name,
    stage: 'event',
    isForeign: true,
    on: hook.on,
    run: (event, context) => hook.run(event, context),
    deadlineMs: hook.deadlineMs ?? DEFAULT_DEADLINE_MS,
    retryMs: hook.onFailure === 'retry' ? RETRY_MS : [],
  }));
}
