// What asks for a fresh code, whatever the operator's switch says: ask for it, then try once more.
import { enterCode } from "./prompt.js";

export async function proven(act) {
  const first = await act();
  if (first.error?.code !== "insufficient_aal") return first;
  return (await enterCode("Confirm that it is you.")) ? act() : first;
}
