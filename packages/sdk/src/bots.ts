export { createAgent } from './agent/create-agent.ts';
export type { Agent, AgentOptions } from './agent/types.ts';
export {
  type BotFrameworkActivity,
  type FromBotFramework,
  fromBotFramework,
  toBotFramework,
} from './bots/bot-framework.ts';
export { botTicket } from './bots/bot-ticket.ts';
export { type ChatCompletionsOptions, chatCompletions } from './bots/chat-completions.ts';
export { defineBot } from './bots/define-bot.ts';
export { type FaqBotOptions, faqBot } from './bots/faq-bot.ts';
export {
  type LanguageModel,
  ModelError,
  type ModelErrorCode,
  type ModelMessage,
  type ModelPiece,
  type ModelRequest,
  type ModelTool,
  type ModelToolCall,
} from './bots/language-model.ts';
export { type LlmBotOptions, type LlmTool, llmBot } from './bots/llm-bot.ts';
export { type RunBotOptions, type RunningBot, runBot } from './bots/run-bot.ts';
export { type BotTexts, botTexts } from './bots/texts.ts';
export { ChatError, type LocalErrorCode } from './chat-error.ts';
export type { Bot, BotCannedReply, BotMessage, BotReply, BotTurn } from './config/bot.ts';
