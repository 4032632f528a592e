// Signing out: everywhere, here, and everywhere else.
import assert from "node:assert/strict";
import { anotherDevice, data, signedUp } from "./support/client.mjs";
import { graces, test } from "./support/flows.mjs";

async function threeDevices(backend) {
  const first = await signedUp(backend);
  return [first, await anotherDevice(backend, first), await anotherDevice(backend, first)];
}

/** Whether the device's session lives, by its access token and by its refresh token. */
async function lives(device, session) {
  const user = await device.getUser(session.access_token);
  const refreshed = await device.refreshSession(session);
  assert.equal(user.error === null, refreshed.error === null);
  return user.error === null;
}

async function after(backend, scope) {
  const devices = await threeDevices(backend);
  const sessions = await Promise.all(devices.map(async (d) => (await data(d.getSession())).session));
  assert.equal((await devices[0].signOut({ scope })).error, null);
  const kept = (await data(devices[0].getSession())).session !== null;
  const alive = [];
  for (const [index, device] of devices.entries()) alive.push(await lives(device, sessions[index]));
  return { alive, kept, told: devices[0].events.includes("SIGNED_OUT") };
}

for (const [grace, backend] of graces) {
  test(`global ends every session [grace ${grace}]`, async () => {
    const expected = { alive: [false, false, false], kept: false, told: true };
    assert.deepEqual(await after(backend, "global"), expected);
  });
}

for (const [grace, backend] of graces) {
  test(`local ends this session alone [grace ${grace}]`, async () => {
    const expected = { alive: [false, true, true], kept: false, told: true };
    assert.deepEqual(await after(backend, "local"), expected);
  });
}

for (const [grace, backend] of graces) {
  test(`others ends all but this one [grace ${grace}]`, async () => {
    const expected = { alive: [true, false, false], kept: true, told: false };
    assert.deepEqual(await after(backend, "others"), expected);
  });
}
