/** Something in a configuration that cannot work. `path` leads to it: `teams[1].overflow.team`. `message` says what is wrong and what to do. */
export interface ConfigProblem<Code extends string = string> {
  code: Code;
  path: string;
  message: string;
}
