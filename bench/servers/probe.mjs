// Loaded into every measured server with `--import`: answers the bench's questions about its process. Plain JavaScript, because reading types
// away would bring a compiler into the memory that is measured.

process.on('message', (question) => {
  if (question === 'cpu') {
    // Microseconds since the start, of all threads.
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: user + system });
  }
  if (question === 'memory') void measureMemory();
});
// A channel that listens would keep the server alive when it wants to end.
process.channel?.unref();

/**
 * Resident bytes after garbage was collected. V8 then still holds room for new objects, up to 64 MB, which it grew while thousands connected at
 * once; how much is a matter of luck. So the room is given back too (`last-resort`), and both are told.
 */
async function measureMemory() {
  const roomy = await residentAfter(() => globalThis.gc?.());
  const memory = await residentAfter(() =>
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' }),
  );
  process.send?.({ memory, roomy });
}

/** Several times, with time between: what one collection frees lets the next one give pages back. */
async function residentAfter(collect) {
  for (let i = 0; i < 4; i++) {
    collect();
    await new Promise((done) => setTimeout(done, 100));
  }
  return process.memoryUsage.rss();
}
