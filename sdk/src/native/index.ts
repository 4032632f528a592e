export { refreshInForeground, type AppState } from "./foreground.js";
export { secureStorage, type SecureStore } from "./secure-storage.js";
