//! What wit-bindgen makes of the contract: one world for what every gateway has, and one for each optional interface.
//! The worlds of those that a gateway exports are joined when it is linked.
#![allow(missing_docs, reason = "generated; the contract says what each is")]

macro_rules! world {
    ($module:ident, $world:literal, $export:literal) => {
        pub mod $module {
            wit_bindgen::generate!({
                path: "../wit",
                world: $world,
                pub_export_macro: true,
                export_macro_name: $export,
                runtime_path: "stoa_sdk::rt",
                with: {
                    "stoa:gateway/types@0.1.0": stoa_sdk::bindings::base::stoa::gateway::types,
                    "stoa:gateway/http@0.1.0": stoa_sdk::bindings::base::stoa::gateway::http,
                    "stoa:gateway/log@0.1.0": stoa_sdk::bindings::base::stoa::gateway::log,
                    "stoa:gateway/clock@0.1.0": stoa_sdk::bindings::base::stoa::gateway::clock,
                    "stoa:gateway/random@0.1.0": stoa_sdk::bindings::base::stoa::gateway::random,
                    "stoa:gateway/settings@0.1.0": stoa_sdk::bindings::base::stoa::gateway::settings,
                },
            });
        }
    };
}

pub mod base {
    wit_bindgen::generate!({
        path: "../wit",
        world: "payment-gateway",
        pub_export_macro: true,
        export_macro_name: "export_gateway",
        runtime_path: "stoa_sdk::rt",
        additional_derives: [PartialEq, Eq],
    });
}
world!(captures, "with-captures", "export_captures");
world!(refunds, "with-refunds", "export_refunds");
world!(webhooks, "with-webhooks", "export_webhooks");
world!(inquiry, "with-inquiry", "export_inquiry");
world!(reconciliation, "with-reconciliation", "export_reconciliation");

pub use base::stoa::gateway::{clock, http, log, random, settings, types};

pub use base::exports::stoa::gateway::gateway::Guest as Gateway;
pub use captures::exports::stoa::gateway::captures::Guest as Captures;
pub use inquiry::exports::stoa::gateway::inquiry::Guest as Inquiry;
pub use reconciliation::exports::stoa::gateway::reconciliation::Guest as Reconciliation;
pub use refunds::exports::stoa::gateway::refunds::Guest as Refunds;
pub use webhooks::exports::stoa::gateway::webhooks::Guest as Webhooks;
