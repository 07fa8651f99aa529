//! What can be seen of a component before it is compiled.

use gateway::{Capability, ComponentError};
use wasmparser::{Encoding, Parser, Payload};

/// The package of the contract.
const PACKAGE: &str = "stoa:gateway/";
/// Its one version so far.
const CONTRACT: &str = "0.1.0";
/// What may be imported.
const IMPORTS: [&str; 6] = ["types", "http", "log", "clock", "random", "settings"];

/// What a component imports and exports.
#[derive(Debug)]
pub(crate) struct Surface {
    /// The interfaces that it imports.
    pub(crate) imports: Vec<String>,
    /// What it can do besides taking payments.
    pub(crate) capabilities: Vec<Capability>,
    /// The version of the contract.
    pub(crate) contract: String,
}

/// Reads a component without compiling it, and refuses one that wants what gateways don't get.
pub(crate) fn read(bytes: &[u8]) -> Result<Surface, ComponentError> {
    let malformed = |err: wasmparser::BinaryReaderError| ComponentError::Malformed(err.message().to_owned());
    if !Parser::is_component(bytes) {
        return Err(ComponentError::Malformed("it does not begin as a component does".to_owned()));
    }
    let (mut imports, mut exports, mut depth) = (Vec::new(), Vec::new(), 0_u32);
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(malformed)? {
            Payload::Version { encoding: Encoding::Component | Encoding::Module, .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    imports.push(import.map_err(malformed)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    exports.push(export.map_err(malformed)?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    surface(imports, &exports)
}

fn surface(imports: Vec<String>, exports: &[String]) -> Result<Surface, ComponentError> {
    let versioned = |name: &str| format!("{PACKAGE}{name}@{CONTRACT}");
    for import in &imports {
        if !IMPORTS.iter().any(|allowed| versioned(allowed) == *import) {
            return Err(ComponentError::ForbiddenImport(shown(import)));
        }
    }
    let has = |name: &str| exports.contains(&versioned(name));
    if !has("gateway") {
        return Err(ComponentError::MissingExport(versioned("gateway")));
    }
    let capabilities = Capability::ALL.into_iter().filter(|capability| has(capability.as_str())).collect();
    Ok(Surface { imports, capabilities, contract: CONTRACT.to_owned() })
}

/// A name out of a component, as far as it can be printed.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(100).collect()
}
