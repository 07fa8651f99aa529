//! What a store sets.

use stoa_sdk::json::json;
use stoa_sdk::{Describe, GatewayInfo, http, setting};

use crate::Zarinpal;

const LIVE: &str = "https://payment.zarinpal.com";
const SANDBOX: &str = "https://sandbox.zarinpal.com";
/// Where refunds are asked for.
const PANEL: &str = "https://next.zarinpal.com/api/v4/graphql/";

/// What the gateway is.
pub fn describe() -> GatewayInfo {
    Describe::new::<Zarinpal>("zarinpal", "Zarinpal", env!("CARGO_PKG_VERSION"))
        .currencies(&["IRR"])
        .hosts(&["payment.zarinpal.com", "sandbox.zarinpal.com", "next.zarinpal.com"])
        .settings(&json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "additionalProperties": false,
            "required": ["merchant_id"],
            "properties": {
                "merchant_id": {
                    "title": "Merchant id", "description": "36 characters, from the panel; in the sandbox any will do.",
                    "type": "string", "minLength": 36, "maxLength": 36, "writeOnly": true,
                },
                "prices_in": {
                    "title": "The store's prices are in", "description": "A toman is ten rials.",
                    "type": "string", "enum": ["rial", "toman"], "default": "rial",
                },
                "access_token": {
                    "title": "Access token of the panel", "description": "For refunds only.",
                    "type": "string", "minLength": 1, "maxLength": 4096, "writeOnly": true,
                },
                "terminal_id": {
                    "title": "Terminal id", "description": "For refunds only: the number of the terminal in the panel.",
                    "type": "string", "pattern": "^[0-9]{1,20}$",
                },
                "refund_method": {
                    "title": "How refunds are paid", "description": "CARD at once, PAYA with the bank's next cycle.",
                    "type": "string", "enum": ["CARD", "PAYA"], "default": "PAYA",
                },
                "live_url": { "title": "Address of payments", "type": "string", "format": "uri", "default": LIVE },
                "sandbox_url": { "title": "Address of the sandbox", "type": "string", "format": "uri", "default": SANDBOX },
                "panel_url": { "title": "Address for refunds", "type": "string", "format": "uri", "default": PANEL },
            },
        }))
        .done()
}

/// Where payments are made.
pub fn base(sandbox: bool) -> String {
    match sandbox {
        true => http::base(setting("sandbox_url"), SANDBOX),
        false => http::base(setting("live_url"), LIVE),
    }
}

/// Where refunds are asked for. Zarinpal's own sandbox has none: there an address must have been set.
pub fn panel(sandbox: bool) -> Option<String> {
    let set = setting("panel_url").filter(|url| url != PANEL);
    set.or_else(|| (!sandbox).then(|| PANEL.into()))
}

/// A mobile number as Zarinpal takes it, `09…`; none where it is something else, which would be a mistake to Zarinpal.
pub fn mobile(phone: &str) -> Option<String> {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let number = ["0098", "98", "0"].iter().find_map(|prefix| digits.strip_prefix(prefix))?;
    (number.len() == 10 && number.starts_with('9')).then(|| format!("0{number}"))
}
