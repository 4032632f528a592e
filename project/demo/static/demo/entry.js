// Signing in, and making an account.
import { all, one } from "./dom.js";
import { fresh, onSubmit } from "./form.js";
import { ofSignIn, ofSignUp } from "./words.js";

const forms = Object.fromEntries(
  ["sign-in", "sign-up", "mailed"].map((name) => [name, one(`[data-form=${name}]`)]),
);

export function entry(client) {
  onSubmit(forms["sign-in"], async ({ email, password }) => {
    const { error } = await client.auth.signInWithPassword({ email, password });
    if (error) return ofSignIn(error);
  });

  onSubmit(forms["sign-up"], async ({ email, password }) => {
    const emailRedirectTo = location.origin + location.pathname;
    const { data, error } = await client.auth.signUp({ email, password, options: { emailRedirectTo } });
    if (error) return ofSignUp(error);
    if (!data.session) mailed(email);
  });

  all("[data-show]").forEach((link) => link.addEventListener("click", () => turnTo(link.dataset.show)));
}

/** As on a first visit: nothing typed by whoever was here before. */
export function startOver() {
  fresh(forms["sign-in"]);
  fresh(forms["sign-up"]);
  show("sign-in");
}

function turnTo(name) {
  const typed = all("[name=email]").find((field) => !field.closest("[hidden]"))?.value ?? "";
  show(name);
  const email = forms[name].elements.email;
  email.value ||= typed;
  (email.value ? forms[name].elements.password : email).focus();
}

function mailed(email) {
  one("[data-to]", forms.mailed).textContent = email;
  show("mailed");
  forms.mailed.focus();
}

function show(name) {
  for (const [other, form] of Object.entries(forms)) form.hidden = other !== name;
}
