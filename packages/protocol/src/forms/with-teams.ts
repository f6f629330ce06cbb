import type { FormDefinition, FormOption } from './form.ts';

/** The form with the teams of the site wherever it asks for a department and lists none itself. To be done before it is sent, and before answers are checked. */
export function withTeams(form: FormDefinition, teams: readonly { id: string; name: string }[]): FormDefinition {
  const options: readonly FormOption[] = teams.map(({ id, name }) => ({ value: id, label: name }));
  return {
    ...form,
    fields: form.fields.map((field) =>
      field.kind === 'department' && !field.options?.length ? { ...field, options } : field,
    ),
  };
}
