import type { CommandGroup } from '../models/commands.ts';
import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';
import { Dialog } from './dialog.tsx';
import { Keys } from './kbd.tsx';

const groups: readonly CommandGroup[] = ['conversation', 'lists', 'me'];
const words = texts.keys;

/** Which key does what, read from the same list the keys themselves are. */
export function KeysDialog() {
  const { commands, screen, settings, around } = useDesk();
  const mod = around.isMac ? '⌘' : 'Ctrl';
  const inComposer: [string, string[]][] = [
    [words.send, settings.settings.value.enterSends ? ['Enter'] : [mod, 'Enter']],
    [words.newLine, settings.settings.value.enterSends ? ['Shift', 'Enter'] : ['Enter']],
    [words.canned, ['/']],
    [words.leave, ['Esc']],
  ];
  return (
    <Dialog heading={words.heading} onClose={screen.close} class="wide">
      <p class="hint">{settings.settings.value.singleKeys ? words.intro : words.off}</p>
      <div class="key-groups">
        {groups.map((group) => (
          <section key={group}>
            <h3>{texts.palette.groups[group]}</h3>
            <dl class="key-list">
              {commands
                .filter((command) => command.group === group && command.keys.length > 0)
                .map((command) => (
                  <div key={command.id}>
                    <dt>{command.title}</dt>
                    <dd>
                      {command.keys.map((shortcut) => (
                        <Keys key={shortcut.code} shortcut={shortcut} />
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>{words.inComposer}</h3>
          <dl class="key-list">
            {inComposer.map(([title, keys]) => (
              <div key={title}>
                <dt>{title}</dt>
                <dd class="keys">
                  {keys.map((label) => (
                    <kbd key={label}>{label}</kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}
