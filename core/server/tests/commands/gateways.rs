//! Gateways in the program itself.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use gateway::Gateways as _;
use host::{CodeFolder, Compiler, Fetch, Fetched, Host, Options, Outgoing, Unfetched};
use server::gateways::COMPILE;

struct Nowhere;

impl Fetch for Nowhere {
    fn fetch(&self, _: Outgoing) -> Fetched<'_> {
        Box::pin(async { Err(Unfetched::NotSent("there is no way out".to_owned())) })
    }
}

#[tokio::test]
async fn the_gateways_of_the_tree_are_compiled_by_a_child_of_the_program_and_say_what_they_are() {
    assert!(bundle::GATEWAYS.len() >= 3, "what comes with Stoa was not built: {:?}", bundle::MISSING);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("code");
    let program = env!("CARGO_BIN_EXE_stoa").into();
    let options = Options {
        compiler: Compiler::Child { program, arguments: vec![COMPILE.into()] },
        folder: Some(CodeFolder { path: path.clone(), key: [7; 32] }),
        ..Options::default()
    };
    let host = Host::with_fetch(options, Arc::new(Nowhere)).unwrap();
    for bundled in bundle::GATEWAYS {
        let inspected = host.inspect(bundled.component).await.unwrap();
        assert_eq!(inspected.info.id, bundled.id);
        assert!(inspected.imports.iter().all(|import| import.starts_with("stoa:gateway/")));
    }
    let kept: Vec<_> = std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(kept.len(), bundle::GATEWAYS.len());
    assert!(kept.iter().all(|file| file.metadata().unwrap().permissions().mode() & 0o777 == 0o600));
}
