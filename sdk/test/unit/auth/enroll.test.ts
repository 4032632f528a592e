import { expect, test } from "vitest";
import { clientOf, refused, site } from "../support/site.js";
import { session } from "../support/tokens.js";

const SVG = `<svg fill="black"><path d="M0,0 50% é"/></svg>`;
const made = {
  id: "1",
  type: "totp",
  totp: { qr_code: SVG, secret: "SECRET", uri: "otpauth://totp/Shop:ada?secret=SECRET" },
};

test("enrollMfa answers what the seed's guide shows, and a picture", async () => {
  const backend = site({ "POST /auth/v1/factors": () => Response.json(made) });
  const client = clientOf(backend, session());
  const { data, error } = await client.auth.enrollMfa();
  expect(error).toBeNull();
  expect(data).toMatchObject({
    factorId: "1",
    otpauthUrl: "otpauth://totp/Shop:ada?secret=SECRET",
    secret: "SECRET",
  });
});

test("the picture is an address of which nothing is cut", async () => {
  const backend = site({ "POST /auth/v1/factors": () => Response.json(made) });
  const { data } = await clientOf(backend, session()).auth.enrollMfa();
  const { protocol, pathname, search, hash } = new URL(data!.qrCode);
  expect([protocol, search, hash]).toEqual(["data:", "", ""]);
  expect(data!.qrCode).not.toMatch(/[\s"<>]/);
  expect(pathname).toMatch(/^image\/svg\+xml[;,]/);
  expect(decodeURIComponent(pathname.slice(pathname.indexOf(",") + 1))).toBe(SVG);
});

test("names of the factor and of the issuer reach the server", async () => {
  const backend = site({ "POST /auth/v1/factors": () => Response.json(made) });
  await clientOf(backend, session()).auth.enrollMfa({ friendlyName: "Phone", issuer: "Shop" });
  expect(backend.of("POST /auth/v1/factors")[0]?.body).toEqual({
    factor_type: "totp",
    friendly_name: "Phone",
    issuer: "Shop",
  });
});

test("a refusal is an error, and no data", async () => {
  const backend = site({ "POST /auth/v1/factors": () => refused(403, "insufficient_aal") });
  const { data, error } = await clientOf(backend, session()).auth.enrollMfa();
  expect(data).toBeNull();
  expect(error).toMatchObject({ code: "insufficient_aal", status: 403 });
});

test("an answer that is not understood is an error too, and nothing is thrown", async () => {
  const backend = site({ "POST /auth/v1/factors": () => Response.json({ id: "1" }) });
  const { data, error } = await clientOf(backend, session()).auth.enrollMfa();
  expect(data).toBeNull();
  expect(error).toBeInstanceOf(Error);
});
