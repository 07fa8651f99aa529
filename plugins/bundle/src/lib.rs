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
    let why = || MISSING.first().copied().unwrap_or("no gateway of this name comes with Stoa");
    GATEWAYS.iter().find(|gateway| gateway.id == id).ok_or_else(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What it begins with makes it a component, and no core module.
    #[test]
    fn every_gateway_of_the_tree_is_a_component() {
        assert_eq!(MISSING, [""; 0], "what comes with Stoa was not built");
        for id in ["cash-on-delivery", "fake", "zarinpal"] {
            let gateway = gateway(id).unwrap();
            assert_eq!(gateway.component[..8], *b"\0asm\x0d\0\x01\0", "{id}");
            assert!(gateway.manifest.contains(&format!("id = \"{id}\"")), "{id}");
        }
    }
}
