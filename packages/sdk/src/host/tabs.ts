import type { Clock } from '../clock.ts';
import type { Surroundings } from '../connection/surroundings.ts';

/** A leader that does not answer in this time is frozen or gone: another tab takes over. */
const answerMs = 2_000;

export interface TabHandlers<M> {
  /** This tab has the line from now on. */
  _lead(): void;
  /** Another tab took the line. */
  _follow(): void;
  _message(message: M): void;
}

export type Tabs<M> = NonNullable<ReturnType<typeof joinTabs<M>>>;

/**
 * Joins the tabs of this origin that share `name`: one of them leads (it holds a Web Lock, which the browser frees when the tab ends), all hear
 * what any of them posts. Null where the page has not both APIs.
 */
export function joinTabs<M>(page: Surroundings, clock: Clock, name: string, handlers: TabHandlers<M>) {
  const locks = page.navigator?.locks;
  const { BroadcastChannel } = page;
  if (!locks || !BroadcastChannel) return null;
  const channel = new BroadcastChannel(name);
  let isLeader = false;
  let hasLeft = false;
  let giveUp = () => {};
  let cancelSteal: (() => void) | null = null;

  /** Waits for the lock, or takes it away from a leader that does not answer. */
  function queue(steal: boolean) {
    giveUp();
    const abort = new AbortController();
    let isGranted = false;
    giveUp = () => abort.abort();
    const lead = () => {
      answered();
      isGranted = isLeader = true;
      handlers._lead();
    };
    const hold = () =>
      new Promise<void>((resolve) => {
        if (abort.signal.aborted) return resolve();
        giveUp = resolve;
        lead();
      });
    locks!.request(name, steal ? { steal } : { signal: abort.signal }, hold).catch(() => {
      if (hasLeft) return;
      if (isGranted) {
        // Stolen: this tab was silent for too long.
        isLeader = false;
        handlers._follow();
        queue(false);
      } else if (!abort.signal.aborted) lead(); // No locks for this page after all: it leads itself.
    });
  }

  function answered() {
    cancelSteal?.();
    cancelSteal = null;
  }

  channel.onmessage = ({ data }) => handlers._message(data as M);
  queue(false);
  return {
    _isLeader: () => isLeader,
    _post: (message: M) => channel.postMessage(message),
    /** The leader was asked something: if it stays silent, this tab takes over. */
    _expectAnswer() {
      if (!isLeader) cancelSteal ??= clock.after(answerMs, () => queue(true));
    },
    _answered: answered,
    _leave() {
      hasLeft = true;
      isLeader = false;
      answered();
      giveUp();
      channel.onmessage = null;
      channel.close();
    },
  };
}
