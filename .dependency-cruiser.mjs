import { importTable } from './tools/check/import-table.mjs';

export default {
  forbidden: [
    ...importTable.map((rule) => ({ severity: 'error', ...rule })),
    {
      name: 'no-circles',
      comment: 'The shared part is a third module, or one side passes a callback.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|\\.tsc)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.rollup.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@sveiki/source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js'],
    },
  },
};
