import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';
import { Dialog } from './dialog.tsx';
import { Icon } from './icon.tsx';
import { Keys } from './kbd.tsx';

const optionId = (index: number) => `palette-${index}`;

/** Every action, found by typing. */
export function PaletteDialog() {
  const { palette, screen } = useDesk();
  const list = useRef<HTMLDivElement>(null);
  const items = palette.items.value;
  const active = palette.active.value;

  useLayoutEffect(() => palette.reset(), [palette]);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [active, items]);

  function onKeyDown(event: KeyboardEvent) {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') palette.move(event.key === 'ArrowDown' ? 1 : -1);
    else if (event.key === 'Enter') palette.run(palette.active.peek());
    else return;
    event.preventDefault();
  }

  return (
    <Dialog heading={texts.palette.heading} isPlain class="palette" onClose={screen.close}>
      <div class="palette-search">
        <Icon name="command" />
        <input
          class="palette-input"
          type="text"
          role="combobox"
          aria-label={texts.palette.label}
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={items.length > 0 ? optionId(active) : undefined}
          aria-autocomplete="list"
          autocomplete="off"
          spellcheck={false}
          placeholder={texts.palette.placeholder}
          value={palette.query.value}
          onInput={(event) => palette.search(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
      </div>
      <div ref={list} id="palette-list" class="palette-list" role="listbox" aria-label={texts.palette.heading}>
        {items.map((item, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the search box has the keyboard and points here.
          // biome-ignore lint/a11y/useFocusableInteractive: the search box has the keyboard and points here.
          <div
            key={item.id}
            id={optionId(index)}
            class="palette-item"
            role="option"
            aria-selected={index === active}
            data-group={items[index - 1]?.group === item.group ? undefined : texts.palette.groups[item.group]}
            onClick={() => palette.run(index)}
          >
            <span class="palette-title">
              <bdi>{item.title}</bdi>
            </span>
            {item.hint !== '' && (
              <span class="hint palette-hint">
                <bdi>{item.hint}</bdi>
              </span>
            )}
            {item.keys.map((shortcut) => (
              <Keys key={shortcut.code} shortcut={shortcut} />
            ))}
          </div>
        ))}
      </div>
      {items.length === 0 && <p class="palette-nothing">{texts.palette.nothing}</p>}
      <p class="unseen" role="status">
        {palette.announcement.value}
      </p>
    </Dialog>
  );
}
