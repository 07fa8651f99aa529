//! Files of products: what they make, what they refuse, and that they come back as they went.

mod crowds;

use std::time::Duration;

use domain::transfers::MOST_WAITING;
use reqwest::Method;
use serde_json::json;
use tests::{Answer, Mall, Shop, admin_pool, config};

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
    assert_eq!(
        (&done.json["created"], &done.json["refused"], &done.json["lines"]),
        (&json!(2), &json!(13), &json!(15))
    );
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

#[tokio::test(flavor = "multi_thread")]
async fn what_a_file_brings_is_found_counted_and_priced_like_anything_else() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    furnish(&shop).await;
    let half = json!({ "name": "Half", "kind": "percentage", "basis_points": 5_000, "everything": true });
    let half = shop.owner().post("/discounts", &half).await.expect(201);
    import(&mall, &shop, "", SHIRTS).await;

    let found = async |query: &str| {
        let list = shop.visit(&format!("/products?{query}")).await.expect(200);
        let items = list.json["items"].as_array().unwrap().iter();
        items.map(|product| product["slug"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for query in [
        "q=shirt",
        "q=shrit",
        "q=wool",
        "q=lumen",
        "q=sh-m",
        "category=lamps",
        "brand=lumen-works",
        "attr=material:Wool",
    ] {
        assert_eq!(found(query).await, ["shirt"], "{query}");
    }
    for query in ["in_stock=true", "on_sale=true", "price_min=625&price_max=625", "q=quotes&sort=price"] {
        assert_eq!(found(query).await, ["shirt"], "{query}");
    }
    assert_eq!(found("q=more").await, [""; 0], "what is not active is not found");
    let facets = shop.visit("/products?facets=true").await.expect(200).json["facets"].clone();
    assert!(facets.to_string().contains("Lumen Works") && facets.to_string().contains("Wool"), "{facets}");
    let words = shop.visit("/suggestions?q=shi").await.expect(200);
    assert!(words.text.contains("Shirt"), "{}", words.text);

    // The product changes, and so does what it is found by.
    import(&mall, &shop, "", "slug,name,brand,category,active,attributes\nshirt,Blouse,,,yes,\nlamp,Lantern,,,yes,\n")
        .await;
    for query in ["q=shirts", "category=lamps", "brand=lumen-works", "attr=material:Wool"] {
        assert_eq!(found(query).await, [""; 0], "{query}");
    }
    // How many of which variant there are is not said by the product alone.
    let unclear = import(&mall, &shop, "", "slug,stock\nshirt,4\n").await;
    assert_eq!(faults(&shop, &unclear).await[0].1, "price");
    assert_eq!(
        (found("q=blouse").await, found("q=lantern").await),
        (vec!["shirt".to_owned()], vec!["lamp".to_owned()])
    );
    let version = half.header("etag").to_owned();
    shop.owner().delete(&format!("/discounts/{}", half.text_at("/id")), &version).await.expect(204);
    assert_eq!(shop.visit("/products/shirt").await.expect(200).json["price"]["amount"], 1250);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_from_before_a_product_was_renamed_makes_no_second_one() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let file = "slug,name,price\nmug,Mug,5\nbowl,Bowl,7\n";
    import(&mall, &shop, "", file).await;
    let mug = shop.owner().get("/products?q=mug").await.expect(200).json["items"][0].clone();
    let path = format!("/products/{}", mug["id"].as_str().unwrap());
    let version = shop.owner().get(&path).await.header("etag").to_owned();
    shop.owner().patch(&path, &version, &json!({ "slug": "cup" })).await.expect(200);
    for query in ["?dry_run=true", ""] {
        let again = import(&mall, &shop, query, file).await;
        let reason = "is what `cup` was called before: write `cup`".to_owned();
        assert_eq!(faults(&shop, &again).await, [(2, "slug".to_owned(), reason)]);
        assert_eq!((&again.json["created"], &again.json["unchanged"]), (&json!(0), &json!(1)));
    }
    assert_eq!(shop.visit("/products/mug").await.status, 308, "it still leads to the cup");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_may_be_anything_and_ends_in_words() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let wide = vec!["name"; 1_000].join(",");
    send(&shop, "", wide.clone()).await.expect_problem(422, "import.bad_columns");
    // A line without an end is not read to its end.
    let endless = [b"slug,name".to_vec(), vec![b'x'; 20_000_000]].concat();
    send(&shop, "", endless).await.expect_problem(422, "import.bad_columns");
    let open = [b"slug,name,price\na,\"".to_vec(), vec![b'\n'; 20_000_000]].concat();
    let beside = format!("slug,name,price\n{wide}\nfine,Fine,2\n");
    let broken = b"\xef\xbb\xbfslug,name,price,description\nnul,N\0,1,\nutf,\xc3(,1,\n\0\0\0\n\"fine\",\"F\"\"ine\",2,\"Two\nlines\"\n";
    for (file, lines) in [(open, vec![2]), (beside.into_bytes(), vec![2]), (broken.to_vec(), vec![2, 3, 4])] {
        let done = import(&mall, &shop, "", file).await;
        let found: Vec<_> = faults(&shop, &done).await.into_iter().map(|(line, ..)| line).collect();
        assert_eq!(found, lines, "{}", done.text);
    }
    assert_eq!(shop.visit("/products/fine").await.expect(200).json["name"], "F\"ine");
    // Old machines end lines like this.
    let returns = import(&mall, &shop, "", "slug,name,price\rone,One,1\rbad,Bad\rtwo,Two,2").await;
    assert_eq!(faults(&shop, &returns).await[0].0, 3);
    assert_eq!((&returns.json["created"], &returns.json["lines"]), (&json!(2), &json!(3)));
    // The lines of a product that do not stand together are of one product nevertheless; the same variant twice is not.
    let apart = "slug,name,price,option1_name,option1_value\nx,X,1,Size,S\ny,Y,1,Size,S\nx,,1,,M\ny,,2,,S\n";
    let apart = import(&mall, &shop, "", apart).await;
    assert_eq!(faults(&shop, &apart).await[0].0, 5);
    assert_eq!(shop.visit("/products/x").await.expect(200).json["variants"].as_array().unwrap().len(), 2);
    // Of very many faults a thousand are kept.
    let bad = import(&mall, &shop, "", format!("slug,price\n{}", "a,x\nb,y\n".repeat(1_500))).await;
    assert_eq!(bad.json["refused"], 3_000);
    let mut cursor = String::new();
    let mut kept = 0;
    loop {
        let path = format!("/imports/{}/faults{cursor}", bad.text_at("/id"));
        let page = shop.owner().get(&path).await.expect(200);
        kept += page.json["items"].as_array().unwrap().len();
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("?cursor={next}"),
            None => break,
        }
    }
    assert!((1..=1_000).contains(&kept), "{kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_comes_again_far_below_takes_nothing_away() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let many: String = (0..1_100).map(|number| format!("p-{number},P {number},1,\n")).collect();
    let file = format!("slug,name,price,description\nlamp,Lamp,5,Important\n{many}lamp,Lamp,6,\n");
    for dry in ["?dry_run=true", "", ""] {
        let done = import(&mall, &shop, dry, file.clone()).await;
        let found = faults(&shop, &done).await;
        assert_eq!((found[0].0, found[0].1.as_str(), found.len()), (1_103, "slug", 1), "{found:?}");
        assert!(found[0].2.contains("line 2"), "{found:?}");
        assert_eq!(done.json["refused"], 1);
    }
    let lamp = shop.visit("/products/lamp").await.expect(200);
    assert_eq!((&lamp.json["description"], &lamp.json["price"]["amount"]), (&json!("Important"), &json!(500)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_counted_anew_is_a_change_and_what_is_promised_is_told_before() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let file = |stock| format!("slug,name,price,stock\nlamp,Lamp,5,{stock}\n");
    import(&mall, &shop, "", file(9)).await;
    for (query, stock, kind) in [("?dry_run=true", 2, "changed"), ("", 2, "changed"), ("", 2, "unchanged")] {
        let done = import(&mall, &shop, query, file(stock)).await;
        assert_eq!(done.json[kind], 1, "{query}: {}", done.text);
    }
    let sql = "UPDATE stock_levels SET reserved = 2";
    sqlx::query(sql).execute(&admin_pool(&mall.database.admin_url).await).await.unwrap();
    for query in ["?dry_run=true", ""] {
        let done = import(&mall, &shop, query, file(1)).await;
        let found = faults(&shop, &done).await;
        assert_eq!((found[0].0, found[0].1.as_str()), (2, "stock"), "{query}: {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_as_spreadsheets_write_it() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let german = "\u{feff}slug;name;price;sku\r\nlamp;Lampe;12,50;AB_1.2/3\r\n;;;\r\ntisch;Tisch;7;\r\n;;;\r\n";
    let done = import(&mall, &shop, "", german).await;
    assert_eq!((&done.json["created"], &done.json["lines"], &done.json["faults"]), (&json!(2), &json!(2), &json!(0)));
    assert_eq!(shop.visit("/products/lamp").await.expect(200).json["price"]["amount"], 1250);
    let done = import(&mall, &shop, "", "slug\tname\tprice\nstuhl\tStuhl\t3,5\n").await;
    assert_eq!(done.json["created"], 1);
    // In a file of commas, one in a number may mean anything.
    let done = import(&mall, &shop, "", "slug,name,price\nbett,Bett,\"1,500\"\n").await;
    assert_eq!(faults(&shop, &done).await[0].1, "price");
    let request = shop.owner().request(Method::POST, "/imports/products");
    let latin = request.header("Content-Type", "text/csv; charset=windows-1252").body("slug,name\n");
    Answer::of(latin).await.expect_problem(415, "request.unsupported_media_type");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_has_so_many_files_waiting_and_what_breaks_off_is_forgotten() {
    let mall = Mall::open_with(|config| config.runs_jobs = false).await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    for _ in 0..MOST_WAITING {
        send(&shop, "", "slug,name\n").await.expect(202);
    }
    send(&shop, "", "slug,name\n").await.expect_problem(409, "transfer.too_many");
    let last = send(&other, "", "slug,name\n").await.expect(202).text_at("/id");
    // A file of which the end never came, and is too old to come.
    let admin = admin_pool(&mall.database.admin_url).await;
    let sql = "UPDATE imports SET bytes = NULL, created_at = created_at - interval '1 hour' WHERE id = $1::uuid";
    sqlx::query(sql).bind(&last).execute(&admin).await.unwrap();
    send(&other, "", "slug,name\n").await.expect(202);
    other.owner().get(&format!("/imports/{last}")).await.expect_problem(404, "import.no_import");
    let pieces: i64 = sqlx::query_scalar("SELECT count(*) FROM file_chunks WHERE file_id = $1::uuid")
        .bind(&last)
        .fetch_one(&admin)
        .await
        .unwrap();
    assert_eq!(pieces, 0);

    // Jobs are done after all; a week later nothing is left.
    let running = server::worker::ready(&config(&mall.database), &Default::default()).await.unwrap().start().await;
    mall.run_jobs_until_idle().await;
    mall.run_jobs_due_by(8).await;
    running.stop(Duration::from_secs(5)).await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM imports").fetch_one(&admin).await.unwrap();
    assert_eq!(left, 0);
}
