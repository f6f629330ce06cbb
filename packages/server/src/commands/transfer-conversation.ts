import type { Transfer } from '@sveiki/protocol';
import { refuse } from '../domain/refusal.ts';
import { transfer } from '../domain/transferring.ts';
import { actOnConversation } from './act-on-conversation.ts';
import type { Command } from './command.ts';
import { type Directory, ownerOf } from './directory.ts';

export function transferConversation(agent: string, frame: Transfer, directory: Directory): Command {
  return actOnConversation(agent, frame, directory, (state, self) => {
    if (frame.to.kind === 'team') {
      const team = directory.team(frame.to.id);
      return team === null
        ? refuse('no-such-team')
        : transfer(state, self, frame.ownership, { kind: 'team', team }, frame.note);
    }
    const target = directory.agent(frame.to.id);
    const isBot = frame.to.kind === 'bot';
    if (target === null || !target.active || isBot !== (target.role === 'bot'))
      return refuse(isBot ? 'no-such-bot' : 'no-such-agent');
    if (isBot)
      return transfer(
        state,
        self,
        frame.ownership,
        { kind: 'agent', agent: ownerOf(target), team: state.team },
        frame.note,
      );
    // The conversation moves to a team of the new owner when he is not in the present one.
    const stays = state.team !== null && target.teams.includes(state.team.id);
    const team = stays || target.teams[0] === undefined ? state.team : directory.team(target.teams[0]);
    return transfer(state, self, frame.ownership, { kind: 'agent', agent: ownerOf(target), team }, frame.note);
  });
}
