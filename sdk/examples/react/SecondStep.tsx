import { useState, type FormEvent } from "react";
import type { Enrollment } from "lingauth";
import { useStepUp } from "lingauth/react";
import { client, prompt } from "./client.js";

export function SecondStep() {
  const { step, finish } = useStepUp(prompt);
  if (!step) return null;
  return (
    <dialog ref={showModal} aria-labelledby="second-step" onClose={() => finish(false)}>
      <h2 id="second-step">{step.next === "enroll" ? "Set up a second step" : "Confirm that it is you"}</h2>
      {step.next === "enroll" && <Enroll />}
      <Code verified={() => finish(true)} />
      <button onClick={() => finish(false)}>Not now</button>
    </dialog>
  );
}

function showModal(dialog: HTMLDialogElement | null) {
  if (dialog && !dialog.open) dialog.showModal();
}

function Enroll() {
  const [factor, setFactor] = useState<Enrollment>();
  const [problem, setProblem] = useState("");

  async function begin() {
    const { data, error } = await client.auth.enrollMfa();
    if (error) setProblem(error.message);
    else setFactor(data);
  }

  if (!factor) {
    return (
      <p>
        <button onClick={begin}>Show the QR code</button> <span role="alert">{problem}</span>
      </p>
    );
  }
  return (
    <p>
      <img src={factor.qrCode} alt="QR code for your authenticator app" />
      Or type <code>{factor.secret}</code>
    </p>
  );
}

function Code({ verified }: { verified: () => void }) {
  const [problem, setProblem] = useState("");

  async function verify(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code"));
    const { error } = await client.auth.verifyMfa({ code });
    if (error) setProblem(error.message);
    else verified();
  }

  return (
    <form onSubmit={verify}>
      <label>
        Code of your authenticator app{" "}
        <input name="code" inputMode="numeric" autoComplete="one-time-code" required />
      </label>
      <p role="alert">{problem}</p>
      <button>Verify</button>
    </form>
  );
}
