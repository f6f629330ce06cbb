/**
 * Why a socket was closed. The range says whether to come back: 4400-4407 do not (the reason stays), 4408-4499 do, with back-off.
 * 1001 and 1012 (the relay restarts) come back after the delay that `bye` named, 1013 after back-off; 1008 and 1009 do not.
 * @see SPEC "Close codes"
 */
export const CLOSE_CODES = {
  goingAway: 1001,
  policy: 1008,
  tooBig: 1009,
  restart: 1012,
  tryLater: 1013,
  badFrame: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  version: 4406,
  helloTimeout: 4408,
  replaced: 4409,
  heartbeatLost: 4410,
  slowReader: 4411,
  rateLimited: 4429,
} as const;

export type CloseCode = (typeof CLOSE_CODES)[keyof typeof CLOSE_CODES];

/** False when the same client with the same credentials would be closed again. */
export function mayComeBack(code: number): boolean {
  return code !== CLOSE_CODES.policy && code !== CLOSE_CODES.tooBig && (code < 4400 || code > 4407);
}
