//! The gateways that come with Stoa, as components, built with the program by `build/main.rs`.

/// A gateway that comes with Stoa.
#[derive(Debug, Clone, Copy)]
pub struct Bundled {
    /// Its name for good: `zarinpal`.
    pub id: &'static str,
    /// The component.
    pub component: &'static [u8],
    /// Its `plugin.toml`.
    pub manifest: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/gateways.rs"));

/// The gateway of this name.
///
/// # Errors
///
/// The sentence that says why there is none, and what to install.
pub fn gateway(id: &str) -> Result<&'static Bundled, &'static str> {
    let named = || MISSING.iter().find(|why| why.contains(id)).copied();
    let why = || named().unwrap_or("no gateway of this name comes with Stoa");
    GATEWAYS.iter().find(|gateway| gateway.id == id).ok_or_else(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_component(id: &str) {
        let gateway = gateway(id).unwrap();
        // A core module begins otherwise.
        assert_eq!(gateway.component[..8], *b"\0asm\x0d\0\x01\0", "{id}");
        assert!(gateway.manifest.contains(&format!("id = \"{id}\"")), "{id}");
    }

    #[test]
    fn every_gateway_in_rust_is_a_component() {
        for id in ["cash-on-delivery", "fake", "zarinpal"] {
            is_component(id);
        }
    }

    /// Node is the one tool that this tree can be built without.
    #[test]
    fn the_gateway_in_javascript_is_a_component_wherever_node_is() {
        let node = std::process::Command::new("node").arg("--version").output();
        if node.is_ok_and(|node| node.status.success()) {
            assert_eq!(MISSING, [""; 0], "what comes with Stoa was not built");
            is_component("bank-transfer");
        } else {
            assert_eq!(MISSING.len(), 1, "{MISSING:?}");
            assert!(MISSING[0].contains("bank-transfer") && MISSING[0].contains("Node"), "{MISSING:?}");
        }
    }
}
