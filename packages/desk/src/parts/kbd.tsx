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
