//! What is compiled, where, and what is kept of it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway::{ComponentError, Gateways as _};
use host::{CodeFolder, Compiler, Host, HostError, Limits, Options};

use crate::guests::{GOOD, Nowhere, begin, call, creating, creating_with, host};

fn child() -> Compiler {
    Compiler::Child { program: env!("CARGO_BIN_EXE_compile-gateway").into(), arguments: Vec::new() }
}

/// One that can compile nothing.
fn none() -> Compiler {
    Compiler::Child { program: "/nonexistent".into(), arguments: Vec::new() }
}

fn keeping(compiler: Compiler, path: &Path, key: u8) -> Result<Host, HostError> {
    let folder = Some(CodeFolder { path: path.to_owned(), key: [key; 32] });
    Host::with_fetch(Options { compiler, folder, ..Options::default() }, Arc::new(Nowhere))
}

fn code_in(folder: &Path) -> Vec<std::path::PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn what_a_child_compiled_is_kept_and_loaded_without_it() {
    let folder = tempfile::tempdir().unwrap().keep();
    let path = folder.join("code");
    let good = creating(GOOD);
    let compiling = keeping(child(), &path, 1).unwrap();
    begin(&compiling, &good, &call(&[], &[])).await.unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    let kept = code_in(&path);
    assert_eq!(kept.len(), 1);
    assert_eq!(fs::metadata(&kept[0]).unwrap().permissions().mode() & 0o777, 0o600);

    begin(&keeping(none(), &path, 1).unwrap(), &good, &call(&[], &[])).await.unwrap();
    // Under another key it is nobody's.
    assert!(matches!(keeping(none(), &path, 2).unwrap().load(&good).await, Err(ComponentError::Host(_))));
    fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn what_is_torn_swapped_or_open_to_others_is_compiled_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("code");
    let (good, other) = (creating(GOOD), creating("(call $begun (i32.const 256) (i32.const 7))"));
    keeping(Compiler::Here, &path, 1).unwrap().load(&good).await.unwrap();
    let kept = code_in(&path).remove(0);
    let whole = fs::read(&kept).unwrap();
    keeping(Compiler::Here, &path, 1).unwrap().load(&other).await.unwrap();
    let others = code_in(&path).into_iter().find(|found| *found != kept).unwrap();

    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    for wrong in [&whole[..whole.len() / 2], &whole[..10], &[], &flipped, &fs::read(&others).unwrap()] {
        fs::write(&kept, wrong).unwrap();
        assert!(keeping(none(), &path, 1).unwrap().load(&good).await.is_err(), "it was trusted");
        let session = begin(&keeping(Compiler::Here, &path, 1).unwrap(), &good, &call(&[], &[])).await.unwrap();
        assert_eq!(session.reference, "https://ap");
        assert_eq!(fs::read(&kept).unwrap(), whole, "it was mended");
    }
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o622)).unwrap();
    assert!(keeping(none(), &path, 1).unwrap().load(&good).await.is_err());
}

#[tokio::test]
async fn a_folder_that_others_may_look_into_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert!(matches!(keeping(Compiler::Here, folder.path(), 1), Err(HostError::Folder(_))));
    let link = folder.path().join("link");
    std::os::unix::fs::symlink("/tmp", &link).unwrap();
    assert!(matches!(keeping(Compiler::Here, &link, 1), Err(HostError::Folder(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_that_compile_the_same_at_once_leave_one_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("code");
    let good = creating(GOOD);
    let hosts: Vec<_> = (0..4).map(|_| keeping(child(), &path, 1).unwrap()).collect();
    for loaded in futures_util::future::join_all(hosts.iter().map(|host| host.load(&good))).await {
        loaded.unwrap();
    }
    assert_eq!(code_in(&path).len(), 1);
    keeping(none(), &path, 1).unwrap().load(&good).await.unwrap();
}

#[tokio::test]
async fn what_was_half_written_when_somebody_was_killed_is_no_code_and_is_swept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("code");
    let good = creating(GOOD);
    keeping(Compiler::Here, &path, 1).unwrap().load(&good).await.unwrap();
    let kept = code_in(&path).remove(0);
    let half = path.join(format!("{}.0000000000000000.half", kept.file_name().unwrap().to_str().unwrap()));
    fs::rename(&kept, &half).unwrap();
    assert!(keeping(none(), &path, 1).unwrap().load(&good).await.is_err());
    assert!(half.exists(), "somebody may still be writing it");
    let old = std::time::SystemTime::now() - Duration::from_secs(7_200);
    fs::File::options().write(true).open(&half).unwrap().set_modified(old).unwrap();
    keeping(none(), &path, 1).unwrap();
    assert!(!half.exists());
}

#[tokio::test]
async fn compiling_that_takes_too_long_is_ended() {
    // One function with a great many values that live through all of it.
    let mut body = String::new();
    for n in 0..60_000 {
        body += &format!(
            "(local.set {} (i64.xor (local.get {}) (local.get {})))",
            n % 5_000,
            (n * 7) % 5_000,
            (n * 31) % 5_000
        );
        if n % 20 == 0 {
            body += "(if (i64.eqz (local.get 0)) (then (local.set 1 (i64.const 1))))";
        }
    }
    let more = format!("(func (export \"slow\") (local {}) {body})", "i64 ".repeat(5_000));
    let slow = creating_with(GOOD, &more);
    assert!(slow.len() < 2 << 20);
    let limits = Limits { compiling: Duration::from_secs(1), ..Limits::default() };
    let options = Options { limits, compiler: child(), ..Options::default() };
    let host = Host::with_fetch(options, Arc::new(Nowhere)).unwrap();
    let began = Instant::now();
    let ended = host.inspect(&slow).await.map(|inspected| inspected.size);
    assert!(matches!(&ended, Err(ComponentError::TooSlow(_) | ComponentError::Malformed(_))), "{ended:?}");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    begin(&host, &creating(GOOD), &call(&[], &[])).await.unwrap();
}

#[tokio::test]
async fn what_is_no_gateway_is_refused_before_it_is_compiled() {
    // Nothing can be compiled here.
    let host = Host::with_fetch(Options { compiler: none(), ..Options::default() }, Arc::new(Nowhere)).unwrap();
    let inspect = async |text: &str| host.inspect(&wat::parse_str(text).unwrap()).await.unwrap_err();
    let wasi = r#"(component (import "wasi:cli/environment@0.2.6" (instance)))"#;
    assert!(matches!(inspect(wasi).await, ComponentError::ForbiddenImport(name) if name.contains("wasi:cli")));
    let bare = r#"(component (import "something" (func)))"#;
    assert!(matches!(inspect(bare).await, ComponentError::ForbiddenImport(_)));
    let newer = r#"(component (import "stoa:gateway/http@0.2.0" (instance)))"#;
    assert!(matches!(inspect(newer).await, ComponentError::ForbiddenImport(_)));
    assert!(matches!(inspect("(component)").await, ComponentError::MissingExport(_)));
    assert!(matches!(inspect("(module)").await, ComponentError::Malformed(_)));
    let good = creating(GOOD);
    for torn in [&b""[..], b"MZ", &good[..good.len() / 2], &good[..9]] {
        assert!(matches!(
            host.inspect(torn).await,
            Err(ComponentError::Malformed(_) | ComponentError::MissingExport(_))
        ));
    }
    let large = vec![0; (2 << 20) + 1];
    assert!(matches!(host.inspect(&large).await, Err(ComponentError::TooLarge { .. })));
}

#[tokio::test]
async fn what_only_looks_like_a_gateway_is_refused_when_it_is_linked() {
    let export = r#"(instance $i) (export "stoa:gateway/gateway@0.1.0" (instance $i))"#;
    let empty = wat::parse_str(format!("(component {export})")).unwrap();
    assert!(matches!(host().inspect(&empty).await, Err(ComponentError::Malformed(_))));
    let many = "(core instance (instantiate $m))".repeat(500);
    let crowd = format!("(component (core module $m (memory 1) (table 10 funcref)) {many} {export})");
    let refused = host().inspect(&wat::parse_str(crowd).unwrap()).await.map(|inspected| inspected.size);
    assert!(matches!(&refused, Err(ComponentError::Malformed(_))), "{refused:?}");
}
