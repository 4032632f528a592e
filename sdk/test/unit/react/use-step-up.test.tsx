// @vitest-environment happy-dom
import { act } from "react";
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import type { StepUp } from "../../../src/index.js";
import { createStepUpPrompt, useStepUp, type StepUpPrompt } from "../../../src/react/index.js";
import { render } from "./render.js";

function step(message = "A code, please", signal = new AbortController().signal): StepUp {
  return { next: "challenge", factors: [], deadline: null, url: "/mfa", message, signal };
}

function Dialog({ of }: { of: StepUpPrompt }) {
  const { step } = useStepUp(of);
  return step ? step.message : "closed";
}

test.each([true, false])("the dialog opens, and the answer %s goes to the client", async (verified) => {
  const prompt = createStepUpPrompt();
  const page = await render(<Dialog of={prompt} />);
  expect(page.text()).toBe("closed");
  let answer: Promise<boolean> | undefined;
  await act(async () => void (answer = prompt.ask(step())));
  expect(page.text()).toBe("A code, please");
  await act(async () => prompt.finish(verified));
  expect(page.text()).toBe("closed");
  expect(await answer).toBe(verified);
});

test("it closes when the step-up is over elsewhere", async () => {
  const prompt = createStepUpPrompt();
  const page = await render(<Dialog of={prompt} />);
  const over = new AbortController();
  await act(async () => void prompt.ask(step("A code, please", over.signal)));
  await act(async () => over.abort());
  expect(page.text()).toBe("closed");
});

test("the end of an earlier step-up does not close the present one", async () => {
  const prompt = createStepUpPrompt();
  const page = await render(<Dialog of={prompt} />);
  const over = new AbortController();
  await act(async () => void prompt.ask(step("first", over.signal)));
  await act(async () => prompt.finish(true));
  await act(async () => void prompt.ask(step("second")));
  await act(async () => over.abort());
  expect(page.text()).toBe("second");
});

test("a step-up that began before the dialog was there is shown", async () => {
  const prompt = createStepUpPrompt();
  void prompt.ask(step());
  expect((await render(<Dialog of={prompt} />)).text()).toBe("A code, please");
});

test("finishing twice, or without a step-up, does nothing", async () => {
  const prompt = createStepUpPrompt();
  prompt.finish(true);
  const answer = prompt.ask(step());
  prompt.finish(false);
  prompt.finish(true);
  expect(await answer).toBe(false);
});

test("on a server there is no dialog", () => {
  const prompt = createStepUpPrompt();
  void prompt.ask(step());
  expect(renderToString(<Dialog of={prompt} />)).toBe("closed");
});
