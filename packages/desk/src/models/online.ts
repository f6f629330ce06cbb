import { computed, type ReadonlySignal } from '@preact/signals';
import type { AgentState } from '@sveiki/sdk/agent';

/** Somebody is signed in and the line is up: whatever is on screen is asked for when this becomes true. */
export const onlineIn = (state: ReadonlySignal<AgentState>): ReadonlySignal<boolean> =>
  computed(() => state.value.me !== null && state.value.connection.status === 'online');
