import type { BlockEntry, SpamOverview } from '@sveiki/protocol';
import { type Audit, noAudit } from '../audit/audit.ts';
import type { Command, Outcome } from '../commands/command.ts';
import type { Directory } from '../commands/directory.ts';
import { markConversationAsSpam, unmarkConversation } from '../commands/mark-spam.ts';
import { may } from '../domain/access.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { AgentPrincipal, BlockRow, Clock, ConversationRow, Ids, Store } from '../ports.ts';
import type { Blocks } from './blocks.ts';

type Member = Pick<AgentPrincipal['agent'], 'id' | 'role'>;

/** Spam and blocks as the desk has them. Agents mark; who leads sees and changes all blocks. */
export interface SpamDesk {
  /** Resolves a conversation as spam, and blocks its visitor and his address for a time if that is wished. */
  mark(
    deed: { conversation: string; ownership: number; block?: { forMs: number; address: boolean } },
    agent: Member,
  ): Promise<Refusal | { blocked: { visitor: boolean; address: boolean } }>;
  /** Opens it again and takes out the blocks that came with it. */
  undo(deed: { conversation: string }, agent: Member): Promise<Refusal | object>;
  list(agent: Member): Promise<Refusal | SpamOverview>;
  block(
    what: { network: string; reason: string; forMs: number | null },
    agent: Member,
  ): Promise<Refusal | { block: BlockEntry }>;
  unblock(what: { id: string }, agent: Member): Promise<Refusal | object>;
}

/** The spam that a page of the desk shows. */
const SHOWN = 50;
/** Agents block for a time; without an end only who leads does. */
const MAX_AGENT_MS = 30 * 86_400_000;

export function createSpamDesk(parts: {
  store: Store;
  blocks: Blocks;
  clock: Clock;
  ids: Ids;
  audit?: Audit;
  directory: Directory;
  submit: (command: Command) => Promise<Outcome>;
  rowOf: (conversation: string) => Promise<ConversationRow | null>;
}): SpamDesk {
  const { store, blocks, clock, ids, audit = noAudit, directory, submit, rowOf } = parts;
  const entryOf = ({
    id,
    kind,
    target,
    reason,
    conversation,
    createdAt,
    createdBy,
    expiresAt,
  }: BlockRow): BlockEntry => ({
    ...{ id, kind, target, reason, conversation, createdAt, createdBy, expiresAt },
  });

  return {
    async mark({ conversation, ownership, block }, agent) {
      const row = await rowOf(conversation);
      if (row === null) return refuse('not-found');
      const visitor = row.state.visitor.id;
      const resolve = async (): Promise<Refusal | null> => {
        const done = await submit(
          markConversationAsSpam(agent.id, { id: ids.next(), conversation, ownership }, directory),
        );
        return done.done ? null : done;
      };
      if (block === undefined) return (await resolve()) ?? { blocked: { visitor: false, address: false } };
      const place = block.address ? blocks.placeOf(visitor) : null;
      const common = {
        reason: 'Spam',
        conversation,
        createdBy: agent.id,
        expiresAt: clock.now() + Math.min(block.forMs, MAX_AGENT_MS),
      };
      const wanted = [
        { ...common, kind: 'visitor' as const, target: visitor },
        ...(place === null ? [] : [{ ...common, kind: 'network' as const, target: place }]),
      ];
      const blocked = await blocks.blockWith(wanted, resolve);
      if ('refused' in blocked) return blocked;
      const object = `conversation:${conversation}` as const;
      await audit.note({ actor: `agent:${agent.id}`, action: 'block.made', object, person: visitor });
      return { blocked: { visitor: true, address: place !== null } };
    },
    async undo({ conversation }, agent) {
      const done = await submit(unmarkConversation(agent.id, { id: ids.next(), conversation }, directory));
      if (!done.done) return done;
      await audit.note({
        ...{ actor: `agent:${agent.id}`, action: 'block.lifted', object: `conversation:${conversation}` },
      });
      await blocks.unblock(blocks.list().flatMap((row) => (row.conversation === conversation ? [row.id] : [])));
      return {};
    },
    async list(agent) {
      if (!may(agent.role, 'change-blocks')) return refuse('forbidden');
      const { conversations } = await store.list({ view: 'spam', agent: agent.id, limit: SHOWN });
      return {
        blocks: blocks.list().map(entryOf),
        spam: conversations.map(({ state }) => ({
          conversation: state.id,
          visitor: state.visitor,
          at: state.resolvedAt ?? 0,
          text: state.last?.text ?? '',
        })),
      };
    },
    async block({ network, reason, forMs }, agent) {
      if (!may(agent.role, 'change-blocks')) return refuse('forbidden');
      const row = await blocks.block({
        ...{ kind: 'network', target: network, reason, conversation: null, createdBy: agent.id },
        expiresAt: forMs === null ? null : clock.now() + forMs,
      });
      if ('refused' in row) return row;
      await audit.note({ actor: `agent:${agent.id}`, action: 'block.made', object: `block:${row.id}`, reason });
      return { block: entryOf(row) };
    },
    async unblock({ id }, agent) {
      if (!may(agent.role, 'change-blocks')) return refuse('forbidden');
      if (!(await blocks.unblock([id]))) return refuse('not-found');
      await audit.note({ actor: `agent:${agent.id}`, action: 'block.lifted', object: `block:${id}` });
      return {};
    },
  };
}
