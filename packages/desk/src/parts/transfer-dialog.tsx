import { useState } from 'preact/hooks';
import type { Target } from '../models/conversation.ts';
import { hoursInWords } from '../models/hours.ts';
import { ownerName } from '../models/people.ts';
import { texts } from '../texts.ts';
import { Avatar, PresenceMark } from './avatar.tsx';
import { useDesk } from './desk-context.ts';
import { Dialog, DialogFoot } from './dialog.tsx';
import { Icon } from './icon.tsx';
import { byPresence, Load } from './team-menu.tsx';

const words = texts.transfer;

/** Gives the conversation to an agent or a team, with a note for whoever answers next. */
export function TransferDialog() {
  const { screen, conversation, state, me, setup, around, now } = useDesk();
  const [to, setTo] = useState<{ target: Target; name: string } | null>(null);
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const { agents, teams } = state.value;
  const owner = conversation.current.value?.owner?.id;
  const others = agents
    .filter(({ id, role }) => role !== 'bot' && id !== owner && id !== me.value?.id)
    .sort(byPresence);

  const bots = conversation.bots.value.filter(({ id }) => id !== owner);

  async function submit(event: Event) {
    event.preventDefault();
    if (to === null) return setProblem(words.choose);
    if (!(await conversation.transfer(to.target, note))) return setProblem(conversation.refused.value);
    // Done with this one: on to the next.
    screen.close();
    screen.focusOn('list');
  }

  const choose = (target: Target, name: string) => () => {
    setTo({ target, name });
    setProblem(null);
  };

  return (
    <Dialog heading={words.heading} onClose={screen.close}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <p class="hint">{words.intro}</p>
        <fieldset class="options">
          <legend>{words.teams}</legend>
          {teams.map((team) => {
            const online = agents.filter(
              (agent) => agent.presence === 'online' && agent.teams.includes(team.id),
            ).length;
            const hours = setup.hoursOf(team.id);
            const queued =
              conversation.current.value?.owner == null && conversation.current.value?.team?.id === team.id;
            return (
              <label key={team.id} class="option">
                <input type="radio" name="to" onChange={choose({ team: team.id }, team.name)} />
                <span class="avatar small team" aria-hidden="true">
                  <Icon name="team" size={14} />
                </span>
                <span class="option-name">
                  <bdi>{team.name}</bdi>{' '}
                  {hours !== null && (
                    <span class={`hint ${hours.open ? '' : 'is-closed'}`}>
                      {hoursInWords(hours, now.value, around.timeZone)}
                    </span>
                  )}
                  {queued && <span class="hint">{words.waitsHere}</span>}
                </span>{' '}
                <span class="hint">{words.teamHint(online)}</span>
              </label>
            );
          })}
        </fieldset>
        <fieldset class="options">
          <legend>{words.agents}</legend>
          {others.map((agent) => (
            <label key={agent.id} class="option">
              <input type="radio" name="to" onChange={choose({ agent: agent.id }, agent.name)} />
              <Avatar id={agent.id} name={agent.name} size="small" />
              <span class="option-name">
                <bdi>{agent.name}</bdi>{' '}
                <span class="hint">
                  <PresenceMark presence={agent.presence} isNamed /> {texts.presence[agent.presence]}
                  {agent.load >= agent.capacity && `, ${words.full}`}
                </span>
              </span>{' '}
              <Load agent={agent} />
            </label>
          ))}
        </fieldset>
        {bots.length > 0 && (
          <fieldset class="options">
            <legend>{words.bots}</legend>
            {bots.map((bot) => (
              <label key={bot.id} class="option">
                <input
                  type="radio"
                  name="to"
                  onChange={choose({ bot: bot.id }, ownerName({ name: bot.name, bot: true }))}
                />
                <span class="avatar small team" aria-hidden="true">
                  <Icon name="bot" size={14} />
                </span>
                <span class="option-name">
                  <bdi>{ownerName({ name: bot.name, bot: true })}</bdi>
                </span>
              </label>
            ))}
          </fieldset>
        )}
        <label class="field note-field">
          <span class="field-label">
            <Icon name="lock" size={14} /> {words.note}
          </span>
          <textarea rows={2} dir="auto" value={note} onInput={(event) => setNote(event.currentTarget.value)} />
        </label>
        <DialogFoot
          problem={problem}
          button={words.button(to?.name ?? null)}
          isBusy={conversation.busy.value !== null}
          onCancel={screen.close}
        />
      </form>
    </Dialog>
  );
}
