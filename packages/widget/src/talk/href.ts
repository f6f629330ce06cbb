/**
 * The only place that makes an address to go to. What is checked is what is used: the address as the browser has understood it, never the
 * text it came from. Undefined for everything but http, https, mailto and tel, and for everything that is no absolute address.
 */
export function safeHref(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    const { protocol, href } = new URL(value);
    return /^(https?|mailto|tel):$/.test(protocol) ? href : undefined;
  } catch {
    return undefined;
  }
}
