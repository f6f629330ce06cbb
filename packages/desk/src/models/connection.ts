import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type { AgentState } from '@sveiki/sdk/agent';
import type { Surroundings } from '../surroundings/surroundings.ts';

/** A line that still lives this long after the device said it is offline does not need the network (a relay on the same machine). */
const provenMs = 5_000;
/** What was on screen shorter is not worth a word that it is over. */
const noticedMs = 1_000;

type ConnectionNotice = 'offline' | 'reconnecting' | 'closed';

/**
 * What is wrong with the connection. The device is believed at once: until a line is known to be dead, seconds pass in which one would type into
 * the void.
 */
export function createConnectionNotice(parts: {
  state: ReadonlySignal<AgentState>;
  page: Surroundings['page'];
  clock: Surroundings['clock'];
  onBack: () => void;
}) {
  const { state, page, clock, onBack } = parts;
  const connection = computed(() => state.value.connection);
  const isDeviceOffline = signal(page.isOffline());
  /** The line has outlived the network. */
  const isProven = signal(false);
  /** The state the line was in when the network came back: older news than that. */
  const outdated = signal<AgentState['connection'] | null>(null);

  const stopPage = page.onChange(() => {
    const isOffline = page.isOffline();
    if (isDeviceOffline.peek() && !isOffline) outdated.value = connection.peek();
    isDeviceOffline.value = isOffline;
  });

  const isOnline = computed(() => connection.value.status === 'online');
  const stopProof = effect(() => {
    isProven.value = false;
    if (!isDeviceOffline.value || !isOnline.value) return;
    return clock.after(provenMs, () => {
      isProven.value = true;
    });
  });

  const notice = computed<ConnectionNotice | null>(() => {
    const { status } = connection.value;
    if (status === 'closed') return 'closed';
    if (isDeviceOffline.value && !isProven.value) return 'offline';
    if (status === 'offline') return outdated.value === connection.value ? 'reconnecting' : 'offline';
    return status === 'reconnecting' ? 'reconnecting' : null;
  });

  let since = 0;
  const stopBack = effect(() => {
    const isWrong = notice.value !== null;
    if (isWrong) since ||= clock.now();
    else {
      const wasNoticed = since !== 0 && clock.now() - since >= noticedMs;
      // Connecting again is not yet being there.
      if (!isOnline.value) return;
      since = 0;
      if (wasNoticed) untracked(onBack);
    }
  });

  return {
    notice,
    dispose() {
      stopPage();
      stopProof();
      stopBack();
    },
  };
}
