/** Two soft notes, a fifth apart, a third of a second: heard, not startling. Browsers allow sound only after the page was touched once. */
export function createTone(): () => void {
  let context: AudioContext | null = null;
  const wake = () => {
    if (typeof AudioContext === 'undefined') return;
    context ??= new AudioContext();
    void context.resume();
  };
  addEventListener('pointerdown', wake, { once: true });
  addEventListener('keydown', wake, { once: true });

  return () => {
    if (context === null || context.state !== 'running') return;
    for (const [frequency, offset] of [
      [523.25, 0],
      [783.99, 0.09],
    ] as const) {
      const start = context.currentTime + offset;
      const volume = context.createGain();
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(0.06, start + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.28);
      const note = context.createOscillator();
      note.frequency.value = frequency;
      note.connect(volume).connect(context.destination);
      note.start(start);
      note.stop(start + 0.3);
    }
  };
}
