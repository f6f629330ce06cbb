import type { ConversationState, FromClient, Owner, Role } from '@sveiki/protocol';

/** What a role may do beyond answering its own conversations. Everything not listed is denied. */
const ALLOWED = {
  /** Take, transfer or resolve a conversation that somebody else owns. */
  'act-for-others': ['lead', 'manager', 'admin'],
  /** Write canned replies that others use. */
  'write-shared-replies': ['lead', 'manager', 'admin'],
  /** See how surveys and routing do. */
  'see-results': ['lead', 'manager', 'admin'],
  /** Change schedules, and when surveys are asked. */
  'change-setup': ['lead', 'manager', 'admin'],
  /** Read what staff did, and whose words they read. */
  'read-audit': ['manager', 'admin'],
  /** See and change who is blocked. */
  'change-blocks': ['lead', 'manager', 'admin'],
  /** Export and erase what is kept about a person. */
  'manage-people': ['manager', 'admin'],
} as const satisfies Record<string, readonly Role[]>;

export function may(role: Role, action: keyof typeof ALLOWED): boolean {
  return (ALLOWED[action] as readonly Role[]).includes(role);
}

/** The frames of staff, and who may send them. A bot has only what it needs to answer; nobody else may act as one. @see SPEC [A1] */
const STAFF_FRAMES: Partial<Record<FromClient['type'], 'all' | 'people' | 'bots'>> = {
  send: 'all',
  note: 'all',
  take: 'people',
  transfer: 'people',
  resolve: 'people',
  'set-status': 'people',
  'set-presence': 'people',
  accept: 'people',
  decline: 'people',
  ask: 'all',
  handoff: 'bots',
  draft: 'bots',
  watch: 'all',
  unwatch: 'all',
  'get-events': 'all',
  'get-list': 'people',
  typing: 'all',
  mark: 'all',
  stream: 'bots',
  'call-tool': 'bots',
  pong: 'all',
};

export function maySendFrame(role: Role, type: FromClient['type']): boolean {
  const who = STAFF_FRAMES[type];
  return who === 'all' || (who !== undefined && (who === 'bots') === (role === 'bot'));
}

/** The frames of visitors; everything else is for staff. Whose conversation it is about is asked by `maySee`. */
const VISITOR_FRAMES: ReadonlySet<FromClient['type']> = new Set([
  'send',
  'answer',
  'request-human',
  'cancel-handoff',
  'withdraw-consent',
  'get-events',
  'typing',
  'mark',
  'visit',
  'tool-done',
  'pong',
]);

export function visitorMaySend(type: FromClient['type']): boolean {
  return VISITOR_FRAMES.has(type);
}

/** Whether somebody on staff may read a conversation: people all of them, a bot what it has, had last, or drafts for. */
export function mayRead(
  state: ConversationState,
  { id, role }: Pick<Owner, 'id'> & { role: Role },
  isDrafter: boolean,
): boolean {
  return role !== 'bot' || state.owner?.id === id || state.lastBot?.id === id || isDrafter;
}
