import { useSession } from "lingauth/react";
import { client } from "./client.js";
import { SignIn } from "./SignIn.js";

export function Account() {
  const { status, session } = useSession(client);
  if (status === "loading") return null;
  if (status === "signed-out") return <SignIn />;
  return (
    <p>
      {session.user.email}{" "}
      <button onClick={() => client.auth.signOut({ scope: "local" })}>Sign out</button>
    </p>
  );
}
