//! Building the gateways that are written in JavaScript or TypeScript.

use crate::Places;

/// Builds them, and puts them where they are embedded from.
pub fn build(_: &Places, _: &[String]) -> Result<(), String> {
    Err("install Node 20 or newer".to_owned())
}
