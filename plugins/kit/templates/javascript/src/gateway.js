// NAME: a payment gateway for Stoa. It takes payments at a provider that exists nowhere: put yours in its place.

import { define, fail, request, secret } from "../sdk/stoa.js";

const URL = "https://api.example.com/v1";

export const { gateway, refunds } = define({
  id: "NAME",
  name: "NAME",
  version: "0.1.0",
  hosts: ["api.example.com"],
  settings: {
    type: "object",
    additionalProperties: false,
    required: ["key"],
    properties: { key: { title: "Key", type: "string", minLength: 1, maxLength: 200, writeOnly: true } },
  },

  createPayment({ paymentId, amount, description, callbackUrl }) {
    // The payment's id makes one payment of it, however often it is sent: so a lost answer harms nobody.
    const json = { id: paymentId, amount: amount.minorUnits, currency: amount.currency, description, return_url: callbackUrl };
    const answer = post("/payments", json, fail.notSent);
    if (!text(answer.id) || !text(answer.page)) throw fail.notSent("the answer names no payment");
    return { gatewayReference: answer.id, next: { tag: "redirect", val: answer.page } };
  },

  verifyPayment({ payment }) {
    const answer = post(`/payments/${payment.gatewayReference}/settle`, {}, fail.indeterminate);
    const status = { paid: "captured", open: "pending", cancelled: "cancelled" }[answer.status];
    // What the provider says was paid, never what the shop expects: Stoa compares the two.
    if (!status || !Number.isSafeInteger(answer.amount) || !text(answer.currency)) {
      throw fail.indeterminate("the answer can't be read");
    }
    const amount = { minorUnits: answer.amount, currency: answer.currency };
    return { status, amount, transactionId: answer.transaction, rawCode: answer.status };
  },

  refund({ payment, refundId, amount }) {
    const json = { id: refundId, amount: amount.minorUnits };
    const answer = post(`/payments/${payment.gatewayReference}/refunds`, json, fail.indeterminate);
    if (!text(answer.id)) throw fail.indeterminate("the answer names no refund");
    return { status: "succeeded", gatewayReference: answer.id };
  },
});

// `lost` is what it means that nobody knows what the provider did: `indeterminate` where money may have moved.
function post(path, json, lost) {
  const headers = { authorization: `Bearer ${secret("key")}` };
  const answer = request({ method: "POST", url: URL + path, headers, json, changes: lost === fail.indeterminate });
  const body = answer.json();
  if (body === null || typeof body !== "object") throw lost(`the answer, with status ${answer.status}, is no JSON`);
  if (answer.status >= 200 && answer.status < 300) return body;
  if (answer.status === 401) throw fail.misconfigured("the provider does not know the key");
  if (answer.status >= 400 && answer.status < 500) throw fail.rejected(body.code ?? "", body.message ?? "");
  throw lost(`the provider answered ${answer.status}`);
}

const text = (value) => typeof value === "string" && value !== "";
