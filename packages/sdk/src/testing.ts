export { type BrowserAt, browserAt } from './testing/browser-at.ts';
export { type CastAgent, cast } from './testing/cast.ts';
export { type TestClock, testClock } from './testing/clock.ts';
export { type FakeHttp, fakeHttp } from './testing/fake-http.ts';
export {
  type FakeAgent,
  type FakeServer,
  type FakeServerOptions,
  type FakeVisitor,
  fakeServer,
} from './testing/fake-server.ts';
export { type FakeNetwork, fakeNetwork } from './testing/network.ts';
export { type Pair, pair } from './testing/pair.ts';
export { type MemoryStorage, memoryStorage } from './testing/storage.ts';
export { until } from './testing/until.ts';
