//! `gateway!`: what makes a component of a type.

/// Exports a type as the gateway of this component, with the optional interfaces that it implements:
/// `gateway!(Example: captures, refunds, webhooks, inquiry, reconciliation);`, or `gateway!(Example);` for none.
#[macro_export]
macro_rules! gateway {
    ($gateway:ident $(: $($ability:ident),* $(,)?)?) => {
        impl $crate::Offers for $gateway {
            const CAPABILITIES: &'static [$crate::Capability] = &[$($($crate::__capability!($ability)),*)?];
        }
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::base::export_gateway!($gateway with_types_in $crate::bindings::base);
        $($(
            #[cfg(target_arch = "wasm32")]
            $crate::__export!($ability $gateway);
        )*)?
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __capability {
    (captures) => {
        $crate::Capability::Captures
    };
    (refunds) => {
        $crate::Capability::Refunds
    };
    (webhooks) => {
        $crate::Capability::Webhooks
    };
    (inquiry) => {
        $crate::Capability::Inquiry
    };
    (reconciliation) => {
        $crate::Capability::Reconciliation
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    (captures $gateway:ident) => {
        $crate::bindings::captures::export_captures!($gateway with_types_in $crate::bindings::captures);
    };
    (refunds $gateway:ident) => {
        $crate::bindings::refunds::export_refunds!($gateway with_types_in $crate::bindings::refunds);
    };
    (webhooks $gateway:ident) => {
        $crate::bindings::webhooks::export_webhooks!($gateway with_types_in $crate::bindings::webhooks);
    };
    (inquiry $gateway:ident) => {
        $crate::bindings::inquiry::export_inquiry!($gateway with_types_in $crate::bindings::inquiry);
    };
    (reconciliation $gateway:ident) => {
        $crate::bindings::reconciliation::export_reconciliation!(
            $gateway with_types_in $crate::bindings::reconciliation
        );
    };
}
