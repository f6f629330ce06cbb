export { arrivalsFromLogs } from './simulation/history.ts';
export { simulationPicture } from './simulation/picture.ts';
export type { AgentReport, VariantReport, Waits } from './simulation/report.ts';
export {
  type Arrival,
  type Behaviour,
  EVERY_STRATEGY,
  type SimulatedConfig,
  type SimulateOptions,
  type SimulationReport,
  simulate,
  type Variant,
} from './simulation/simulate.ts';
export { simulationTable } from './simulation/table.ts';
