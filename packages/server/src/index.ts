/** The relay as a library: for scripts, tests and examples. In production `sveiki start` runs it. */
export { type Person, type RelayOptions, type RunningRelay, startRelay } from './start-relay.ts';
