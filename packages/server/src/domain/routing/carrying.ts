import type { ConversationState } from '@sveiki/protocol';

/** Whose room a conversation takes: its owner's, or that of everybody who is asked at the moment. */
export function carriersOf(state: ConversationState | undefined): readonly string[] {
  if (state === undefined || state.status === 'resolved') return [];
  return state.owner === null ? (state.offer?.agents ?? []) : [state.owner.id];
}

/** How much room it takes, before what somebody can carry at most cuts it; see `weightFor`. */
export function weightIn(state: ConversationState): number {
  return state.routing?.weight ?? 1;
}

/** Whether both take the same room of the same people. Cheap for what a message leaves as it was. */
export function carriesTheSame(before: ConversationState, after: ConversationState): boolean {
  return (
    before.owner?.id === after.owner?.id &&
    before.offer === after.offer &&
    before.routing === after.routing &&
    (before.status === 'resolved') === (after.status === 'resolved')
  );
}
