import { useLayoutEffect } from 'preact/hooks';
import type { FocusTarget } from '../models/screen.ts';
import { useDesk } from './desk-context.ts';

/** Moves the keyboard to this part when the models wish it, as soon as the part is there. Right after drawing: the next key may be under way. */
export function useFocusWish(target: FocusTarget, focus: () => void, isReady = true): void {
  const { screen } = useDesk();
  const wish = screen.focus.value;
  useLayoutEffect(() => {
    if (isReady && wish?.target === target && screen.heed(wish)) focus();
  });
}
