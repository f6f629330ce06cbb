import { useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';
import { Dialog, DialogFoot } from './dialog.tsx';
import { Icon } from './icon.tsx';

const words = texts.spam;
const dayMs = 86_400_000;
const times = [null, dayMs, 30 * dayMs] as const;

/** Asks how far the end of an unwanted conversation goes. */
export function SpamDialog() {
  const { screen, conversation } = useDesk();
  const [forMs, setForMs] = useState<number | null>(null);
  const [address, setAddress] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function submit(event: Event) {
    event.preventDefault();
    if (!(await conversation.markSpam(forMs === null ? null : { forMs, address })))
      return setProblem(conversation.refused.value);
    screen.close();
    screen.focusOn('conversation');
  }

  return (
    <Dialog heading={words.heading} onClose={screen.close}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <p>{words.intro}</p>
        <fieldset class="options">
          <legend>{words.block}</legend>
          {times.map((time, index) => (
            <label key={time} class="option">
              <input type="radio" name="for" checked={forMs === time} onChange={() => setForMs(time)} />
              <span class="option-name">{words.times[index]}</span>
            </label>
          ))}
          {forMs !== null && (
            <label class="option">
              <input type="checkbox" checked={address} onChange={(event) => setAddress(event.currentTarget.checked)} />
              <span class="option-name">{words.address}</span>
            </label>
          )}
        </fieldset>
        <DialogFoot
          problem={problem}
          hint={words.hint}
          button={words.button}
          isBusy={conversation.busy.value !== null}
          onCancel={screen.close}
        />
      </form>
    </Dialog>
  );
}

/** What was marked can be taken back for as long as it is looked at. */
export function SpamBar() {
  const { conversation } = useDesk();
  if (!conversation.isSpam.value) return null;
  return (
    <p class="refusal" role="status">
      <Icon name="shield" size={16} />
      <span>{words.marked}</span>
      <button type="button" class="link" onClick={() => void conversation.unmarkSpam()}>
        {words.undo}
      </button>
    </p>
  );
}
