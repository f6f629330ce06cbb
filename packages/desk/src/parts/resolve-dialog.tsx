import { useRef, useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';
import { Dialog, DialogFoot } from './dialog.tsx';

const words = texts.resolve;

/** Asks why the visitor wrote and closes the conversation. The keys 1 to 9 choose, Enter resolves. */
export function ResolveDialog() {
  const { screen, conversation, state } = useDesk();
  const [code, setCode] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const codes = state.value.wrapUpCodes;

  async function submit(event: Event) {
    event.preventDefault();
    if (code === null) return setProblem(words.choose);
    if (!(await conversation.resolve(code))) return setProblem(conversation.refused.value);
    // Done with this one: on to the next.
    screen.close();
    screen.focusOn('list');
  }

  function choose(id: string) {
    setCode(id);
    setProblem(null);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    const chosen = index === undefined ? undefined : codes[Number(index) - 1];
    if (chosen === undefined) return;
    event.preventDefault();
    choose(chosen.id);
    form.current?.querySelectorAll('input')[Number(index) - 1]?.focus();
  }

  return (
    <Dialog heading={words.heading} onClose={screen.close}>
      <form ref={form} class="stack" onSubmit={(event) => void submit(event)} onKeyDown={onKeyDown}>
        <fieldset class="options">
          <legend>{words.intro}</legend>
          {codes.length === 0 && <p class="hint">{words.none}</p>}
          {codes.map(({ id, name }, index) => (
            <label key={id} class="option">
              <input type="radio" name="code" checked={code === id} onChange={() => choose(id)} />
              <span class="option-name">
                <bdi>{name}</bdi>
              </span>
              {index < 9 && <NumberKey number={index + 1} />}
            </label>
          ))}
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

/** Beside the name for the eye; the hint below says it to everybody. */
function NumberKey({ number }: { number: number }) {
  return (
    <span class="keys" aria-hidden="true">
      <kbd>{number}</kbd>
    </span>
  );
}
