import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Agent, AgentState } from '@sveiki/sdk/agent';
import type { Surroundings } from '../surroundings/surroundings.ts';
import { texts } from '../texts.ts';
import { codeOf, sentenceOf } from './problems.ts';
import { signInCode } from './route.ts';

/** Signing in and out. The relay decides who may; this only shows where one stands. */
export function createSession(parts: {
  agent: Agent;
  state: ReadonlySignal<AgentState>;
  address: Surroundings['address'];
}) {
  const { agent, state, address } = parts;
  const busy = signal<'no' | 'password' | 'link'>('no');
  const problem = signal<string | null>(null);
  /** Somebody was signed in since this page was opened. */
  const wasIn = signal(false);
  const isLeaving = signal(false);

  const stage = computed<'starting' | 'signed-out' | 'signed-in'>(() => {
    if (state.value.me !== null && state.value.signedIn !== false) return 'signed-in';
    return state.value.signedIn === false || busy.value === 'password' || problem.value !== null
      ? 'signed-out'
      : 'starting';
  });

  async function enter(how: 'password' | 'link', signIn: () => Promise<void>) {
    busy.value = how;
    problem.value = null;
    try {
      await signIn();
      await agent.connect();
      wasIn.value = true;
      isLeaving.value = false;
    } catch (error) {
      problem.value = wordsFor(error);
    } finally {
      busy.value = 'no';
    }
  }

  return {
    stage,
    busy,
    problem,
    /** Why the sign-in screen is there, when it was not asked for. */
    notice: computed(() => (isLeaving.value ? texts.signIn.leaving : wasIn.value ? texts.signIn.ended : null)),
    /** Begins: with the code of a one-time link, which is taken out of the address first, or with the session that may be there. */
    async start() {
      const code = signInCode(address.read());
      if (code !== null) {
        address.write('', 'replace');
        return enter('link', () => agent.signInWithCode(code));
      }
      try {
        await agent.connect();
        wasIn.value = true;
      } catch (error) {
        if (codeOf(error) !== 'signed-out') problem.value = wordsFor(error);
      }
    },
    async signIn(credentials: { email: string; password: string }) {
      if (busy.value !== 'no') return;
      if (credentials.email.trim() === '' || credentials.password === '') {
        problem.value = texts.signIn.missing;
        return;
      }
      await enter('password', () => agent.signIn({ ...credentials, email: credentials.email.trim() }));
    },
    async signOut() {
      isLeaving.value = true;
      problem.value = null;
      try {
        await agent.signOut();
      } catch (error) {
        isLeaving.value = false;
        throw error;
      }
    },
  };
}
export type SessionModel = ReturnType<typeof createSession>;

function wordsFor(error: unknown): string {
  const code = codeOf(error);
  if (code === 'forbidden') return texts.signIn.wrong;
  if (code === 'bad-ticket') return texts.signIn.usedLink;
  if (code === 'rate-limited') return texts.signIn.tooFast;
  if (code === 'offline' || code === 'timeout' || code === null) return texts.signIn.unreachable;
  return texts.signIn.problem(sentenceOf(error));
}
