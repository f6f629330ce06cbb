/**
 * Lets time of the clock on the wall pass. For soak tests alone, and only where time is what they are about (ten minutes in which nothing happens), or where another
 * process tells nothing and has to be asked again. Everything else waits for what happens.
 */
export const letPass = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
