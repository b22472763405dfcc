/**
 * Makes equal strings one string. Each object that JSON brings has its own copy of the node's name, the image, the labels;
 * a projection that passes them through here holds each but once.
 *
 * @param limit strings to remember; beyond it the pool begins anew, which costs memory and changes no result
 * @example
 * const intern = createStringPool();
 * intern(a) === intern(b); // when they are equal, and one in memory too
 */
export function createStringPool(limit = 10_000): (text: string) => string {
  const pool = new Map<string, string>();
  return (text) => {
    const known = pool.get(text);
    if (known !== undefined) return known;
    if (pool.size >= limit) pool.clear();
    pool.set(text, text);
    return text;
  };
}
