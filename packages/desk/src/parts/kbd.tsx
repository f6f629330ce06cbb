import { type Shortcut, shortcutLabel } from '../models/commands.ts';
import { useDesk } from './desk-context.ts';

/** A shortcut as keys. */
export function Keys({ shortcut }: { shortcut: Shortcut }) {
  const { around } = useDesk();
  return (
    <span class="keys">
      {shortcutLabel(shortcut, around.isMac).map((label) => (
        <kbd key={label}>{label}</kbd>
      ))}
    </span>
  );
}

/** A single key on a button, for the eye: the palette and the help say it to everybody. Gone where single keys are turned off. */
export function KeyHint({ letter }: { letter: string }) {
  const { settings } = useDesk();
  if (!settings.settings.value.singleKeys) return null;
  return (
    <span class="keys" aria-hidden="true">
      <kbd>{letter}</kbd>
    </span>
  );
}
