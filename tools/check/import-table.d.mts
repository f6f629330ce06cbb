export const importTable: {
  name: string;
  comment?: string;
  from: { path: string; pathNot?: string };
  to: { path?: string; pathNot?: string; dependencyTypes?: string[]; dependencyTypesNot?: string[] };
}[];
