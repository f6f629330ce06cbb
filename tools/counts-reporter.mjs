import { writeFileSync } from 'node:fs';

/** Counts a run for `npm test`, whose last line says `N passed, N failed`. A file that does not load is one failure. */
export default class CountsReporter {
  onTestRunEnd(modules, errors) {
    const file = process.env.SVEIKI_TEST_COUNTS;
    if (!file) return;
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      const states = [...module.children.allTests()].map((test) => test.result().state);
      for (const state of states) counts[state === 'passed' || state === 'failed' ? state : 'skipped']++;
      if (module.state() === 'failed' && !states.includes('failed')) counts.failed++;
    }
    writeFileSync(file, JSON.stringify(counts));
  }
}
