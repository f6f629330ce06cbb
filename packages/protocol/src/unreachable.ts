/** Ends a `switch` over a union: a new member breaks the build here, and a hostile value breaks loudly at run time. */
export function unreachable(value: never): never {
  throw new Error(`Not handled: ${JSON.stringify(value)}`);
}
