import {
  type Actor,
  type Answers,
  type Ask,
  type Block,
  type CommandFrame,
  type Consent,
  type ConversationState,
  checkAnswers,
  type ErrorCode,
  type FormDefinition,
  type FromClient,
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
/** [A1] */
const ofBots: readonly FromClient['type'][] = ['handoff', 'draft', 'stream', 'call-tool'];
const ofPeople: readonly FromClient['type'][] = [
  'take',
  'transfer',
  'resolve',
  'set-status',
  'set-presence',
  'accept',
  'decline',
  'get-list',
];
export const maySendFrame = ({ role }: Staff, type: FromClient['type']): boolean =>
  !(role === 'bot' ? ofPeople : ofBots).includes(type);

const mayActForOthers = ({ role }: Staff) => role !== 'agent' && role !== 'bot';

function stored(blocks: readonly OutgoingBlock[]): Block[] | Refusal {
  if (blocks.every(({ kind, text }) => kind !== 'file' && text.trim() === '')) return 'empty-message';
  if (blocks.some(({ text }) => new TextEncoder().encode(text).length > LIMITS.maxTextBytes)) return 'too-large';
  return blocks.map((block): Block => {
    if (block.kind === 'text') return storedBlock(block.text);
    if (block.kind !== 'file') return block;
    // Nothing is uploaded here: whatever is named was, and its sender says what it is called.
    const name = block.text || 'file';
    return { ...block, text: name, name, type: 'application/octet-stream', size: 1 };
  });
}

/** [C1]-[C4] */
export function visitorSays(
  visitor: { id: string; name: string | null; locale: string | null; visit: Visit | null },
  { aimed, current, back }: { aimed: Conversation | null; current: Conversation | null; back: Owner | null },
  message: {
    blocks: readonly OutgoingBlock[];
    team: TeamRef | null;
    mayReopen: boolean;
    /** What was filled in before, and the form it is of. */
    before: { purpose: 'pre-chat' | 'offline'; form: FormDefinition; answers: Answers } | null;
    /** The bot that answers first. */
    bot: Owner | null;
    /** What the site asks to agree to, by its version, and what came with the message. [K3] */
    consent: { version: string | null; given: Consent | null };
  },
): { to: Conversation | null; drafts: Draft[] } | Refusal {
  const blocks = stored(message.blocks);
  if (isRefusal(blocks)) return blocks;
  const actor = { kind: 'visitor' as const, id: visitor.id };
  const said: Draft = { actor, body: { kind: 'message', blocks }, primary: true };
  const { version, given: agreed } = message.consent;
  const had = (current ?? (message.mayReopen ? aimed : null))?.state.consent;
  const isKnown = had?.given === true && had.version === version;
  if (version !== null && !isKnown && agreed?.version !== version) return 'consent-required';
  const consent: Draft[] =
    version === null || isKnown || agreed === null
      ? []
      : [{ actor, body: { kind: 'consent', given: true, ...agreed } }];
  if (current !== null) return { to: current, drafts: [...consent, said] };
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
    return { to: aimed, drafts: [...consent, { actor, body: { kind: 'reopened' } }, said, ...returned] };
  }
  const { id, name, locale, visit } = visitor;
  const started: Draft = {
    actor,
    body: { kind: 'started', channel: 'chat', team: message.team, visitor: { id, name }, locale, visit },
  };
  const { before, bot, team } = message;
  const answers = before && checkAnswers(before.form, before.answers, { partial: false });
  if (answers && !answers.ok) return 'bad-answers';
  // [Q4]
  const answered: Draft[] =
    before && answers
      ? [
          {
            actor,
            body: {
              kind: 'answered',
              ask: before.purpose,
              form: before.form.id,
              answers: answers.answers as Answers,
              final: true,
            },
          },
        ]
      : [];
  const given: Draft[] = bot
    ? [{ actor: { kind: 'system' }, body: { kind: 'assigned', owner: bot, team, how: 'routed' } }]
    : [];
  return { to: null, drafts: [started, ...consent, ...answered, said, ...given] };
}

/** What an agent's command does to a conversation. [O1]-[O3] */
export function agentActs(
  agent: Staff,
  { state }: Conversation,
  frame: Exclude<CommandFrame, { type: 'set-presence' }>,
  known: {
    agent(id: string): Staff | null;
    team(id: string): TeamRef | null;
    isWrapUp(id: string): boolean;
    /** A form or survey of the configuration. */
    question(id: string): Ask | null;
    isDrafter(id: string): boolean;
  },
): Decision {
  if (!maySendFrame(agent, frame.type)) return 'forbidden';
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
      const target = known.agent(frame.to.id);
      const isBot = frame.to.kind === 'bot';
      if (target === null || (target.role === 'bot') !== isBot) return isBot ? 'no-such-bot' : 'no-such-agent';
      const owner = ownerOf(target);
      return [
        ...notes,
        { actor, body: { kind: 'assigned', owner, team: state.team, how: 'transferred' }, primary: true },
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
      const what = frame.what.kind === 'form' ? { form: frame.what.form, until: null } : known.question(frame.what.id);
      if (what === null) return 'no-such-form';
      if (state.status === 'resolved') return 'already-resolved';
      if (!isOwner || !isCurrent) return 'not-owner';
      const { id, name } = agent;
      return [{ actor, body: { kind: 'asked', ...what, about: { agent: { id, name }, team: state.team } } }];
    }
    case 'handoff': // [A2]
      if (state.status === 'resolved') return 'already-resolved';
      if (!isOwner || !isCurrent) return 'not-owner';
      if (frame.details.team !== undefined && known.team(frame.details.team) === null) return 'no-such-team';
      return handedOff(state, actor, 'bot', frame.id, frame.details, known.team(frame.details.team ?? ''));
    case 'draft': {
      if (!known.isDrafter(agent.id)) return 'forbidden';
      if (state.status === 'resolved') return 'already-resolved';
      if (state.owner === null || state.owner.bot === true) return 'not-owner';
      const blocks = stored(frame.blocks);
      if (isRefusal(blocks)) return blocks;
      return [{ actor, audience: 'staff', body: { kind: 'drafted', blocks, replyTo: frame.replyTo } }];
    }
    case 'answer':
    case 'request-human':
    case 'cancel-handoff':
    case 'withdraw-consent':
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
  team: TeamRef | null = null,
): Draft[] {
  const { team: _, ...told } = details ?? { reason: '' };
  const known = details && {
    ...told,
    transcript: { from: 1, to: state.publicHead },
    ownership: state.ownership,
  };
  return [
    {
      actor,
      body: { kind: 'handoff-requested', handoff, by, ...(known === undefined ? {} : { details: known }) },
      primary: true,
    },
    { actor: { kind: 'system' }, body: { kind: 'queued', team: team ?? state.team, why: 'handoff' } },
  ];
}

/** [K4] */
function withdrawn({ consent }: ConversationState, actor: Actor): Draft[] {
  if (consent?.given !== true) return [];
  const { version, language } = consent;
  return [{ actor, body: { kind: 'consent', given: false, version, language } }];
}

/** What a visitor's command does, beside what he says. [Q1]-[Q3], [A2] */
export function visitorActs(
  visitor: string,
  { state, events }: Conversation,
  frame: Extract<CommandFrame, { type: 'answer' | 'request-human' | 'cancel-handoff' | 'withdraw-consent' }>,
): Decision {
  const actor = { kind: 'visitor' as const, id: visitor };
  switch (frame.type) {
    case 'answer': {
      const asked = events.find((event) => event.id === frame.ask)?.body;
      if (asked?.kind !== 'asked') return 'no-such-question';
      const checked = checkAnswers(asked.form, frame.answers, { partial: frame.partial === true });
      if (!checked.ok) return 'bad-answers';
      // [Q2]
      const isDone = events.some(({ body }) => body.kind === 'answered' && body.ask === frame.ask && body.final);
      if (isDone && frame.partial) return [];
      return [
        {
          actor,
          body: {
            kind: 'answered',
            ask: frame.ask,
            form: asked.form.id,
            ...(asked.survey === undefined ? {} : { survey: asked.survey }),
            answers: checked.answers as Answers,
            final: frame.partial !== true,
          },
        },
      ];
    }
    case 'withdraw-consent':
      return withdrawn(state, actor);
    case 'request-human':
      if (state.status === 'resolved') return 'already-resolved';
      return state.owner?.bot === true ? handedOff(state, actor, 'visitor', frame.id) : [];
    case 'cancel-handoff':
      if (state.handoff?.state !== 'requested') return [];
      return [
        {
          actor,
          body: { kind: 'handoff-failed', handoff: state.handoff.id, why: 'cancelled-by-visitor' },
          primary: true,
        },
        ...(state.lastBot && !state.owner && state.status !== 'resolved'
          ? [
              {
                actor: { kind: 'system' as const },
                body: { kind: 'assigned' as const, owner: state.lastBot, team: state.team, how: 'returned' as const },
              },
            ]
          : []),
      ];
  }
}
