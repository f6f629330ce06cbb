// Who may import whom. One table for dependency-cruiser, which holds the code against it, and for house.test.ts, which
// holds the table against edges that must and must not pass.

const tests = '\\.(test|e2e|soak)\\.tsx?$';
const adapters = 'store|bus|gateway|channels';

export const importTable = [
  {
    name: 'protocol-imports-nothing-of-ours',
    from: { path: '^packages/protocol/' },
    to: { path: '^(packages|examples|bench|e2e|tools)/', pathNot: '^packages/protocol/' },
  },
  {
    name: 'sdk-imports-only-protocol',
    from: { path: '^packages/sdk/' },
    to: { path: '^(packages|examples|bench|e2e|tools)/', pathNot: '^packages/(sdk|protocol)/' },
  },
  {
    name: 'sdk-runs-in-browsers',
    comment: 'Node built-ins only in the testing door; a bot passes what it needs in.',
    from: { path: '^packages/sdk/src/', pathNot: `^packages/sdk/src/testing(\\.ts$|/)|${tests}` },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'apps-enter-through-sdk-doors',
    comment: 'Widget and desk are the proof that the SDK suffices.',
    from: { path: '^packages/(widget|desk)/' },
    to: { path: '^packages/', pathNot: '^packages/$1/|^packages/sdk/src/(index|agent|testing)\\.ts$' },
  },
  {
    name: 'launcher-stays-small',
    comment: 'Every page of a site pays for the launcher: the panel comes by import() when it is wanted.',
    from: { path: '^packages/widget/src/launcher/', pathNot: tests },
    to: { path: '^packages/widget/src/panel/', dependencyTypesNot: ['dynamic-import', 'type-only'] },
  },
  {
    name: 'launcher-has-no-framework',
    from: { path: '^packages/widget/src/launcher/', pathNot: tests },
    to: { path: '(^|/)node_modules/(preact|@preact)/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'domain-is-pure',
    comment: 'Time, ids and storage are passed in. Libraries are allowed that only compute.',
    from: { path: '^packages/server/src/domain/', pathNot: tests },
    to: {
      path: '.',
      pathNot:
        '^packages/server/src/domain/|^packages/protocol/src/|^packages/sdk/src/config(\\.ts$|/)|(^|/)node_modules/(temporal-polyfill|markdown-it|minisearch)/',
    },
  },
  {
    name: 'commands-know-no-adapter',
    from: { path: '^packages/server/src/commands/', pathNot: tests },
    to: {
      path: '^packages/',
      pathNot: '^packages/server/src/((domain|commands|hooks)/|ports(\\.ts$|/))|^packages/protocol/src/',
      dependencyTypesNot: ['type-only'],
    },
  },
  {
    name: 'adapters-do-not-meet',
    from: { path: `^packages/server/src/(${adapters})/`, pathNot: tests },
    to: { path: `^packages/server/src/(${adapters})/`, pathNot: '^packages/server/src/$1/' },
  },
  {
    name: 'only-the-gateway-gives-commands',
    from: { path: '^packages/server/src/(store|bus|channels|domain|hooks)/', pathNot: tests },
    to: { path: '^packages/server/src/commands/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'server-takes-only-types-from-sdk',
    from: { path: '^packages/server/', pathNot: tests },
    to: { path: '^packages/sdk/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'server-does-not-import-apps',
    from: { path: '^packages/server/' },
    to: { path: '^(packages/(widget|desk)|examples|bench|e2e|tools)/' },
  },
  {
    name: 'examples-are-strangers',
    from: { path: '^examples/' },
    to: {
      path: '^packages/',
      pathNot:
        '^packages/sdk/src/(index|agent|bots|config|testing|webhooks)\\.ts$|^packages/server/src/(index|simulate)\\.ts$',
    },
  },
  {
    name: 'index-is-for-strangers',
    comment: 'Inside a package import the file.',
    from: { path: '^packages/([^/]+)/src/', pathNot: tests },
    to: { path: '^packages/$1/src/index\\.ts$' },
  },
];
