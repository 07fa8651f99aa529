//! What can be seen of a component without calling more than `describe`.

use gateway::{ComponentError, Gateways as _, Inspection};

use super::bench::Bench;
use super::{Report, Subject, Verdict};

/// Examines it; whether it can be loaded.
pub(super) async fn examine(bench: &Bench, subject: &Subject, report: &mut Report) -> bool {
    let inspected = bench.host().inspect(&subject.component).await;
    let error = inspected.as_ref().err();
    let bad = |fits: fn(&ComponentError) -> bool| match error {
        Some(error) if fits(error) => Verdict::Bad(error.to_string()),
        // What is read later can't be told, once it can't be read.
        Some(_) => Verdict::Untold("the component can't be loaded".to_owned()),
        None => Verdict::Good,
    };
    report.note(
        "component/size",
        "a component has at most 2 MiB; an operator may allow more",
        "the profile that it is built with (`opt-level = \"s\"`, `lto`, `strip`), and what it depends on",
        bad(|error| matches!(error, ComponentError::TooLarge { .. })),
    );
    report.note(
        "component/compiles",
        "it is a WebAssembly component (no core module), which compiles within 20 seconds",
        "how it is built: `stoa gateway build` does it; a core module lacks the linker `wasm-component-ld`",
        bad(|error| {
            matches!(error, ComponentError::Malformed(_) | ComponentError::Host(_) | ComponentError::TooSlow(_))
        }),
    );
    report.note(
        "component/imports",
        "it imports nothing but `http`, `log`, `clock`, `random` and `settings` of the contract: no WASI",
        "the target: `wasm32-unknown-unknown`, not `wasm32-wasip2`; and what uses files, threads, the environment or the time",
        bad(|error| matches!(error, ComponentError::ForbiddenImport(_))),
    );
    report.note(
        "component/exports",
        "every gateway exports the interface `gateway`",
        "`stoa_sdk::gateway!(…)` in Rust, `export const { gateway } = define(…)` in JavaScript",
        bad(|error| matches!(error, ComponentError::MissingExport(_))),
    );
    report.note(
        "component/describes",
        "`describe` names an id, a name, a version like 1.2.3, a schema that is an object, hosts, currencies of ISO 4217, and \
         exactly the optional interfaces that are exported, without using any import",
        "`describe`",
        bad(|error| matches!(error, ComponentError::Description(_))),
    );
    let Ok(found) = inspected else { return false };
    manifest(subject, &found, report);
    let again = bench.host().inspect(&subject.component).await;
    report.note(
        "describe/steady",
        "`describe` gives always the same answer",
        "`describe`: nothing in it may depend on chance, time or an earlier call",
        match again {
            Ok(again) if again.info == found.info => Verdict::Good,
            Ok(again) => Verdict::Bad(format!("{:?}, and then {:?}", found.info, again.info)),
            Err(why) => Verdict::Bad(why.to_string()),
        },
    );
    true
}

fn manifest(subject: &Subject, found: &Inspection, report: &mut Report) {
    let (manifest, info) = (&subject.manifest, &found.info);
    let pair = |what: &str, manifest: &str, found: &str| {
        (manifest != found).then(|| format!("plugin.toml says {what} `{manifest}`, the component `{found}`"))
    };
    let differs = pair("id", &manifest.id, &info.id)
        .or_else(|| pair("version", &manifest.version, &info.version))
        .or_else(|| pair("contract", &manifest.contract, &found.contract));
    report.note(
        "manifest/names",
        "plugin.toml says the id, the version and the version of the contract that the component says",
        "plugin.toml, and `describe`",
        differs.map_or(Verdict::Good, Verdict::Bad),
    );
    let extra = info.allowed_hosts.iter().find(|host| !manifest.hosts.contains(host));
    report.note(
        "manifest/hosts",
        "the hosts that `describe` names lie within the `allowed-hosts` of plugin.toml, which people read",
        "plugin.toml, and the hosts in `describe`",
        extra.map_or(Verdict::Good, |host| Verdict::Bad(format!("`{host}` is not in plugin.toml"))),
    );
    let extra = info.capabilities.iter().find(|can| !manifest.capabilities.iter().any(|word| word == can.as_str()));
    report.note(
        "manifest/capabilities",
        "what the component exports lies within the `capabilities` of plugin.toml",
        "plugin.toml, and which interfaces are exported",
        extra.map_or(Verdict::Good, |can| Verdict::Bad(format!("`{}` is not in plugin.toml", can.as_str()))),
    );
}
