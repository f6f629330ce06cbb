import { useEffect } from 'preact/hooks';
import type { Picker } from '../models/composer.ts';
import { plainWords } from '../models/plain-words.ts';
import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';

export const cannedListId = 'canned-replies';
export const cannedOptionId = (index: number) => `canned-reply-${index}`;

/** The canned replies for the `/word` being typed. The keyboard stays in the text; the list only points. */
export function CannedList({ picker, onChoose }: { picker: Picker; onChoose: (index: number) => void }) {
  const { alerts } = useDesk();
  const count = picker.items.length;
  useEffect(() => alerts.say(texts.composer.cannedCount(count)), [count, alerts]);
  return (
    <div id={cannedListId} class="canned" role="listbox" aria-label={texts.composer.canned}>
      {picker.items.map((item, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the text box has the keyboard and points here.
        // biome-ignore lint/a11y/useFocusableInteractive: the text box has the keyboard and points here.
        <div
          key={item.id}
          id={cannedOptionId(index)}
          class="canned-item"
          role="option"
          aria-selected={index === picker.active}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onChoose(index)}
        >
          <span class="canned-title">{item.title}</span>
          <span class="canned-shortcut">/{item.shortcut.replace(/^\//, '')}</span>
          <span class="canned-text" dir="auto">
            {plainWords(item.text)}
          </span>
        </div>
      ))}
    </div>
  );
}
