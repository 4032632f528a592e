import { useMfaStatus } from "lingauth/react";
import { client } from "./client.js";

export function TwoFactor() {
  const status = useMfaStatus(client);
  if (!status?.level) return null;
  return <p>{status.enrolled ? "Two-factor is on." : "Two-factor is off."}</p>;
}
