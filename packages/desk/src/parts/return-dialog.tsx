import { useState } from 'preact/hooks';
import { ownerName } from '../models/people.ts';
import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';
import { Dialog, DialogFoot } from './dialog.tsx';
import { Icon } from './icon.tsx';

const words = texts.returnToBot;

/** Gives the conversation back to a bot, with a note for whoever reads it next. */
export function ReturnDialog() {
  const { screen, conversation } = useDesk();
  const bots = conversation.bots.value;
  const [bot, setBot] = useState(bots[0]?.id ?? '');
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  async function submit(event: Event) {
    event.preventDefault();
    if (!(await conversation.returnToBot(bot, note))) return setProblem(conversation.refused.value);
    screen.close();
    screen.focusOn('list');
  }
  return (
    <Dialog heading={words.heading} onClose={screen.close}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <p class="hint">{words.intro}</p>
        <fieldset class="options">
          <legend>{words.which}</legend>
          {bots.map(({ id, name, wasHere }) => (
            <label key={id} class="option">
              <input type="radio" name="bot" checked={bot === id} onChange={() => setBot(id)} />
              <span class="avatar small team" aria-hidden="true">
                <Icon name="bot" size={14} />
              </span>
              <span class="option-name">
                <bdi>{ownerName({ name, bot: true })}</bdi> {wasHere && <span class="hint">{words.wasHere}</span>}
              </span>
            </label>
          ))}
        </fieldset>
        <label class="field note-field">
          <span class="field-label">
            <Icon name="lock" size={14} /> {words.note}
          </span>
          <textarea rows={2} dir="auto" value={note} onInput={(event) => setNote(event.currentTarget.value)} />
        </label>
        <DialogFoot
          problem={problem}
          button={words.button}
          isBusy={conversation.busy.value !== null}
          onCancel={screen.close}
        />
      </form>
    </Dialog>
  );
}
