/** What the session is kept under. */
export function storageKeyOf(url: string): string {
  return `lingauth-${url.match(/[^/]+/g)?.at(-1)}`; // the backend's ref
}

/** What the device's secret is kept under, beside the session. */
export function deviceKeyOf(storageKey: string): string {
  return `${storageKey}-device`;
}
