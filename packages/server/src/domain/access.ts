import type { Role } from '@sveiki/protocol';

/** What a role may do beyond answering its own conversations. Everything not listed is denied. */
const ALLOWED = {
  /** Take, transfer or resolve a conversation that somebody else owns. */
  'act-for-others': ['lead', 'manager', 'admin'],
} as const satisfies Record<string, readonly Role[]>;

export function may(role: Role, action: keyof typeof ALLOWED): boolean {
  return (ALLOWED[action] as readonly Role[]).includes(role);
}
