import { expect, it } from 'vitest';
import { checkAnswers } from './answers.ts';
import type { FormDefinition } from './form.ts';
import { withTeams } from './with-teams.ts';

it('lists the teams where a department is asked for, and leaves a list of its own alone', () => {
  const form: FormDefinition = {
    id: 'f',
    purpose: 'pre-chat',
    fields: [
      { id: 'to', kind: 'department', label: 'To' },
      { id: 'or', kind: 'department', label: 'Or', options: [{ value: 'billing', label: 'Bills' }] },
    ],
  };
  const filled = withTeams(form, [{ id: 'sales', name: 'Sales' }]);
  expect(filled.fields).toMatchObject([
    { options: [{ value: 'sales', label: 'Sales' }] },
    { options: [{ label: 'Bills' }] },
  ]);
  expect(checkAnswers(filled, { to: 'sales', or: 'sales' })).toMatchObject({
    answers: { to: 'sales' },
    problems: [{ field: 'or', code: 'no-such-option' }],
  });
});
