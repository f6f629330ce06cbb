import type { ConfigOverview } from '@sveiki/sdk/agent';
import { createDesk, type Desk } from '../models/desk.ts';
import { type AgentDouble, agentDouble } from './agent-double.ts';
import { type FakeSurroundings, fakeSurroundings } from './surroundings.ts';

/** A whole desk without a browser and without a relay. */
export function testDesk(
  options: {
    state?: Parameters<typeof agentDouble>[0];
    fragment?: string;
    around?: FakeSurroundings;
    agent?: AgentDouble;
    config?: ConfigOverview;
  } = {},
): { desk: Desk; agent: AgentDouble; around: FakeSurroundings } {
  const around = options.around ?? fakeSurroundings({ fragment: options.fragment ?? '' });
  const agent = options.agent ?? agentDouble(options.state);
  if (options.config) agent.answers.config = options.config;
  return { desk: createDesk(agent, around), agent, around };
}

/** Lets promises that are settled already be heard, and what they start too. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
