import type { WithdrawConsent } from '@sveiki/protocol';
import { withdraw } from '../domain/consenting.ts';
import type { Command } from './command.ts';
import { asVisitor } from './hand-off.ts';

export function withdrawConsent(visitor: string, frame: WithdrawConsent): Command {
  return asVisitor(visitor, frame, withdraw);
}
