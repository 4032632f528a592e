import type { SupportedStorage } from "@supabase/auth-js";
import { deviceSecret } from "../refresh/device-secret.js";
import { deviceKeyOf } from "../storage-key.js";

/**
 * Stores the device's secret along with a session, and not first at the first refresh: requests are
 * answered side by side, and if each made a secret of its own, they would refresh like thieves.
 *
 * @param readOnly Nothing that is stored will be found again. Then a session without the secret is
 *   none: to refresh it would be to lose it.
 */
export function withDeviceSecret(
  storage: SupportedStorage,
  storageKey: string,
  readOnly = false,
): SupportedStorage {
  const deviceKey = deviceKeyOf(storageKey);
  return {
    removeItem: (key) => storage.removeItem(key),
    async getItem(key) {
      if (readOnly && key === storageKey && !(await storage.getItem(deviceKey))) return null;
      return storage.getItem(key);
    },
    async setItem(key, value) {
      if (key === storageKey) await deviceSecret(storage, deviceKey);
      await storage.setItem(key, value);
    },
  };
}
