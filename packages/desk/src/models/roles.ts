import type { Me } from '@sveiki/sdk/agent';

// The relay says who may; this keeps away what it would refuse.

/** A lead, a manager or an admin. */
export const leads = (me: Me | null): boolean => me !== null && me.role !== 'agent';

/** Who may see what is kept about people, and what staff did. */
export const manages = (me: Me | null): boolean => me?.role === 'manager' || me?.role === 'admin';
