import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { cssText } from './tools/css-text.mjs';

/** Tests read the sources of our packages, not what was built; only `e2e` looks at built files. */
const conditions = ['@sveiki/source', ...defaultServerConditions];
/** Node knows no "module": what a package means for bundlers by it need not run there. */
const nodeConditions = conditions.filter((condition) => condition !== 'module');
const domTests = 'packages/{widget,desk}/src/**/*.dom.test.{ts,tsx}';
const alone = { fileParallelism: false };

export default defineConfig({
  plugins: [cssText()],
  resolve: { conditions },
  ssr: { resolve: { conditions: nodeConditions } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    passWithNoTests: true,
    // A test that hangs must end some time; a busy machine is no failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Of a second by default, which a busy browser needs for a click.
    expect: { poll: { timeout: 20_000 } },
    pool: 'forks',
    maxWorkers: 2,
    execArgv: ['--conditions=@sveiki/source'],
    reporters: ['default', './tools/counts-reporter.mjs'],
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          include: ['packages/*/src/**/*.test.{ts,tsx}', '{tools,bench,examples}/**/*.test.ts'],
          exclude: [domTests, '**/node_modules/**'],
        },
      },
      { extends: true, test: { name: 'dom', environment: 'happy-dom', include: [domTests] } },
      {
        extends: true,
        test: { name: 'e2e', environment: 'node', include: ['e2e/**/*.e2e.ts'], ...alone, testTimeout: 240_000 },
      },
      {
        extends: true,
        test: {
          name: 'soak',
          environment: 'node',
          include: ['{e2e,bench,tools}/**/*.soak.ts'],
          ...alone,
          testTimeout: 3_600_000,
        },
      },
    ],
  },
});
