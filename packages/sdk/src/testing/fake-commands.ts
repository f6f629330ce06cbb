import {
  type Actor,
  type Block,
  type CommandFrame,
  type ConversationState,
  type ErrorCode,
  type HandoffDetails,
  LIMITS,
  type OutgoingBlock,
  type Owner,
  type Role,
  type TeamRef,
  type Visit,
} from '@sveiki/protocol';
import type { Conversation, Draft } from './fake-log.ts';
import { storedBlock } from './markup.ts';

/** The rules of the relay as SPEC has them, without its machinery. Everything here is checked by the same recorded sessions as the relay. */

type Refusal = ErrorCode;
export type Decision = Draft[] | Refusal;
export const isRefusal = (decision: unknown): decision is Refusal => typeof decision === 'string';

export interface Staff extends Owner {
  role: Role;
}

const actorOf = ({ id, name, role }: Staff): Actor => ({ kind: role === 'bot' ? 'bot' : 'agent', id, name });
const mayActForOthers = ({ role }: Staff) => role !== 'agent' && role !== 'bot';

function stored(blocks: readonly OutgoingBlock[]): Block[] | Refusal {
  if (blocks.every(({ text }) => text.trim() === '')) return 'empty-message';
  if (blocks.some(({ text }) => new TextEncoder().encode(text).length > LIMITS.maxTextBytes)) return 'too-large';
  return blocks.map((block) => (block.kind === 'text' ? storedBlock(block.text) : block));
}

/** [C1]-[C4] */
export function visitorSays(
  visitor: { id: string; name: string | null; locale: string | null; visit: Visit | null },
  { aimed, current, back }: { aimed: Conversation | null; current: Conversation | null; back: Owner | null },
  message: { blocks: readonly OutgoingBlock[]; team: TeamRef | null; mayReopen: boolean },
): { to: Conversation | null; drafts: Draft[] } | Refusal {
  const blocks = stored(message.blocks);
  if (isRefusal(blocks)) return blocks;
  const actor = { kind: 'visitor' as const, id: visitor.id };
  const said: Draft = { actor, body: { kind: 'message', blocks }, primary: true };
  if (current !== null) return { to: current, drafts: [said] };
  if (aimed !== null && message.mayReopen) {
    const returned: Draft[] =
      back === null
        ? []
        : [
            {
              actor: { kind: 'system' },
              body: { kind: 'assigned', owner: back, team: aimed.state.team, how: 'returned' },
            },
          ];
    return { to: aimed, drafts: [{ actor, body: { kind: 'reopened' } }, said, ...returned] };
  }
  const { id, name, locale, visit } = visitor;
  const started: Draft = {
    actor,
    body: { kind: 'started', channel: 'chat', team: message.team, visitor: { id, name }, locale, visit },
  };
  return { to: null, drafts: [started, said] };
}

/** What an agent's command does to a conversation. [O1]-[O3] */
export function agentActs(
  agent: Staff,
  { state }: Conversation,
  frame: Exclude<CommandFrame, { type: 'set-presence' }>,
  known: { agent(id: string): Staff | null; team(id: string): TeamRef | null; isWrapUp(id: string): boolean },
): Decision {
  const actor = actorOf(agent);
  const isOwner = state.owner?.id === agent.id;
  const isCurrent = 'ownership' in frame && frame.ownership === state.ownership;
  switch (frame.type) {
    case 'note': {
      const blocks = stored(frame.blocks);
      return isRefusal(blocks) ? blocks : [{ actor, audience: 'staff', body: { kind: 'note', blocks } }];
    }
    case 'send': {
      const blocks = stored(frame.blocks);
      if (isRefusal(blocks)) return blocks;
      if (state.status === 'resolved') return 'already-resolved';
      if (!isOwner || !isCurrent) return 'not-owner';
      return [{ actor, body: { kind: 'message', blocks } }];
    }
    case 'take':
      if (state.status === 'resolved') return 'already-resolved';
      if (isOwner) return [];
      if (state.owner !== null && !(mayActForOthers(agent) && isCurrent)) return 'already-taken';
      return [
        {
          actor,
          body: { kind: 'assigned', owner: { id: agent.id, name: agent.name }, team: state.team, how: 'taken' },
        },
      ];
    case 'transfer': {
      if (state.status === 'resolved') return 'already-resolved';
      if (!isCurrent || (state.owner !== null && !isOwner && !mayActForOthers(agent))) return 'not-owner';
      const note = frame.note === undefined ? [] : stored(frame.note);
      if (isRefusal(note)) return note;
      const notes: Draft[] =
        note.length > 0 ? [{ actor, audience: 'staff', body: { kind: 'note', blocks: note } }] : [];
      if (frame.to.kind === 'team') {
        const team = known.team(frame.to.id);
        return team === null
          ? 'no-such-team'
          : [...notes, { actor, body: { kind: 'queued', team, why: 'transferred' }, primary: true }];
      }
      const owner = known.agent(frame.to.id);
      if (owner === null) return frame.to.kind === 'bot' ? 'no-such-bot' : 'no-such-agent';
      const { id, name } = owner;
      return [
        ...notes,
        { actor, body: { kind: 'assigned', owner: { id, name }, team: state.team, how: 'transferred' }, primary: true },
      ];
    }
    case 'resolve':
      if (state.status === 'resolved') return 'already-resolved';
      if (!known.isWrapUp(frame.wrapUp)) return 'no-such-code';
      if (!isCurrent || (!isOwner && !mayActForOthers(agent))) return 'not-owner';
      return [{ actor, body: { kind: 'resolved', wrapUp: frame.wrapUp } }];
    case 'set-status':
      if (state.status === 'resolved') return 'already-resolved';
      if (!isOwner || !isCurrent) return 'not-owner';
      return state.status === frame.status ? [] : [{ actor, body: { kind: 'status', status: frame.status } }];
    case 'accept': // [D1]
      if (state.owner !== null) return isOwner ? [] : 'already-taken';
      if (!state.offer?.agents.includes(agent.id)) return 'offer-expired';
      return [{ actor, body: { kind: 'assigned', owner: ownerOf(agent), team: state.team, how: 'accepted' } }];
    case 'decline': {
      if (!state.offer?.agents.includes(agent.id)) return 'offer-expired';
      const reason = frame.reason === undefined ? {} : { reason: frame.reason };
      const body = { kind: 'offer-ended' as const, agents: [agent.id], how: 'declined' as const, ...reason };
      return [{ actor, audience: 'staff', body }];
    }
    case 'ask': {
      if (!isOwner || !isCurrent) return 'not-owner';
      if (frame.what.kind === 'configured') return 'no-such-form';
      return [{ actor, body: { kind: 'asked', form: frame.what.form, until: null } }];
    }
    case 'handoff': // [A2]
      if (state.status === 'resolved') return 'already-resolved';
      if (!isOwner || !isCurrent) return 'not-owner';
      return handedOff(state, actor, 'bot', frame.id, frame.details);
    case 'draft': {
      const blocks = stored(frame.blocks);
      if (isRefusal(blocks)) return blocks;
      return [{ actor, audience: 'staff', body: { kind: 'drafted', blocks, replyTo: frame.replyTo } }];
    }
    case 'answer':
    case 'request-human':
    case 'cancel-handoff':
      return 'forbidden';
  }
}

const ownerOf = ({ id, name, role }: Staff): Owner => (role === 'bot' ? { id, name, bot: true } : { id, name });

/** [A2]: asked for, and in the queue, in one step. */
function handedOff(
  state: ConversationState,
  actor: Actor,
  by: 'bot' | 'visitor',
  handoff: string,
  details?: HandoffDetails,
): Draft[] {
  return [
    {
      actor,
      body: { kind: 'handoff-requested', handoff, by, ...(details === undefined ? {} : { details }) },
      primary: true,
    },
    { actor: { kind: 'system' }, body: { kind: 'queued', team: state.team, why: 'handoff' } },
  ];
}

/** What a visitor's command does, beside what he says. [Q1]-[Q3], [A2] */
export function visitorActs(
  visitor: string,
  { state, events }: Conversation,
  frame: Extract<CommandFrame, { type: 'answer' | 'request-human' | 'cancel-handoff' }>,
): Decision {
  const actor = { kind: 'visitor' as const, id: visitor };
  switch (frame.type) {
    case 'answer': {
      const asked = events.find((event) => event.id === frame.ask)?.body;
      if (asked?.kind !== 'asked') return 'no-such-question';
      return [
        {
          actor,
          body: {
            kind: 'answered',
            ask: frame.ask,
            form: asked.form.id,
            ...(asked.survey === undefined ? {} : { survey: asked.survey }),
            answers: frame.answers,
            final: frame.partial !== true,
          },
        },
      ];
    }
    case 'request-human':
      if (state.status === 'resolved') return 'already-resolved';
      return state.owner?.bot === true ? handedOff(state, actor, 'visitor', frame.id) : [];
    case 'cancel-handoff':
      if (state.handoff?.state !== 'requested') return [];
      return [{ actor, body: { kind: 'handoff-failed', handoff: state.handoff.id, why: 'cancelled-by-visitor' } }];
  }
}
