// Zarinpal's own client for Node talks to our sandbox, and what Zarinpal documents comes out: so the sandbox, which our gateway is tested
// against, speaks as Zarinpal's clients expect. `.ci/zarinpal` runs it with the sandbox's address.

import assert from "node:assert/strict";
import { createRequire } from "node:module";

const { ZarinPal } = createRequire(import.meta.url)("zarinpal-node-sdk");

const base = process.argv[2];
const MERCHANT = "11111111-2222-3333-4444-555555555555";

function client(merchantId) {
  const made = new ZarinPal({ merchantId, accessToken: "panel-token", sandbox: true });
  // It knows Zarinpal's addresses only; the two clients below it are told ours.
  made.baseURL = base;
  made.httpClient.defaults.baseURL = base;
  made.graphqlClient.defaults.baseURL = `${base}/api/v4/graphql/`;
  for (const one of [made.httpClient, made.graphqlClient]) {
    one.defaults.proxy = false;
    one.defaults.timeout = 5_000;
    one.defaults.maxRedirects = 0;
  }
  return made;
}

const zarinpal = client(MERCHANT);
let facts = 0;
const fact = (what, found, wanted) => {
  assert.deepEqual(found, wanted, what);
  facts += 1;
  console.log(`ok    ${what}`);
};

const begin = async (more = {}) =>
  (await zarinpal.payments.create({
    amount: 500_000, callback_url: "http://127.0.0.1:9/back", description: "Order 1001", mobile: "09123456789",
    email: "sara@example.com", ...more,
  })).data;

// The buyer presses the button of the page that they are sent to, and their browser is sent back.
async function press(authority, button) {
  const page = zarinpal.payments.getRedirectUrl(authority);
  const shown = await (await fetch(page)).text();
  assert.match(shown, new RegExp(`value="${button}"`), "the page has the button");
  const pressed = await fetch(page, { method: "POST", body: new URLSearchParams({ do: button }), redirect: "manual" });
  return pressed.headers.get("location");
}

const inquire = async (authority) => (await zarinpal.inquiries.inquire({ authority })).data.status;
const verify = (authority, amount = 500_000, by = zarinpal) => by.verifications.verify({ amount, authority });
const unverified = async () => (await zarinpal.unverified.list()).data.authorities.map((row) => row.authority);

const begun = await begin();
const { authority } = begun;
fact("a payment begins with code 100", [begun.code, begun.message], [100, "Success"]);
fact("an authority of the sandbox has 36 characters, and begins with S", [authority.length, authority[0]], [36, "S"]);
fact("the buyer goes to StartPay", zarinpal.payments.getRedirectUrl(authority), `${base}/pg/StartPay/${authority}`);
fact("a payment that waits is IN_BANK", await inquire(authority), "IN_BANK");
fact("and is verified with -51", (await verify(authority)).errors.code, -51);
fact("the buyer comes back with OK", await press(authority, "pay"), `http://127.0.0.1:9/back?Authority=${authority}&Status=OK`);
fact("what is paid is PAID", await inquire(authority), "PAID");
fact("and is among what nobody verified", await unverified(), [authority]);
fact("another amount is -50", (await verify(authority, 50_000)).errors.code, -50);
fact("another merchant is -53", (await verify(authority, 500_000, client("99999999-2222-3333-4444-555555555555"))).errors.code, -53);
fact("an authority that nobody knows is -54", (await verify(`S${"0".repeat(35)}`)).errors.code, -54);
const first = await verify(authority);
fact("the right one is verified with 100, and no errors", [first.data.code, first.errors], [100, []]);
fact("with a number, a masked card and a fee", [
  typeof first.data.ref_id, /^\d{6}\*+\d{4}$/.test(first.data.card_pan), /^[0-9A-F]{64}$/.test(first.data.card_hash), first.data.fee,
], ["number", true, true, 0]);
const second = await verify(authority);
fact("again with 101, and the same number", [second.data.code, second.data.ref_id], [101, first.data.ref_id]);
fact("what is verified is VERIFIED", await inquire(authority), "VERIFIED");
fact("and no longer among what nobody verified", await unverified(), []);

const given = await zarinpal.refunds.create({
  sessionId: String(first.data.ref_id), amount: 20_000, description: "Damaged", method: "PAYA", reason: "CUSTOMER_REQUEST",
});
fact("a part is given back", [given.data.resource.amount, given.data.resource.timeline.refund_amount], [20_000, 20_000]);
const much = await zarinpal.refunds.create({ sessionId: String(first.data.ref_id), amount: 490_000 });
fact("no more than was paid", [much.data, much.errors.length], [null, 1]);

const turned = (await begin()).authority;
await press(turned, "pay");
await verify(turned);
fact("what was paid is reversed", (await zarinpal.reversals.reverse({ authority: turned })).data.code, 100);
fact("once", (await zarinpal.reversals.reverse({ authority: turned })).errors.code, -61);
fact("and is REVERSED", await inquire(turned), "REVERSED");

const left = (await begin()).authority;
fact("a buyer who gives up comes back with NOK", await press(left, "give-up"), `http://127.0.0.1:9/back?Authority=${left}&Status=NOK`);
fact("what was given up is FAILED", await inquire(left), "FAILED");
fact("and can't be verified", (await verify(left)).errors.code, -51);

const refused = await zarinpal.payments.create({ amount: 1_000, callback_url: "http://x", description: "" }).catch((error) => error);
fact("what is wrong is -9, with the fields", [
  refused.response.status, refused.response.data.errors.code, Object.keys(refused.response.data.errors.validations[0]),
], [422, -9, ["description"]]);

assert.equal(facts, 25);
console.log(`${facts} facts hold`);
