//! Files of products: what they make, what they refuse, and that they come back as they went.

use reqwest::Method;
use serde_json::json;
use tests::{Answer, Mall, Shop};

/// Somebody sends a file, and its job is done: the import.
async fn import(mall: &Mall, shop: &Shop<'_>, query: &str, file: impl Into<Vec<u8>>) -> Answer {
    let job = send(shop, query, file).await.expect(202);
    mall.run_jobs_until_idle().await;
    let owner = shop.owner();
    owner.get(&format!("/jobs/{}", job.text_at("/id"))).await.expect(200);
    owner.get(&format!("/imports/{}", job.text_at("/id"))).await.expect(200)
}

async fn send(shop: &Shop<'_>, query: &str, file: impl Into<Vec<u8>>) -> Answer {
    let request = shop.owner().request(Method::POST, &format!("/imports/products{query}"));
    Answer::of(request.header("Content-Type", "text/csv").body(file.into())).await
}

/// The faults of an import: line, column, reason.
async fn faults(shop: &Shop<'_>, import: &Answer) -> Vec<(i64, String, String)> {
    let page = shop.owner().get(&format!("/imports/{}/faults", import.text_at("/id"))).await.expect(200);
    let text = |fault: &serde_json::Value, name: &str| fault[name].as_str().unwrap().to_owned();
    let items = page.json["items"].as_array().unwrap().iter();
    items.map(|fault| (fault["line"].as_i64().unwrap(), text(fault, "field"), text(fault, "reason"))).collect()
}

/// Somebody asks for an export, and its job is done: the file.
async fn export(mall: &Mall, shop: &Shop<'_>) -> String {
    let job = shop.owner().post("/exports", &json!({ "kind": "products" })).await.expect(202);
    mall.run_jobs_until_idle().await;
    let file = shop.owner().get(&format!("/exports/{}/file", job.text_at("/id"))).await.expect(200);
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    file.text
}

async fn furnish(shop: &Shop<'_>) {
    let owner = shop.owner();
    owner.post("/categories", &json!({ "name": "Lamps" })).await.expect(201);
    owner.post("/brands", &json!({ "name": "Lumen Works" })).await.expect(201);
    owner.post("/attributes", &json!({ "name": "Material" })).await.expect(201);
}

const SHIRTS: &str = "\u{feff}slug,name,description,category,brand,active,price,compare_at_price,option1_name,option1_value,sku,stock,attributes\r\n\
    shirt,Shirt,\"Two\nlines, and \"\"quotes\"\"\",lamps,lumen-works,true,12.50,20,Size,S,SH-S,3,Material: Wool\r\n\
    shirt,,,,,,13,,,M,SH-M,0,\r\n\
    lamp,'=Lamp,'-1 and more,Lamps,,false,9,,,,,,\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_makes_products_and_the_same_file_changes_nothing() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    furnish(&shop).await;

    let first = import(&mall, &shop, "", SHIRTS).await;
    assert_eq!(faults(&shop, &first).await, []);
    assert_eq!((&first.json["lines"], &first.json["created"]), (&json!(3), &json!(3)));
    let shirt = shop.visit("/products/shirt").await.expect(200);
    assert_eq!(shirt.json["price"]["amount"], 1250);
    assert_eq!(shirt.json["variants"][1]["price"]["amount"], 1300);
    assert_eq!(shirt.json["description"], "Two\nlines, and \"quotes\"");
    assert_eq!((&shirt.json["in_stock"], &shirt.json["attributes"]["material"]), (&json!(true), &json!("Wool")));
    assert_eq!(shop.visit("/products?category=lamps").await.expect(200).json["items"].as_array().unwrap().len(), 1);
    shop.visit("/products/lamp").await.expect_problem(404, "catalog.no_product");

    let versions = async || shop.owner().get("/products").await.expect(200).json["items"].clone();
    let before = versions().await;
    let again = import(&mall, &shop, "", SHIRTS).await;
    assert_eq!((&again.json["unchanged"], &again.json["changed"]), (&json!(3), &json!(0)));
    assert_eq!(versions().await, before);
    let moved = shop.owner().get("/stock/movements").await.expect(200);
    assert_eq!(moved.json["items"].as_array().unwrap().len(), 1, "{}", moved.text);

    let sale = import(&mall, &shop, "", "slug,sku,price,stock\nshirt,SH-M,11,7\n").await;
    assert_eq!(sale.json["changed"], 1);
    let shirt = shop.visit("/products/shirt").await.expect(200);
    assert_eq!(shirt.json["price"]["amount"], 1100);
    assert_eq!(shirt.json["name"], "Shirt", "what the file does not say stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_out_comes_in_again() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    furnish(&shop).await;
    furnish(&other).await;
    import(&mall, &shop, "", SHIRTS).await;

    let file = export(&mall, &shop).await;
    assert!(file.contains("'=Lamp") && file.contains("'-1 and more"), "{file}");
    let copy = import(&mall, &other, "", file.clone()).await;
    assert_eq!((&copy.json["created"], &copy.json["faults"]), (&json!(3), &json!(0)));
    assert_eq!(export(&mall, &other).await, file);
    let back = import(&mall, &shop, "", file).await;
    assert_eq!(back.json["unchanged"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_line_is_named_and_the_rest_goes_on() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let file = b"slug,name,price,category,sku,stock,option1_name,option1_value\n\
        good,Good,1,,A-1,,,\n\
        Bad Slug,Bad,1,,,,,\n\
        dear,Dear,1.234,,,,,\n\
        lost,Lost,1,nowhere,,,,\n\
        short,Short\n\
        many,Many,1,,,-4,,\n\
        twice,Twice,1,,A-1,,,\n\
        nameless,,1,,,,,\n\
        \xff\xfe,Bytes,1,,,,,\n\
        nul,N\0l,1,,,,,\n\
        pair,Pair,1,,,,Size,S\n\
        pair,,2,,,,,S\n\
        priceless,Priceless,,,,,,\n\
        ,Nothing,1,,,,,\n\
        fine,Fine,2,,,,,\n";
    let done = import(&mall, &shop, "", file.to_vec()).await;
    let found = faults(&shop, &done).await;
    let blamed: Vec<_> = found.iter().map(|(line, field, _)| (*line, field.as_str())).collect();
    let wanted = [
        (3, "slug"),
        (4, "price"),
        (5, "category"),
        (6, ""),
        (7, "stock"),
        (8, "sku"),
        (9, "name"),
        (10, ""),
        (11, "name"),
        (13, "option1_value"),
        (14, "price"),
        (15, "slug"),
    ];
    assert_eq!(blamed, wanted, "{found:#?}");
    assert_eq!((&done.json["created"], &done.json["refused"], &done.json["lines"]), (&json!(2), &json!(13), &json!(15)));
    shop.visit("/products/fine").await.expect(200);
    shop.visit("/products/pair").await.expect_problem(404, "catalog.no_product");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_writes_nothing() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let done = import(&mall, &shop, "?dry_run=true", "slug,name,price,stock\nlamp,Lamp,1,3\nbad,,1,1\n").await;
    assert_eq!((&done.json["created"], &done.json["faults"]), (&json!(1), &json!(1)));
    assert_eq!(shop.owner().get("/products").await.expect(200).json["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_of_products_is_refused_at_once() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let zip = [b"PK\x03\x04\x14\0\0\0\x08\0".to_vec(), vec![0x9c; 300_000]].concat();
    let columns = vec!["x"; 10_000].join(",").into_bytes();
    for file in [vec![], b"\n\n".to_vec(), zip, columns, b"slug,weight\na,1\n".to_vec(), b"slug,\"name\n".to_vec()] {
        send(&shop, "", file).await.expect_problem(422, "import.bad_columns");
    }
    let json = shop.owner().post("/imports/products", &json!({})).await;
    json.expect_problem(415, "request.unsupported_media_type");
    let request = shop.owner().request(Method::POST, "/imports/products").header("Content-Type", "text/csv");
    Answer::of(request.header("Content-Encoding", "gzip").body("x")).await.expect(415);

    let huge = [b"slug,name,price\nlamp,".to_vec(), vec![b'x'; 10_000_000], b",1\nfine,Fine,2\n".to_vec()].concat();
    let done = import(&mall, &shop, "", huge).await;
    assert_eq!(faults(&shop, &done).await[0].0, 2);
    shop.visit("/products/fine").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_needs_its_own_permission() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let key = json!({ "name": "K", "scopes": ["catalog.write", "catalog.read"] });
    let key = shop.owner().post("/api-keys", &key).await.expect(201).text_at("/key");
    let send = async |file: &'static str| {
        let request = shop.caller(&key).request(Method::POST, "/imports/products");
        Answer::of(request.header("Content-Type", "text/csv").body(file)).await
    };
    send("slug,stock\n").await.expect_problem(403, "access.denied");
    send("slug,name\n").await.expect(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_stores_files_are_as_missing() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let import = import(&mall, &shop, "", "slug,name\nx,\n").await.text_at("/id");
    let export = shop.owner().post("/exports", &json!({ "kind": "products" })).await.expect(202).text_at("/id");
    mall.run_jobs_until_idle().await;
    for path in [format!("/imports/{import}"), format!("/imports/{import}/faults"), format!("/jobs/{import}")] {
        shop.owner().get(&path).await.expect(200);
        other.owner().get(&path).await.expect(404);
    }
    for path in [format!("/exports/{export}"), format!("/exports/{export}/file")] {
        shop.owner().get(&path).await.expect(200);
        other.owner().get(&path).await.expect(404);
    }
}
