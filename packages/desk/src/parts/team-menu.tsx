import type { AgentProfile } from '@sveiki/sdk/agent';
import { texts } from '../texts.ts';
import { Avatar, PresenceMark } from './avatar.tsx';
import { useDesk } from './desk-context.ts';
import { Popover } from './popover.tsx';

const order = { online: 0, away: 1, offline: 2 };

/** Colleagues who are there first, those with the least to do before the others. */
export const byPresence = (a: AgentProfile, b: AgentProfile) =>
  order[a.presence] - order[b.presence] || a.load - b.load || a.name.localeCompare(b.name);

/** How much of his capacity an agent has in hand: a bar beside the number. */
export function Load({ agent }: { agent: AgentProfile }) {
  return (
    <span class={`load ${agent.load >= agent.capacity ? 'full' : ''}`}>
      <span class="load-bar" aria-hidden="true">
        <span style={{ inlineSize: `${Math.min(100, (agent.load / Math.max(1, agent.capacity)) * 100)}%` }} />
      </span>
      <span aria-hidden="true">{texts.team.loadShort(agent.load, agent.capacity)}</span>
      <span class="unseen">{texts.team.load(agent.load, agent.capacity)}</span>
    </span>
  );
}

/** Who is here, and how much everybody has in hand. */
export function TeamMenu() {
  const { state } = useDesk();
  const { agents, teams } = state.value;
  const nameOf = (id: string) => teams.find((team) => team.id === id)?.name ?? id;
  return (
    <Popover icon="team" label={texts.team.button}>
      <h2 class="popover-heading">{texts.team.heading}</h2>
      {agents.length === 0 && <p class="hint">{texts.team.empty}</p>}
      <ul class="colleagues">
        {agents
          .filter(({ role }) => role !== 'bot')
          .sort(byPresence)
          .map((agent) => (
            <li key={agent.id} class="colleague">
              <Avatar id={agent.id} name={agent.name} size="small" />
              <span class="colleague-name">
                <bdi>{agent.name}</bdi>
                <span class="hint">
                  <PresenceMark presence={agent.presence} isNamed /> {texts.presence[agent.presence]}
                  {agent.teams.length > 0 && ` · ${agent.teams.map(nameOf).join(', ')}`}
                </span>
              </span>
              <Load agent={agent} />
            </li>
          ))}
      </ul>
    </Popover>
  );
}
