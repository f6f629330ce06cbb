import type { Bus, BusMessage, Clock } from '../ports.ts';

/** How often a node says whose lines it has; also at once when that changes. */
const BEAT_MS = 5_000;
/** A node that was silent for so long is gone, and with it everybody who was connected to it alone. */
const SILENT_MS = 16_000;

/** Who is connected to the other relays that share this store: what each says of itself, for as long as it says it. */
export interface Elsewhere {
  /** Whose lines this node has is another set now. */
  tell(): void;
  hear(message: Extract<BusMessage, { kind: 'here' }>): void;
  /** Says that nobody is here any more. */
  stop(): void;
}

export function createElsewhere(parts: {
  bus: Bus;
  clock: Clock;
  /** Names this life of this node. */
  node: string;
  /** The agents who have a line here. */
  here: () => string[];
  /** Everybody who is connected to another node, whenever that changed. */
  changed: (agents: ReadonlySet<string>) => void;
}): Elsewhere {
  const { bus, clock, node, here, changed } = parts;
  const others = new Map<string, { agents: readonly string[]; cancel: () => void }>();
  let known = '';
  let told = '';
  let cancelBeat = (): void => {};
  let isStopped = false;

  function look(): void {
    const agents = new Set([...others.values()].flatMap((other) => other.agents));
    const next = [...agents].toSorted().join(' ');
    if (next === known) return;
    known = next;
    changed(agents);
  }

  function say(agents: string[]): void {
    told = agents.join(' ');
    bus.publish({ kind: 'here', node, agents });
  }

  function beat(): void {
    say(here());
    cancelBeat = clock.after(BEAT_MS, beat);
  }

  beat();
  return {
    tell() {
      const agents = here();
      if (!isStopped && agents.join(' ') !== told) say(agents);
    },
    hear({ node: other, agents }) {
      if (other === node || isStopped) return;
      others.get(other)?.cancel();
      const forget = (): void => {
        others.delete(other);
        look();
      };
      others.set(other, { agents, cancel: clock.after(SILENT_MS, forget) });
      look();
    },
    stop() {
      isStopped = true;
      cancelBeat();
      for (const { cancel } of others.values()) cancel();
      say([]);
    },
  };
}
