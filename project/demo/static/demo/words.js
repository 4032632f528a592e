// What went wrong, in words for the person it happened to.

const SENTENCES = {
  user_banned: "This account is closed. Ask the people who run this service.",
  signup_disabled: "New accounts are not open here at the moment.",
  validation_failed: "Check what you typed and try again.",
  too_many_enrolled_mfa_factors: "You have as many authenticators as fit. Remove one first.",
  mfa_required: "Your notes need a second step.",
  session_not_found: "You were signed out. Sign in to continue.",
  over_email_send_rate_limit: "That would be too many mails in a short time. Wait a minute.",
  unavailable: "The server is busy. Try again in a moment.",
};

/** Nothing was answered, or by something between here and there. Errors of data calls have no status. */
const isUnreachable = ({ status, code }) => (status === undefined ? !code : status === 0 || status >= 502);

/** One sentence. */
export function inWords(error) {
  if (isUnreachable(error)) {
    return navigator.onLine ? "The server could not be reached." : "You are offline.";
  }
  if (error.status === 429) return "Too many attempts. Wait a while and try again.";
  return SENTENCES[error.code] ?? "That did not work. Try again in a moment.";
}

/** What a form shows: the field that it is about, if it is about one, and the sentence. */
export function ofSignIn(error) {
  if (error.code === "invalid_credentials") {
    return { field: "password", text: "That email and password don’t match an account." };
  }
  if (error.code === "email_not_confirmed") {
    return { field: "email", text: "This address is not confirmed yet. Look for our mail." };
  }
  if (error.code === "validation_failed") {
    return { field: "email", text: "Enter an email address, such as name@example.com." };
  }
  return { text: inWords(error) };
}

export function ofSignUp(error) {
  if (error.code === "user_already_exists") {
    return { field: "email", text: "There is an account with this address. Sign in instead." };
  }
  if (error.code === "weak_password") {
    const isShort = error.reasons?.includes("length");
    const text = isShort ? "This password is too short." : "This password is easy to guess.";
    return { field: "password", text };
  }
  return ofSignIn(error);
}

export function ofCode(error) {
  if (error.code === "mfa_verification_failed") {
    return { field: "code", text: "That code didn’t work. Enter the code that is showing in your app now." };
  }
  if (error.status === 429) {
    return { field: "code", text: "Too many wrong codes. Wait before you try again, or use a recovery code." };
  }
  return { text: inWords(error) };
}

export function ofFirstCode(error) {
  if (error.code === "mfa_verification_failed") {
    return {
      field: "code",
      text: "That code didn’t match. Check that your phone sets its time automatically, and enter the code that is showing now.",
    };
  }
  if (error.code === "mfa_factor_not_found") {
    return { text: "This set-up expired. Close it and start again for a new QR code." };
  }
  return ofCode(error);
}

export function ofRecoveryCode(error) {
  if (error.code === "mfa_verification_failed") {
    return { field: "code", text: "That recovery code didn’t work. Each one works only once." };
  }
  return { text: inWords(error) };
}
