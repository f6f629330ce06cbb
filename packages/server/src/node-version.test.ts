import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeProblem } from './node-version.ts';

describe('the version of Node', () => {
  it.each(['22.14.0', 'v22.14.1', '22.22.0', '23.0.0', '24.15.0', '100.0.0'])('%s will do', (version) => {
    expect(nodeProblem(version)).toBeNull();
  });

  it.each(['20.20.2', 'v18.0.0', '22.13.9', '0.12.18', 'nonsense'])(
    '%s is too old, said in one sentence with a way out',
    (version) => {
      expect(nodeProblem(version)).toMatch(
        /^Sveiki needs Node 22\.14 or newer, and this is Node [^:]+: install a newer one from \S+\.$/,
      );
    },
  );

  it('is the one the package asks for', () => {
    const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      engines: { node: string };
    };
    expect(engines.node).toBe('>=22.14');
  });

  it('is judged before anything else is loaded', () => {
    const imports = readFileSync(new URL('./cli.ts', import.meta.url), 'utf8').match(/^import .*$/gm);
    expect(imports).toEqual(["import { nodeProblem } from './node-version.ts';"]);
    expect(readFileSync(new URL('./node-version.ts', import.meta.url), 'utf8')).not.toMatch(/^import/m);
  });
});
