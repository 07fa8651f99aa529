//! Entity tags of what is public: a hash of its bytes.

use sha2::{Digest as _, Sha256};

/// The strong tag of these bytes.
pub(crate) fn etag_of(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().take(12).fold(String::from("\""), |tag, byte| format!("{tag}{byte:02x}")) + "\""
}

/// Whether `If-None-Match` lists the tag: the client has it already.
pub(crate) fn is_listed(etag: &str, if_none_match: &str) -> bool {
    if_none_match.split(',').any(|tag| matches!(tag.trim(), "*") || tag.trim().trim_start_matches("W/") == etag)
}
