import { expectTypeOf, it } from 'vitest';
import type { SurveyInput } from './survey.ts';

type Input = SurveyInput<'return-feedback', 'sales' | 'billing', 'shop'>;

it('a survey names only forms, teams and sites that there are, and a custom one names its form', () => {
  const good = [
    { id: 'after-chat', kind: 'csat', when: { on: 'resolve', sample: 0.5, teams: ['sales'] } },
    { id: 'returns', kind: 'custom', form: 'return-feedback', when: { on: 'transfer', sites: ['shop'] } },
  ] as const satisfies readonly Input[];
  expectTypeOf(good).toExtend<readonly Input[]>();
  const bad: Input[] = [
    // @ts-expect-error A custom survey needs a form.
    { id: 'a', kind: 'custom', when: { on: 'resolve' } },
    // @ts-expect-error No such form.
    { id: 'a', kind: 'custom', form: 'feedback', when: { on: 'resolve' } },
    // @ts-expect-error No such team.
    { id: 'a', kind: 'csat', when: { on: 'resolve', teams: ['support'] } },
    // @ts-expect-error No such moment.
    { id: 'a', kind: 'csat', when: { on: 'start' } },
  ];
  expectTypeOf(bad).toBeArray();
});
