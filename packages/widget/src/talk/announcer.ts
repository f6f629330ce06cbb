/** Screen readers drop what is said while the focus moves, and lose what is taken away sooner than this. */
const beforeMs = 250;
const staysMs = 1_000;

/**
 * The one polite voice of the widget. Each text is a line of its own in the live region for a second, in the order of the calls, so that nothing
 * is said twice and a burst loses nothing.
 */
export function createAnnouncer(region: () => Element | null) {
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let isOver = false;
  const after = (ms: number, run: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timers.add(timer);
  };
  return {
    _say(text: string) {
      if (isOver) return;
      after(beforeMs, () => {
        const line = document.createElement('div');
        line.textContent = text;
        region()?.append(line);
        after(staysMs, () => line.remove());
      });
    },
    /** Nothing is said any more. */
    _stop() {
      isOver = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
