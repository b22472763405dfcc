import { BlockList, isIP } from 'node:net';

/**
 * Whether a text is an IPv4 or IPv6 address without a zone. Leading zeros in IPv4, which Go's lenient parser takes and
 * Kubernetes warns about, are refused.
 */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

/** Whether a text is an address with a prefix length, such as `10.0.0.0/8`. */
export function isAddressRange(text: string): boolean {
  const [address = '', prefix = '', ...rest] = text.split('/');
  if (rest.length > 0 || !isAddress(address) || !/^\d{1,3}$/.test(prefix)) return false;
  return Number(prefix) <= (isIP(address) === 4 ? 32 : 128);
}

/**
 * Whether a range is a smaller part of another.
 *
 * @example isWithin('10.1.0.0/16', '10.0.0.0/8') // true
 */
export function isWithin(inner: string, outer: string): boolean {
  if (!isAddressRange(inner) || !isAddressRange(outer)) return false;
  const [innerAddress = '', innerPrefix = ''] = inner.split('/');
  const [outerAddress = '', outerPrefix = ''] = outer.split('/');
  const family = isIP(outerAddress) === 4 ? 'ipv4' : 'ipv6';
  if (isIP(innerAddress) !== isIP(outerAddress) || Number(innerPrefix) <= Number(outerPrefix)) return false;
  const block = new BlockList();
  block.addSubnet(outerAddress, Number(outerPrefix), family);
  return block.check(innerAddress, family);
}
