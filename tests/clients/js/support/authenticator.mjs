// An authenticator app, from RFC 4226 and RFC 6238 alone.
import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { data } from "./client.mjs";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function decoded(secret) {
  const bits = [...secret].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, "0"));
  return Buffer.from(bits.join("").match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

function code(secret, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", decoded(secret)).update(counter).digest();
  const offset = mac.at(-1) & 0x0f;
  const value = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(value % 1_000_000).padStart(6, "0");
}

export class Authenticator {
  #secret;
  #last = 0;

  constructor(secret) {
    this.#secret = secret;
  }

  /**
   * A code that the server has not seen: codes work once. It accepts the steps beside the present
   * one too, so three are at hand, or two when the present one is about to end, because a code must
   * not end on its way; one more is waited for.
   */
  async code() {
    const present = () => Math.floor(Date.now() / 30_000);
    const oldest = Math.floor((Date.now() - 20_000) / 30_000);
    this.#last = Math.max(this.#last + 1, oldest);
    while (this.#last > present() + 1) await sleep(250);
    return code(this.#secret, this.#last);
  }

  /** Six digits that are wrong for minutes around now. */
  wrong() {
    const present = Math.floor(Date.now() / 30_000);
    const near = new Set(Array.from({ length: 20 }, (_, n) => code(this.#secret, present + n - 10)));
    for (let n = 0; ; n++) {
      const digits = String(n).padStart(6, "0");
      if (!near.has(digits)) return digits;
    }
  }
}

/** Enrol a factor and verify it: the client's session is then at aal2. */
export async function enrolled(client, options = {}) {
  const factor = await data(client.mfa.enroll({ factorType: "totp", ...options }));
  const authenticator = new Authenticator(factor.totp.secret);
  const given = { factorId: factor.id, code: await authenticator.code() };
  await data(client.mfa.challengeAndVerify(given));
  return { factor, authenticator };
}
