import { refuse } from '../domain/refusal.ts';
import type { VisitorRow } from '../ports.ts';
import type { Command } from './command.ts';

/** A visitor became known by a signed identity: his running conversation says so. */
export function identifyVisitor(id: string, visitor: VisitorRow & { externalId: string }): Command {
  return {
    author: `v:${visitor.id}`,
    id,
    needs: [],
    decide(view) {
      const state = view.currentOf(visitor.id);
      if (state === null) return refuse('not-found');
      const { name, email, externalId } = visitor;
      return {
        conversation: state.id,
        site: visitor.site,
        drafts: [
          {
            actor: { kind: 'visitor', id: visitor.id },
            audience: 'public',
            body: { kind: 'identified', name, email, externalId },
          },
        ],
      };
    },
  };
}
