//! Every operation × every caller × {its own store's thing, another store's, one that is nowhere}, as a table that is
//! reviewed like code. An operation that no sample request is known for fails.

mod callers;
mod samples;
mod things;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use api::documents;
use reqwest::Method;
use serde_json::Value;
use tests::paper::{self, Paper};
use tests::{Answer, Mall};

use self::callers::{ALL, Callers};
use self::samples::{Sample, sample};
use self::things::{Things, Which};

#[tokio::test(flavor = "multi_thread")]
async fn the_table_of_permissions_is_as_it_was_reviewed() {
    let mall = Mall::open_with(|config| config.gateways = Arc::<Paper>::default().host()).await;
    let (own, other) = (mall.open_store().await, mall.open_store().await);
    let things = Things::new(&mall, &own, &other).await;
    let callers = Callers::new(&mall, &own, &other, &things).await;
    let mut table = String::from(
        "# Statuses by operation and caller; where an id is named: its own store's / another store's / one that is nowhere.\n",
    );
    for document in documents() {
        let json: Value = serde_json::from_str(&document.json).unwrap();
        writeln!(table, "\n## {}: {}", document.name, ALL.join(" ")).unwrap();
        for (name, method, path) in operations(&json) {
            let mut line = format!("{name}:");
            for caller in ALL {
                let cell = cell(&mall, &things, &callers, document.name, &name, &method, &path, caller).await;
                write!(line, " {cell}").unwrap();
            }
            writeln!(table, "{line}").unwrap();
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/it/permissions.txt");
    if std::env::var_os("STOA_ACCEPT").is_some() {
        std::fs::write(path, &table).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let changed: Vec<_> = table.lines().filter(|line| !committed.lines().any(|known| known == *line)).collect();
    assert!(table == committed, "review and commit, with STOA_ACCEPT=1, what changed:\n{}", changed.join("\n"));
}

/// Name, method and path of each operation, in the order of their names.
fn operations(document: &Value) -> Vec<(String, Method, String)> {
    let mut all = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            all.insert(operation["operationId"].as_str().unwrap().to_owned(), (method, path.clone()));
        }
    }
    all.into_iter().map(|(name, (method, path))| (name, method, path)).collect()
}

#[expect(clippy::too_many_arguments, reason = "a cell has this many coordinates")]
async fn cell(
    mall: &Mall,
    things: &Things,
    callers: &Callers,
    surface: &str,
    name: &str,
    method: &Method,
    path: &str,
    caller: &str,
) -> String {
    let ask = async |which: Which| {
        let Sample { body, id } = sample(things, surface, name, which).await;
        let prefix = if surface == "storefront" { "store" } else { surface };
        // A sample for a path with several ids holds as many, in their order.
        let mut ids = id.split('/');
        let path = path.split('/').map(|part| if part.starts_with('{') { ids.next().unwrap() } else { part });
        let path = path.collect::<Vec<_>>();
        let request = mall.request(method.clone(), &format!("/{prefix}/v1{}", path.join("/")));
        let request = request.header("Stoa-Store", things.slug()).header("If-Match", "*");
        let request = request.header("Idempotency-Key", uuid::Uuid::now_v7().to_string());
        let request = body.into_iter().fold(request, |request, body| request.json(&body));
        let request = match name {
            "importProducts" => request.header("Content-Type", "text/csv").body("slug\n"),
            "addProductImage" => request.header("Content-Type", "image/gif").body(samples::PICTURE),
            "uploadGateway" => {
                request.header("Content-Type", "application/wasm").body(paper::component("uploaded", "1.0.0"))
            }
            _ => request,
        };
        let token = callers.token(mall, things, name, caller).await;
        (Answer::of(token.into_iter().fold(request, |request, token| request.bearer_auth(token))).await, id)
    };
    let (own, _) = ask(Which::Own).await;
    assert!(own.status.as_u16() < 500, "{surface} {name} by {caller}: {}", own.text);
    if !path.contains('{') {
        return own.status.as_u16().to_string();
    }
    let ((other, other_id), (nowhere, nowhere_id)) = (ask(Which::Others).await, ask(Which::Nowhere).await);
    if surface != "platform" {
        assert_eq!(other.masked(&other_id), nowhere.masked(&nowhere_id), "{surface} {name} by {caller} tells");
    }
    format!("{}/{}/{}", own.status.as_u16(), other.status.as_u16(), nowhere.status.as_u16())
}
