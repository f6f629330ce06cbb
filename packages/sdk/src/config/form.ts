import type { FormDefinition } from '@sveiki/protocol';

export type {
  FormAnswers,
  FormCondition,
  FormDefinition,
  FormField,
  FormOption,
  FormTexts,
} from '@sveiki/protocol';

/** A form with the name it is known by. */
export type FormInput<FormName extends string = string> = Omit<FormDefinition, 'id'> & { readonly id: FormName };
