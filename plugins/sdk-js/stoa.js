// Writes payment gateways for Stoa in JavaScript. The engine is QuickJS, without anything of a browser or of Node: no `fetch`,
// no `TextEncoder`, no timers. What stands here replaces what a gateway needs of it.
//
//     import { define, fail, request, secret } from "../sdk/stoa.js";
//     export const { gateway, refunds } = define({ id: "example", …, createPayment(request) { … }, refund(request) { … } });
//
// The shapes are those of the contract, `wit/gateway.wit`, with camelCase names: a `variant` is `{ tag, val }`, a `record` an
// object, an `enum` its word, an `option` the value or null. Sums are numbers: all that the contract allows are exact ones.

import http from "stoa:gateway/http@0.1.0";
import lines from "stoa:gateway/log@0.1.0";
import clock from "stoa:gateway/clock@0.1.0";
import chance from "stoa:gateway/random@0.1.0";
import settings from "stoa:gateway/settings@0.1.0";

/** Why a call comes to nothing: `throw fail.rejected("51", "not paid")`. */
export class Failure extends Error {
  constructor(tag, val) {
    super(typeof val === "string" ? val : val.message);
    this.tag = tag;
    this.val = val;
  }
}

const failure = (tag) => (message) => new Failure(tag, String(message));

/** One for each case of the contract's `gateway-error`. */
export const fail = {
  invalidRequest: failure("invalid-request"),
  misconfigured: failure("misconfigured"),
  rejected: (code, message) => new Failure("rejected", { code: String(code), message: String(message) }),
  notSent: failure("not-sent"),
  indeterminate: failure("indeterminate"),
  unauthentic: failure("unauthentic"),
  unsupported: failure("unsupported"),
  internal: failure("internal"),
};

// Which functions make which optional interface.
const ABILITIES = {
  captures: ["capture", "void"],
  refunds: ["refund"],
  webhooks: ["handleWebhook"],
  inquiry: ["inquire"],
  reconciliation: ["listUnverified"],
};

const NO_SETTINGS = { type: "object", properties: {}, additionalProperties: false };

/** Makes the interfaces that a component exports of one plain object: what it is, and its functions. */
export function define(what) {
  const capabilities = Object.keys(ABILITIES).filter((name) => ABILITIES[name].every((of) => of in what));
  const info = {
    id: what.id,
    name: what.name,
    version: what.version,
    settingsSchema: JSON.stringify(what.settings ?? NO_SETTINGS),
    allowedHosts: what.hosts ?? [],
    currencies: what.currencies ?? [],
    capabilities,
  };
  const made = {
    gateway: {
      describe: () => info,
      createPayment: guarded((request) => session(what.createPayment(request))),
      verifyPayment: guarded((callback) => outcome(what.verifyPayment(callback))),
    },
  };
  const read = { capture: outcome, void: outcome, inquire: outcome, refund: refunded, handleWebhook: event };
  for (const name of capabilities) {
    made[name] = {};
    for (const of of ABILITIES[name]) {
      made[name][of] = guarded((...given) => (read[of] ?? ((answer) => answer))(what[of](...given)));
    }
  }
  return made;
}

// What is thrown must be a case of the contract, or the whole call breaks off: anything else is this gateway's own fault.
function guarded(call) {
  return (...given) => {
    try {
      return call(...given);
    } catch (error) {
      if (error instanceof Failure) throw { tag: error.tag, val: error.val };
      throw { tag: "internal", val: String(error?.message ?? error) };
    }
  };
}

const session = (answer) => ({
  gatewayReference: answer.gatewayReference,
  next: answer.next ?? { tag: "none" },
  expiresAt: answer.expiresAt ?? null,
  state: answer.state ?? new Uint8Array(0),
});

const outcome = (answer) => ({
  status: answer.status,
  amount: answer.amount,
  refunded: answer.refunded ?? null,
  transactionId: answer.transactionId ?? null,
  instrument: answer.instrument ?? null,
  rawCode: answer.rawCode ?? null,
  alreadyVerified: answer.alreadyVerified ?? false,
});

const refunded = (answer) => ({
  status: answer.status,
  gatewayReference: answer.gatewayReference ?? null,
  rawCode: answer.rawCode ?? null,
});

const event = (answer) => ({
  gatewayReference: answer.gatewayReference,
  outcome: answer.outcome ? outcome(answer.outcome) : null,
});

/** A setting that is no secret: a text as it stands, anything else as JSON; null where it is not set, or empty. */
export const setting = (name) => settings.get(name) || null;

/** A word that Stoa replaces by a secret of the store in what is sent: in a header, or within a body. */
export function secret(name) {
  return settings.secretRef(name) ?? raise(fail.misconfigured(`\`${name}\` is not set`));
}

/** HMAC-SHA-256 of bytes, or of a text, under a secret of the store. */
export function hmacSha256(name, data) {
  const bytes = typeof data === "string" ? utf8(data) : data;
  return settings.hmacSha256(name, bytes) ?? raise(fail.misconfigured(`\`${name}\` is not set`));
}

/** Writes a line to the log that the store's staff reads: no secrets, no cards. */
export const log = (level, message) => lines.write(level, String(message));

/** Now, in milliseconds since 1970. */
export const now = () => Number(clock.now());

/** Bytes that nobody can guess: at most 1024. */
export const random = (length) => chance.bytes(length);

/**
 * Sends a request: `{ method, url, headers: { … }, json | form | body }`, and answers `{ status, headers, body, text(), json() }`.
 * Say with `changes: true` that it moves money: then a lost answer is `indeterminate`; otherwise it is `not-sent`.
 */
export function request({ method = "GET", url, headers = {}, json, form, body, changes = false }) {
  const all = { accept: "application/json", ...headers };
  let bytes = body ?? new Uint8Array(0);
  if (json !== undefined) {
    all["content-type"] = "application/json";
    bytes = utf8(JSON.stringify(json));
  } else if (form !== undefined) {
    all["content-type"] = "application/x-www-form-urlencoded";
    const pairs = Object.entries(form).map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
    bytes = utf8(pairs.join("&"));
  } else if (typeof bytes === "string") {
    bytes = utf8(bytes);
  }
  const asked = { method, url, headers: Object.entries(all).map(([key, value]) => ({ key, value: String(value) })), body: bytes };
  let answer;
  try {
    answer = http.fetch(asked);
  } catch (error) {
    // What an import throws is an Error that carries the case of the contract.
    throw unsent(error?.payload ?? error, changes ? fail.indeterminate : fail.notSent);
  }
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers.map(({ key, value }) => [key, value])),
    body: answer.body,
    text: () => text(answer.body),
    json: () => parsed(answer.body),
  };
}

function unsent(error, lost) {
  switch (error?.tag) {
    case "host-not-allowed":
    case "invalid-request":
      return fail.misconfigured(`the address can't be asked: ${error.val}`);
    case "not-sent":
      return fail.notSent(error.val);
    case "budget-exhausted":
      return fail.notSent("this call has sent as much as it may");
    case "timed-out":
      return lost("no answer came in time");
    case "interrupted":
      return lost(`the answer broke off: ${error.val}`);
    case "too-large":
      return lost("the answer is too large");
    default:
      return error;
  }
}

/** The value of a field of a callback's query, of a form, or of headers; null where it was not sent. */
export const field = (fields, name) => fields.find(({ key }) => key === name)?.value ?? null;

/** JSON of bytes; null where it is something else. */
export function parsed(bytes) {
  try {
    return JSON.parse(text(bytes));
  } catch {
    return null;
  }
}

/** A text in UTF-8. */
export function utf8(words) {
  const bytes = [];
  for (const letter of String(words)) {
    const code = letter.codePointAt(0);
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return new Uint8Array(bytes);
}

/** The text of bytes in UTF-8; what is none becomes U+FFFD. */
export function text(bytes) {
  const end = bytes.length;
  let words = "";
  for (let at = 0; at < end; ) {
    const first = bytes[at++];
    const more = first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : -1;
    let code = more < 0 ? 0xfffd : more === 0 ? first : first & (0x3f >> more);
    for (let left = more; left > 0; left--) {
      if (at < end && (bytes[at] & 0xc0) === 0x80) code = (code << 6) | (bytes[at++] & 63);
      else { code = 0xfffd; break; }
    }
    const surrogate = code >= 0xd800 && code < 0xe000;
    words += String.fromCodePoint(surrogate || code > 0x10ffff ? 0xfffd : code);
  }
  return words;
}

/** Bytes in hexadecimal. */
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Whether two texts are one, in a time that does not depend on where they differ. */
export function same(a, b) {
  let different = a.length ^ b.length;
  for (let at = 0; at < Math.min(a.length, b.length); at++) different |= a.charCodeAt(at) ^ b.charCodeAt(at);
  return different === 0;
}

function raise(error) {
  throw error;
}
