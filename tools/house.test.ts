import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importTable } from './check/import-table.mjs';

interface Source {
  path: string;
  text: string;
}

type ImportKind = 'static' | 'dynamic' | 'type';

interface Import {
  from: string;
  name: string;
  kind: ImportKind;
}

interface Manifest {
  name: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

interface TableRule {
  name: string;
  from: { path: string; pathNot?: string };
  to: { path?: string; pathNot?: string; dependencyTypes?: string[]; dependencyTypesNot?: string[] };
}

const skipped = new Set(['node_modules', 'dist', '.tsc', 'toolchain', 'fixtures']);

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesBelow(path);
    return [path];
  });
}

const allFiles = ['packages', 'examples', 'bench', 'e2e', 'tools'].flatMap(filesBelow);
const sources: Source[] = allFiles
  .filter((path) => /\.(ts|tsx|mts|mjs)$/.test(path))
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }));

const isTest = (path: string): boolean => /\.(test|e2e|soak)\.tsx?$/.test(path);
/** What tests are made with; not shipped either. */
const isForTests = (path: string): boolean =>
  isTest(path) || /^packages\/server\/src\/(testing|(store|bus|files)\/contract(-\w+)?\.ts$)/.test(path);
/** Programs for developers beside a package: no part of it. */
const isTool = (path: string): boolean => /^packages\/\w+\/\w+\.mjs$/.test(path);

/** Comments go, so that prose about code is not taken for code; line numbers stay. */
function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|[\s;{}(,])\/\/[^\n]*/g, '$1');
}

function importsOf({ path, text }: Source): Import[] {
  const code = withoutComments(text);
  const found: Import[] = [];
  for (const match of code.matchAll(
    /^\s*(?:import|export)\s+(type\s)?(?:[\w*{}\s,$]+?\sfrom\s+)?['"]([^'"\n]+)['"]/gm,
  )) {
    found.push({ from: path, name: match[2] ?? '', kind: match[1] ? 'type' : 'static' });
  }
  for (const match of code.matchAll(/\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/g)) {
    found.push({ from: path, name: match[1] ?? '', kind: 'dynamic' });
  }
  return found;
}

/** Where an import leads, as a path in this checkout, `node_modules/<package>/` or `node:<module>`. */
function target({ from, name }: Import): string {
  if (name.startsWith('.')) return join(dirname(from), name);
  const ours = /^@sveiki\/([^/]+)(?:\/(.+))?$/.exec(name);
  if (ours) return `packages/${ours[1]}/src/${ours[2] ?? 'index'}.ts`;
  return name.startsWith('node:') ? name : `node_modules/${name}/`;
}

function breaks(rule: TableRule, edge: Import): boolean {
  const to = target(edge);
  const from = new RegExp(rule.from.path).exec(edge.from);
  if (!from || (rule.from.pathNot && new RegExp(rule.from.pathNot).test(edge.from))) return false;
  const fill = (pattern: string): RegExp => new RegExp(pattern.replaceAll('$1', from[1] ?? ''));
  if (rule.to.path && !fill(rule.to.path).test(to)) return false;
  if (rule.to.pathNot && fill(rule.to.pathNot).test(to)) return false;
  const types = [
    ...(edge.kind === 'type' ? ['type-only'] : []),
    ...(edge.kind === 'dynamic' ? ['dynamic-import'] : []),
    ...(to.startsWith('node:') ? ['core'] : []),
  ];
  if (rule.to.dependencyTypes && !rule.to.dependencyTypes.some((type) => types.includes(type))) return false;
  return !rule.to.dependencyTypesNot?.some((type) => types.includes(type));
}

/** Attributes that a browser follows, loads from or runs. */
const ADDRESS = '(?:href|xlinkHref|src|srcset|srcSet|srcdoc|srcDoc|action|formAction|formaction|poster|ping|data)';
/** What may stand there: a literal, nothing, or what a function made that lets only safe addresses through. */
const SAFE_ADDRESS = /^(?:'[^'$]*'|"[^"$]*"|null|undefined|(?:safeHref|formatRoute|URL\.createObjectURL)\(.*\))$/s;

/** Whether an expression is a safe address, or chooses between such. */
function isSafeAddress(expression: string, code: string): boolean {
  const text = expression.trim();
  const choice = /^[^?]*[^?]\?(?![?.])(.*?)\s:\s(.*)$/s.exec(text);
  if (choice !== null) return isSafeAddress(choice[1] ?? '', code) && isSafeAddress(choice[2] ?? '', code);
  const [first = '', ...others] = text.split('??').map((part) => part.trim());
  if (others.length > 0) return [first, ...others].every((part) => isSafeAddress(part, code));
  if (SAFE_ADDRESS.test(text)) return closesAtItsEnd(text);
  if (!/^\w+$/.test(text)) return false;
  const made = [
    ...code.matchAll(new RegExp(`\\b(?:const|let|var)\\s+${text}(?:\\s*:[^=;]+)?\\s*=\\s*([\\s\\S]+?);(?=\\s|$)`, 'g')),
  ];
  return made.length > 0 && made.every(([, value = '']) => isSafeAddress(value, code));
}

/** Whether the parenthesis that opens first closes last: `f(a)`, and not `f(a) + g(b)`. */
function closesAtItsEnd(text: string): boolean {
  const from = text.indexOf('(');
  let depth = 0;
  for (let i = from; from >= 0 && i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return i === text.length - 1;
  }
  return from < 0;
}

/** The expression in the braces that open at `from`. */
function inBraces(code: string, from: number): string {
  let depth = 0;
  for (let i = from; i < code.length; i++) {
    if (code[i] === '{') depth++;
    else if (code[i] === '}' && --depth === 0) return code.slice(from + 1, i);
  }
  return code.slice(from + 1);
}

/** Addresses that are made without asking, in JSX and by hand. */
function freeAddresses(text: string): string[] {
  const code = withoutComments(text);
  const found: string[] = [];
  for (const match of code.matchAll(new RegExp(`(?<=\\s)${ADDRESS}=\\{`, 'g'))) {
    const value = inBraces(code, match.index + match[0].length - 1);
    if (!isSafeAddress(value, code)) found.push(`${match[0]}${value}}`);
  }
  for (const match of code.matchAll(
    new RegExp(`[\\w)]\\.${ADDRESS.replace('|data', '')}\\s*=(?!=)\\s*([\\s\\S]+?);(?=\\s|$)`, 'g'),
  ))
    if (!isSafeAddress(match[1] ?? '', code)) found.push(match[0]);
  const byHand = new RegExp(
    `setAttribute(?:NS)?\\((?:[^,()]*,\\s*)?['"]${ADDRESS}['"]|\\bwindow\\.open\\(|\\blocation\\.(?:assign|replace)\\(|\\blocation\\s*=(?!=)`,
    'g',
  );
  for (const match of code.matchAll(byHand)) found.push(match[0]);
  return found;
}

const table: TableRule[] = importTable;
const brokenRules = (edge: Import): string[] => table.filter((rule) => breaks(rule, edge)).map((rule) => rule.name);
const edge = (from: string, name: string, kind: ImportKind = 'static'): Import => ({ from, name, kind });

describe('the import table', () => {
  it('is kept by the code', () => {
    const broken = sources
      .flatMap(importsOf)
      .flatMap((e) => brokenRules(e).map((rule) => `${rule}: ${e.from} -> ${e.name}`));
    expect(broken).toEqual([]);
  });

  it.each([
    ['protocol-imports-nothing-of-ours', edge('packages/protocol/src/version.ts', '@sveiki/sdk')],
    ['sdk-imports-only-protocol', edge('packages/sdk/src/index.ts', '@sveiki/server', 'type')],
    ['sdk-runs-in-browsers', edge('packages/sdk/src/connection/socket.ts', 'node:net')],
    ['apps-enter-through-sdk-doors', edge('packages/desk/src/main.tsx', '@sveiki/protocol', 'type')],
    ['apps-enter-through-sdk-doors', edge('packages/widget/src/panel/panel.tsx', '../../../sdk/src/state/store.ts')],
    ['launcher-stays-small', edge('packages/widget/src/launcher/launcher.ts', '../panel/panel.tsx')],
    ['launcher-has-no-framework', edge('packages/widget/src/launcher/launcher.ts', 'preact')],
    ['domain-is-pure', edge('packages/server/src/domain/closing.ts', '../ports.ts', 'type')],
    ['domain-is-pure', edge('packages/server/src/domain/closing.ts', 'node:crypto')],
    ['commands-know-no-adapter', edge('packages/server/src/commands/send-message.ts', '../store/memory/store.ts')],
    ['adapters-do-not-meet', edge('packages/server/src/bus/memory.ts', '../store/contract.ts')],
    ['only-the-gateway-gives-commands', edge('packages/server/src/store/memory.ts', '../commands/send-message.ts')],
    ['server-takes-only-types-from-sdk', edge('packages/server/src/hooks/run-hooks.ts', '@sveiki/sdk')],
    ['server-does-not-import-apps', edge('packages/server/src/cli.ts', '../../widget/src/launcher/launcher.ts')],
    ['examples-are-strangers', edge('examples/bot/bot.ts', '@sveiki/protocol')],
    ['index-is-for-strangers', edge('packages/sdk/src/state/store.ts', '../index.ts')],
  ])('%s: refuses %o', (rule, forbidden) => {
    expect(brokenRules(forbidden)).toContain(rule);
  });

  it.each([
    edge('packages/sdk/src/index.ts', '@sveiki/protocol'),
    edge('packages/sdk/src/testing.ts', 'node:events'),
    edge('packages/desk/src/main.tsx', '@sveiki/sdk/agent'),
    edge('packages/widget/src/launcher/launcher.ts', '../panel/panel.tsx', 'dynamic'),
    edge('packages/server/src/domain/closing.ts', '@sveiki/protocol'),
    edge('packages/server/src/gateway/ws/connection.ts', '../../commands/send-message.ts'),
    edge('packages/server/src/gateway/ws/connection.ts', './frame.ts'),
    edge('packages/server/src/hooks/run-hooks.ts', '@sveiki/sdk', 'type'),
    edge('packages/server/src/cli.ts', './store/memory/store.ts'),
    edge('examples/bot/bot.ts', '@sveiki/sdk/agent'),
  ])('lets $from import $name', (allowed) => {
    expect(brokenRules(allowed)).toEqual([]);
  });
});

describe('manifests', () => {
  const readManifest = (file: string): Manifest => JSON.parse(readFileSync(file, 'utf8'));
  const rootTools = Object.keys(readManifest('package.json').devDependencies ?? {});
  const packageFolders = allFiles.filter((path) => path.endsWith('/package.json')).map(dirname);

  it.each(packageFolders)('%s declares every package it imports', (folder) => {
    const manifest = readManifest(`${folder}/package.json`);
    const shipped = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies };
    const atHome = { ...shipped, ...manifest.devDependencies };
    const carriesTests = !folder.startsWith('packages/');
    // Of ours only the server leaves its dependencies outside the bundle; workspace packages are always bundled.
    const isBundled = (name: string): boolean => folder !== 'packages/server' || name.startsWith('@sveiki/');
    const undeclared = sources
      .filter(({ path }) => path.startsWith(`${folder}/`))
      .flatMap(importsOf)
      .filter(({ name }) => !name.startsWith('.') && !name.startsWith('node:'))
      .filter(({ from, name, kind }) => {
        const packageName = name.split('/', name.startsWith('@') ? 2 : 1).join('/');
        if (packageName === manifest.name) return false;
        if (
          (isForTests(from) || isTool(from) || carriesTests) &&
          (packageName in atHome || rootTools.includes(packageName))
        )
          return false;
        return !(packageName in (kind === 'type' || isTest(from) || isBundled(packageName) ? atHome : shipped));
      });
    expect(undeclared).toEqual([]);
  });
});

describe('sources', () => {
  const findings = (files: Source[], pattern: RegExp): string[] =>
    files.flatMap(({ path, text }) =>
      withoutComments(text)
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
    );
  const below = (pattern: RegExp): Source[] => sources.filter(({ path }) => pattern.test(path) && !isTest(path));

  it('take time and chance from outside in the domain and in the SDK state', () => {
    const files = below(/^packages\/(server\/src\/domain|sdk\/src\/state)\//);
    expect(findings(files, /\bDate\.now\b|\bMath\.random\b|\bnew Date\(\)|\bcrypto\.randomUUID\b/)).toEqual([]);
  });

  it('never turn text into markup or code in a browser', () => {
    const files = below(/^packages\/(widget|desk|sdk)\/src\//);
    const pattern =
      /\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML)\b|\bdocument\.write|\beval\(|\bnew Function\b/;
    expect(findings(files, pattern)).toEqual([]);
  });

  it('lead nowhere but where one function says, in the widget as in the desk', () => {
    const files = below(/^packages\/(widget|desk)\/src\/(?!testing\/)/);
    expect(files.flatMap(({ path, text }) => freeAddresses(text).map((found) => `${path}: ${found}`))).toEqual([]);
    for (const app of ['widget', 'desk']) {
      const makers = files.filter(({ path, text }) => path.includes(`/${app}/`) && /function safeHref\(/.test(text));
      expect(makers, app).toHaveLength(1);
    }
  });

  it.each([
    '<a href={url}>',
    '<a href={action.href}>',
    '<a href={"https://" + host}>',
    '<a href={formatRoute(x) + more}>',
    '<a href={isSafe ? safeHref(a) : a}>',
    '<img src={block.url} />',
    '<form action={to}>',
    '<iframe srcdoc={text} />',
    'const href = page.url; <a href={href}>',
    'link.href = page.url;',
    "node.setAttribute('src', text);",
    'location.href = next;',
    'window.open(url);',
    'location.assign(url);',
  ])('would be caught at %s', (code) => {
    expect(freeAddresses(code)).toHaveLength(1);
  });

  it.each([
    '<a href="/help">',
    "<a href={'/help'}>",
    '<a href={safeHref(url)}>',
    '<a href={safeHref(url) ?? undefined}>',
    '<a href={formatRoute({ view, conversation: row.id })}>',
    '<a href={isInbox ? formatRoute({ view }) : formatRoute({ page })}>',
    'const href = safeHref(action.href); <a href={href}>',
    'const href = isPage(url) ? safeHref(url) : null; <a href={href} data-href={url}>',
    'link.href = URL.createObjectURL(blob);',
  ])('have nothing against %s', (code) => {
    expect(freeAddresses(code)).toEqual([]);
  });

  it('use nothing of Node in the SDK, but for the testing door', () => {
    const files = below(/^packages\/sdk\/src\/(?!testing)/);
    expect(findings(files, /(?<![.\w])(process\.|Buffer\b|__dirname\b|require\()/)).toEqual([]);
  });

  it('never silence the type checker', () => {
    const others = sources.filter(({ path }) => path !== 'tools/house.test.ts');
    expect(findings(others, /\bas any\b|<any>|@ts-nocheck|@ts-ignore/)).toEqual([]);
  });

  it('name no machine, registry or workplace', () => {
    const files = sources.filter(({ path }) => path !== 'tools/house.test.ts');
    expect(findings(files, /\/(home|Users|root|work)\/[\w.-]|registry\.npmjs|npm_config_registry/)).toEqual([]);
  });
});

describe('tests', () => {
  const tests = sources.filter(({ path }) => isTest(path));

  it('lie where a project finds them', () => {
    const strays = tests.filter(
      ({ path }) =>
        !/^packages\/[^/]+\/src\/.+\.test\.tsx?$/.test(path) &&
        !/^(tools|bench|examples)\/.+\.test\.ts$/.test(path) &&
        !/^e2e\/.+\.e2e\.ts$/.test(path) &&
        !/^(e2e|bench|tools)\/.+\.soak\.ts$/.test(path),
    );
    expect(strays.map(({ path }) => path)).toEqual([]);
  });

  it('are written down as sentences and all of them run', () => {
    const pattern = /\b(describe|it|test)\.(only|skip|todo)\b/;
    const others = tests.filter(({ path }) => path !== 'tools/house.test.ts');
    const found = others.filter(({ text }) => pattern.test(withoutComments(text))).map(({ path }) => path);
    expect(found).toEqual([]);
  });

  it('wait for what happens, never for time to pass', () => {
    const pattern =
      /setTimeout\(\s*\(?(resolve|done|r|ok|res)\b|setTimeout\(\s*\(\)\s*=>\s*(resolve|done|r|ok|res)\(|\bsleep\(|timers\/promises|waitForTimeout\(/;
    // What end-to-end tests are made with, too; there one function may, for soaks alone.
    const others = sources.filter(
      ({ path }) =>
        (isTest(path) || /^e2e\//.test(path)) && !['tools/house.test.ts', 'e2e/real-time.ts'].includes(path),
    );
    const found = others.filter(
      ({ path, text }) =>
        pattern.test(withoutComments(text)) || (/\.(test|e2e)\.tsx?$/.test(path) && text.includes('/real-time.ts')),
    );
    expect(found.map(({ path }) => path)).toEqual([]);
  });
});

describe('pages', () => {
  const pages = ['*.md', 'docs/**/*.md', '{packages,examples}/*/*.md', 'bench/*.md'].flatMap((pattern) =>
    globSync(pattern).map((path) => ({ path, text: readFileSync(path, 'utf8').replace(/^```[\s\S]*?^```/gm, '') })),
  );

  /** As links name them: small letters, `-` between words, nothing else. */
  const headingsOf = (place: string): string[] =>
    [...readFileSync(place, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s-]/gu, '')
        .replaceAll(' ', '-'),
    );

  it('lead to files and headings that are there, and name them right', () => {
    expect(pages.length).toBeGreaterThan(30);
    // What commands write, and nobody keeps.
    const made = readFileSync('.gitignore', 'utf8').split('\n');
    const gone = pages.flatMap(({ path, text }) => {
      const links = [...text.replace(/`[^`\n]*`/g, '').matchAll(/\]\(([^)\s#:]*)(?:#([^)]*))?\)/g)];
      const names = [
        ...text.matchAll(
          /`((?:bench|deploy|docs|e2e|examples|packages|tools)\/[\w./-]+\.(?:tsx?|mjs|md|json|yaml|service))`/g,
        ),
      ];
      const places = [
        ...links.map(([, to = '', part]) => ({ place: to === '' ? path : join(dirname(path), to), part })),
        ...names.map(([, place = '']) => ({ place, part: undefined })),
      ];
      return places
        .filter(({ place }) => !made.includes(`/${place}`))
        .filter(({ place, part }) => !existsSync(place) || (part !== undefined && !headingsOf(place).includes(part)))
        .map(({ place, part }) => `${path}: ${place}${part === undefined ? '' : `#${part}`}`);
    });
    expect(gone).toEqual([]);
  });

  it('give a reason for every runtime dependency, and for nothing else', () => {
    const manifestOf = (name: string) => JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8')) as Manifest;
    const needed = ['protocol', 'sdk', 'desk', 'server'].flatMap((name) =>
      Object.keys(manifestOf(name).dependencies ?? {}),
    );
    // What the widget has is bundled, so that nobody installs it with it.
    needed.push(...Object.keys(manifestOf('widget').devDependencies ?? {}));
    const given = [...readFileSync('docs/dependencies.md', 'utf8').matchAll(/^\| (?!package )(.+?) \|/gm)].flatMap(
      ([, names = '']) => names.split(', '),
    );
    const ours = /^@sveiki\//;
    expect([...new Set(given)].sort()).toEqual([...new Set(needed.filter((name) => !ours.test(name)))].sort());
  });

  it('name metrics that there are', () => {
    const metrics = readFileSync('packages/server/src/metrics.ts', 'utf8');
    const named = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/`(sveiki_\w+)/g)].map(([, name = '']) => ({ path, name })),
    );
    expect(named).not.toEqual([]);
    expect(named.filter(({ name }) => !metrics.includes(`'${name}'`))).toEqual([]);
  });

  it('count the decisions, each once', () => {
    const decisions = pages.filter(({ path }) => path.startsWith('docs/decisions/'));
    const numbers = decisions.map(({ path, text }) => [
      Number(/\/(\d{4})-/.exec(path)?.[1]),
      Number(/^# (\d+)\. /.exec(text)?.[1]),
    ]);
    expect(numbers.toSorted(([a = 0], [b = 0]) => a - b)).toEqual(decisions.map((_, i) => [i + 1, i + 1]));
  });
});
