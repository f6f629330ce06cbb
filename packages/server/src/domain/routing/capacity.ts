/** How much of an agent's capacity a conversation takes: its weight, but never more than the whole, so that the heaviest one still finds a place. */
export function weightFor(weight: number, capacity: number): number {
  return Math.min(weight, capacity);
}

/** What somebody carries: the weights of what they own and of what is offered to them. */
export function loadOf(weights: Iterable<number>, capacity: number): number {
  let load = 0;
  for (const weight of weights) load += weightFor(weight, capacity);
  return load;
}

/** Whether somebody can carry one more. `extra` is what a peak allows above the capacity; see `TeamInput.peak`. */
export function hasRoom(agent: { load: number; capacity: number }, weight: number, extra: number): boolean {
  return agent.capacity > 0 && agent.load + weightFor(weight, agent.capacity) <= agent.capacity + extra;
}

/** What a team's soft limit allows above the capacity while so many wait in it. */
export function peakExtra(team: { peak?: { waiting: number; extra: number } }, waiting: number): number {
  return team.peak !== undefined && waiting >= team.peak.waiting ? team.peak.extra : 0;
}
