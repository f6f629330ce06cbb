export type { Bot, BotCannedReply, BotMessage, BotReply, BotTurn, RemoteBotInput } from './config/bot.ts';
export type { CannedReplyInput, CannedReplySource, CannedReplyVariableInput } from './config/canned-reply.ts';
export {
  type ConfigInput,
  defineConfig,
  type HandoffInput,
  type Secret,
  type SiteInput,
  type WebhookInput,
} from './config/define-config.ts';
export type { FilesInput } from './config/files.ts';
export type {
  FormAnswers,
  FormCondition,
  FormDefinition,
  FormField,
  FormInput,
  FormOption,
  FormTexts,
} from './config/form.ts';
export {
  type DecisionHook,
  type DynamicReply,
  defineHook,
  type EventHook,
  type HookContext,
  type HookEvent,
  type HooksInput,
} from './config/hook.ts';
export type {
  ConsentInput,
  MaskedKind,
  MaskedPattern,
  MaskingInput,
  PrivacyInput,
  RetentionRuleInput,
} from './config/privacy.ts';
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
export type { SpamInput, SpamRules } from './config/spam.ts';
export type { SurveyInput } from './config/survey.ts';
