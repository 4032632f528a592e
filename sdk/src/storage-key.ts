/** What the session is kept under. */
export function storageKeyOf(url: string): string {
  return `lingauth-${url.replace(/\/+$/, "").split("/").pop()}`; // the backend's ref
}

/** What the device's secret is kept under, beside the session. */
export function deviceKeyOf(storageKey: string): string {
  return `${storageKey}-device`;
}
