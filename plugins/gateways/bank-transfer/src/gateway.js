// Bank transfer: the buyer sends the money from their own bank, with the reference that the shop gives them. The order waits with its
// money promised; staff captures it when the bank's statement shows the reference, or voids it.

import { define, fail, log, now, parsed, setting, utf8 } from "../../../sdk-js/stoa.js";
import { creditorReference, grouped, iban } from "./reference.js";

const DAY = 86_400_000;

export const { gateway, captures, inquiry } = define({
  id: "bank-transfer",
  name: "Bank transfer",
  version: "0.1.0",
  settings: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    additionalProperties: false,
    required: ["account_holder", "iban"],
    properties: {
      account_holder: { title: "Account holder", type: "string", minLength: 1, maxLength: 70 },
      iban: { title: "IBAN", type: "string", minLength: 15, maxLength: 42 },
      bic: { title: "BIC", type: "string", pattern: "^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$" },
      days: { title: "Days to pay in", type: "integer", minimum: 1, maximum: 60, default: 7 },
      page: {
        title: "Page with instructions",
        description: "Buyers are sent there, with what they need in the query; without one the shop shows it.",
        type: "string", format: "uri", pattern: "^https://",
      },
    },
  },

  createPayment({ paymentId, amount, callbackUrl }) {
    const account = ownAccount();
    const reference = creditorReference(paymentId);
    const expiresAt = now() + Number(setting("days") ?? 7) * DAY;
    const shown = { holder: account.holder, iban: account.iban, bic: account.bic, reference: grouped(reference) };
    log("info", `A transfer with the reference ${reference} is awaited.`);
    const page = setting("page");
    const query = { ...shown, amount: amount.minorUnits, currency: amount.currency, back: callbackUrl };
    return {
      gatewayReference: reference,
      next: page ? { tag: "redirect", val: page + (page.includes("?") ? "&" : "?") + encoded(query) } : { tag: "none" },
      expiresAt,
      state: utf8(JSON.stringify(shown)),
    };
  },

  // Nobody but staff, who reads the bank's statement, knows whether the money came. What a browser brings back says nothing.
  verifyPayment({ payment }) {
    return promised(payment);
  },

  capture(payment, amount) {
    if (amount.currency !== payment.expected.currency || amount.minorUnits > payment.expected.minorUnits) {
      throw fail.invalidRequest("more than was promised can't be taken");
    }
    return { ...promised(payment), status: "captured", amount, transactionId: payment.gatewayReference };
  },

  void(payment) {
    return { ...promised(payment), status: "voided" };
  },

  inquire(payment) {
    const status = payment.transactionId ? "captured" : "authorized";
    return { ...promised(payment), status, transactionId: payment.transactionId };
  },
});

function promised(payment) {
  const account = parsed(payment.state)?.iban;
  const instrument = account ? `${account.slice(0, 4)}******${account.slice(-4)}` : null;
  return { status: "authorized", amount: payment.expected, instrument, rawCode: "awaited" };
}

function ownAccount() {
  const [holder, account] = [setting("account_holder"), setting("iban")];
  if (!holder) throw fail.misconfigured("`account_holder` is not set");
  const checked = iban(account ?? "");
  if (!checked) throw fail.misconfigured("`iban` is no IBAN: its check digits are wrong");
  return { holder, iban: checked, bic: setting("bic") ?? "" };
}

function encoded(fields) {
  return Object.entries(fields).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&");
}
