//! What `plugins/wit` becomes: the required interface, and each optional one as a world of its own that shares its types.

#![allow(missing_docs, clippy::all, reason = "written by a macro")]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "payment-gateway",
    imports: { "stoa:gateway/http.fetch": async | trappable, default: trappable },
    exports: { default: async },
});

macro_rules! ability {
    ($name:ident, $world:literal) => {
        pub mod $name {
            wasmtime::component::bindgen!({
                path: "../wit",
                world: $world,
                exports: { default: async },
                with: {
                    "stoa:gateway/types": crate::bindings::stoa::gateway::types,
                    "stoa:gateway/http": crate::bindings::stoa::gateway::http,
                    "stoa:gateway/log": crate::bindings::stoa::gateway::log,
                    "stoa:gateway/clock": crate::bindings::stoa::gateway::clock,
                    "stoa:gateway/random": crate::bindings::stoa::gateway::random,
                    "stoa:gateway/settings": crate::bindings::stoa::gateway::settings,
                },
            });
        }
    };
}

ability!(captures, "with-captures");
ability!(refunds, "with-refunds");
ability!(webhooks, "with-webhooks");
ability!(inquiry, "with-inquiry");
ability!(reconciliation, "with-reconciliation");
