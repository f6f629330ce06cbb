export type { CannedReplyInput, CannedReplySource, CannedReplyVariableInput } from './config/canned-reply.ts';
export type {
  AgentInput,
  AgentView,
  Level,
  QueueView,
  RelaxStep,
  RouteContext,
  RouteDecision,
  RouteHook,
  RoutingInput,
  RoutingRule,
  RuleCondition,
  SkillName,
  SkillNeed,
  Strategy,
  TeamInput,
  WeightRule,
} from './config/routing.ts';
export type { ScheduleInput, Span } from './config/schedule.ts';
