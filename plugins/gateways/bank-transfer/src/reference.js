// References for bank transfers, and accounts: ISO 11649 and ISO 13616, both with the check digits of ISO 7064.

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

// The remainder by 97 of a text whose letters count as 10 to 35.
function remainder(text) {
  let rest = 0;
  for (const letter of text) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return -1;
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}

/** The creditor's reference of a payment: its 128 bits in the 21 characters that a reference has room for, 108 of them. */
export function creditorReference(paymentId) {
  // Of a UUID of version 7 what is left out, its version, its variant and the top of the time, is the same for years.
  let bits = BigInt(`0x${paymentId.replace(/-/g, "")}`) & ((1n << 108n) - 1n);
  let body = "";
  for (let place = 0; place < 21; place++) {
    body = ALPHABET[Number(bits % 36n)] + body;
    bits /= 36n;
  }
  const digits = 98 - remainder(`${body}RF00`);
  return `RF${String(digits).padStart(2, "0")}${body}`;
}

/** An account as its bank writes it, without spaces; null where its check digits are wrong. */
export function iban(text) {
  const plain = text.replace(/\s/g, "").toUpperCase();
  const shape = /^[A-Z]{2}\d{2}[0-9A-Z]{11,30}$/.test(plain);
  return shape && remainder(plain.slice(4) + plain.slice(0, 4)) === 1 ? plain : null;
}

/** For people: in groups of four. */
export const grouped = (text) => text.replace(/(.{4})(?=.)/g, "$1 ");
