/** What a value must look like: `''`, `0`, `true` any of that kind; an object has at least these keys; `[x]` is a list of x; a function decides itself. */
export type Sample =
  | string
  | number
  | boolean
  | { readonly [key: string]: Sample }
  | readonly [Sample]
  | ((value: unknown) => boolean);

export const fits = (value: unknown, sample: Sample): boolean =>
  typeof sample === 'function'
    ? sample(value)
    : typeof value === typeof sample &&
      value !== null &&
      (typeof sample !== 'object' ||
        (Array.isArray(sample)
          ? Array.isArray(value) && value.every((item) => fits(item, sample[0]))
          : Object.entries(sample).every(([key, inner]) => fits((value as Record<string, unknown>)[key], inner))));

export const orNull = (sample: Sample) => (value: unknown) => value === null || fits(value, sample);
export const ref = { id: '', name: '' };
export const refOrNull = orNull(ref);
export const textOrNull = orNull('');
export const numberOrNull = orNull(0);

export const siteShape = {
  name: '',
  availability: '',
  opensAt: numberOrNull,
  closesAt: numberOrNull,
  usualReplyMs: numberOrNull,
  faces: [ref],
  topics: [''],
} as const;
