import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

/** TypeScript that people copy: every block of it in a page, but for those with a file name, which are cut from that file. */
const pages = ['README.md', 'docs/*.md', 'packages/*/README.md', 'examples/*/README.md'].flatMap((pattern) =>
  globSync(pattern),
);
const snippets = pages.flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ''], i) => ({
    name: `${page} ${i + 1}`,
    // Beside files that have both packages.
    file: resolve(`examples/ten-minutes/${page.replaceAll('/', '-')}-${i + 1}.ts`),
    code: `${code}\nexport {};`,
  })),
);
/** What a page has said before, or leaves to its reader. */
const known = {
  file: resolve('examples/ten-minutes/known.d.ts'),
  code: `
    declare function render(state: unknown): void;
    declare function findOrder(number: string, options?: { signal: AbortSignal }): Promise<string>;
    declare const chat: import('@sveiki/sdk').Chat;
    declare const tracker: import('@sveiki/sdk/bots').Bot;
    declare const defineBot: typeof import('@sveiki/sdk/bots').defineBot;`,
};

it('what the pages show compiles as it stands', { timeout: 120_000 }, () => {
  expect(snippets.length).toBeGreaterThanOrEqual(4);
  const texts = new Map([known, ...snippets].map(({ file, code }) => [file, code]));
  const { config } = ts.readConfigFile('tsconfig.test.json', ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, resolve('.'));
  const own = { ...options, incremental: false, noEmit: true, skipLibCheck: true };
  delete own.tsBuildInfoFile;
  const host = ts.createCompilerHost(own);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (file) => texts.has(file) || fileExists(file);
  host.readFile = (file) => texts.get(file) ?? readFile(file);
  host.getSourceFile = (file, ...more) => {
    const text = texts.get(file);
    return text === undefined ? getSourceFile(file, ...more) : ts.createSourceFile(file, text, ts.ScriptTarget.ES2022);
  };
  const program = ts.createProgram([...texts.keys()], own, host);
  const problems = snippets.flatMap(({ name, file }) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
  });
  expect(problems).toEqual([]);
});
