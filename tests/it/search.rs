//! Finding products: words in any script and spelling, filters, counts, suggestions.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Answer, Mall, Shop};

fn price(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

/// Adds products, and answers the shop's catalogue by their slugs.
async fn stock(shop: &Shop<'_>) {
    let owner = shop.owner();
    let brand = owner.post("/brands", &json!({ "name": "Blue Bottle" })).await.expect(201).text_at("/id");
    let other = owner.post("/brands", &json!({ "name": "Müller & Söhne" })).await.expect(201).text_at("/id");
    let lights = owner.post("/categories", &json!({ "name": "Lighting" })).await.expect(201).text_at("/id");
    let below = json!({ "name": "Floor lights", "parent_id": lights });
    let floor = owner.post("/categories", &below).await.expect(201).text_at("/id");
    let products = [
        ("Desk lamp", "desk-lamp", "Bends where it is needed.", Some(&lights), Some(&other), "LAMP-01"),
        ("Floor lamp", "floor-lamp", "Stands by the sofa.", Some(&floor), None, "LAMP-02"),
        ("Tischlampen-Set", "tischlampen", "Zwei Stück.", Some(&lights), None, "TL-9"),
        ("Wooden tables", "tables", "Oak.", None, None, "TAB-1"),
        ("Berry jam", "jam", "Sweet.", None, None, "JAM-1"),
        ("Käsemesser", "messer", "Für alle Käse.", None, Some(&other), "KM-7"),
        ("Große Straßenkarte", "karte", "Österreich.", None, None, "MAP-AT"),
        ("Crème brûlée", "creme", "Dessert.", None, None, "CB-1"),
        ("T-Shirt", "shirt", "Cotton.", None, None, "TS-RED-XL"),
        ("Headphones", "headphones", "Loud.", None, Some(&brand), "HP-100"),
        ("L’Oréal Shampoo", "loreal", "Hair.", None, None, "LO-1"),
        ("زعفران سرگل", "saffron", "خوشبو", None, None, "ZAF-1"),
        ("کتاب‌های كودك", "book", "داستان", None, None, "KTB-1"),
        ("گوشی موبایل ۱۲۸ گیگ", "phone", "سیاه", None, None, "GSM-128"),
        ("日本茶", "tea", "緑茶", None, None, "JP-1"),
        ("🦀 sticker", "crab", "Red.", None, None, "CRAB-1"),
        ("Ёлка искусственная", "yolka", "Зелёная.", None, None, "RU-1"),
        ("Ελληνικός καφές", "kafes", "Ζεστός.", None, None, "GR-1"),
        ("Łódź poster", "lodz", "İstanbul too.", None, None, "PL-1"),
        ("Keramikvase", "vase", "Handgemacht.", None, None, "KV-1"),
        ("Réfrigérateur américain", "frigo", "Grand.", None, None, "FR-1"),
        ("قهوة عربية", "qahwa", "بن", None, None, "AR-1"),
        ("Bus", "bus", "Toy.", None, None, "BUS-1"),
        ("Children's bikes", "bikes", "Two wheels.", None, None, "BK-20"),
    ];
    for (name, slug, description, category, brand, sku) in products {
        let mut body =
            json!({ "name": name, "slug": slug, "description": description, "price": price(1000), "sku": sku });
        if let Some(category) = category {
            body["category_id"] = json!(category);
        }
        if let Some(brand) = brand {
            body["brand_id"] = json!(brand);
        }
        owner.post("/products", &body).await.expect(201);
    }
}

/// What is written, and the products that are to be found: the first of them first; `-` for nothing.
const CASES: &[(&str, &str)] = &[
    // As it is.
    ("desk lamp", "desk-lamp"),
    ("DESK LAMP", "desk-lamp"),
    ("lamp desk", "desk-lamp"),
    ("bus", "bus"),
    ("headphones", "headphones"),
    ("shampoo", "loreal"),
    ("sofa", "floor-lamp"),
    ("cotton", "shirt"),
    // Plurals and cases.
    ("desk lamps", "desk-lamp"),
    ("lampe", "desk-lamp floor-lamp"),
    ("lampen", "desk-lamp floor-lamp"),
    ("wooden table", "tables"),
    ("berries", "jam"),
    ("headphone", "headphones"),
    ("shirts", "shirt"),
    ("bike", "bikes"),
    ("childrens bike", "bikes"),
    ("buses", "bus"),
    // Beginnings.
    ("head", "headphones"),
    ("tischlamp", "tischlampen"),
    ("desk la", "desk-lamp"),
    ("straßen", "karte"),
    ("zaf", "saffron"),
    // Accents, umlauts, other ways of writing.
    ("creme brulee", "creme"),
    ("CRÈME BRÛLÉE", "creme"),
    ("käsemesser", "messer"),
    ("kasemesser", "messer"),
    ("kaesemesser", "messer"),
    ("grosse strassenkarte", "karte"),
    ("GROSSE STRASSENKARTE", "karte"),
    ("große", "karte"),
    ("lodz", "lodz"),
    ("ŁÓDŹ", "lodz"),
    ("istanbul", "lodz"),
    ("ｄｅｓｋ", "desk-lamp"),
    ("refrigerateur", "frigo"),
    ("tshirt", "shirt"),
    ("t shirt", "shirt"),
    ("T-SHIRT", "shirt"),
    ("loreal", "loreal"),
    ("l'oreal", "loreal"),
    ("L’ORÉAL", "loreal"),
    ("елка", "yolka"),
    ("ЁЛКА", "yolka"),
    ("ελληνικοσ", "kafes"),
    ("ΚΑΦΈΣ", "kafes"),
    // Persian and Arabic.
    ("زعفران", "saffron"),
    ("سرگل زعفران", "saffron"),
    ("کتاب", "book"),
    ("كتاب", "book"),
    ("کتابها", "book"),
    ("کتاب‌ها", "book"),
    ("کتاب کودک", "book"),
    ("گوشي موبايل", "phone"),
    ("گوشی 128", "phone"),
    ("گوشی ١٢٨", "phone"),
    ("زَعفَران", "saffron"),
    ("قهوه", "qahwa"),
    // Typing errors.
    ("dekk lamp", "desk-lamp"),
    ("desk lmap", "desk-lamp"),
    ("haedphones", "headphones"),
    ("headfones", "headphones"),
    ("hedphnes", "headphones"),
    ("shampo", "loreal"),
    ("shmapoo", "loreal"),
    ("keramkvase", "vase"),
    ("kermikvse", "vase"),
    ("kasemeser", "messer"),
    ("زعقران", "saffron"),
    ("زغفران", "saffron"),
    ("stiker", "crab"),
    ("бёлка", "yolka"),
    ("refrigerator american", "frigo"),
    // Brands, categories, SKUs.
    ("blue bottle", "headphones"),
    ("bottle headphones", "headphones"),
    ("muller", "messer desk-lamp"),
    ("mueller sohne", "messer desk-lamp"),
    ("lighting", "tischlampen floor-lamp desk-lamp"),
    ("floor lights", "floor-lamp"),
    ("HP-100", "headphones"),
    ("hp100", "headphones"),
    ("ts-red-xl", "shirt"),
    ("LAMP-02", "floor-lamp"),
    ("LAMP-01", "desk-lamp"),
    // Scripts without spaces, pictures.
    ("日本", "tea"),
    ("茶", "tea"),
    ("🦀", "crab"),
    ("🦀🏽", "crab"),
    // Operators are text.
    ("desk & lamp", "desk-lamp"),
    ("desk | lamp", "desk-lamp"),
    ("(desk) AND \"lamp\"", "desk-lamp"),
    ("desk:* <-> lamp", "desk-lamp"),
    ("-desk lamp", "desk-lamp"),
    ("'desk' \\ lamp", "desk-lamp"),
    ("desk%lamp_", "desk-lamp"),
    ("#desk *lamp ~", "desk-lamp"),
    ("'; DROP TABLE products; -- desk lamp", "desk-lamp"),
    // Words that nothing has are no obstacle.
    ("desk lamp xyzzyq", "desk-lamp"),
    // Nothing.
    ("xyzzyq", "-"),
    ("!!!", "-"),
    ("&", "-"),
    ("~", "-"),
    ("*", "-"),
    ("#", "-"),
    ("💥", "-"),
    ("lxmq", "-"),
];

async fn found(shop: &Shop<'_>, q: &str) -> Vec<String> {
    let request = shop.request(reqwest::Method::GET, "/store/v1/products").query(&[("q", q)]);
    slugs(&Answer::of(request).await.expect(200))
}

fn slugs(answer: &Answer) -> Vec<String> {
    let items = answer.json["items"].as_array().unwrap_or_else(|| panic!("{}", answer.text));
    items.iter().map(|item| item["slug"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_is_written_is_found() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    stock(&shop).await;
    let mut wrong = Vec::new();
    for (q, wanted) in CASES {
        let found = found(&shop, q).await;
        let wanted: Vec<_> = wanted.split(' ').filter(|slug| *slug != "-").collect();
        let first: BTreeSet<_> = found.iter().take(wanted.len()).map(String::as_str).collect();
        let right = first == wanted.iter().copied().collect() && (wanted.is_empty() == found.is_empty());
        if !right {
            wrong.push(format!("{q:?}: {found:?} and not {wanted:?}"));
        }
    }
    assert!(CASES.len() >= 60 && wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

#[tokio::test]
async fn no_query_makes_an_error() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    stock(&shop).await;
    let long = [
        "lamp ".repeat(2000),
        "x".repeat(10_000),
        "é".repeat(5000),
        "' & | ! <-> :* ".repeat(666),
        "🦀".repeat(2500),
        "\0".repeat(10_000),
        "\u{301}".repeat(5000),
        "'\"\\".repeat(3333),
        "زعفران ".repeat(769),
    ];
    let odd = [
        "\u{202e}lamp",
        "lamp\u{0}",
        "\r\n\t",
        "\u{feff}",
        "\u{fffd}",
        "%",
        "%%",
        "\\",
        "\\'",
        "':*",
        "''",
        "a:b:c",
        "\u{10ffff}",
        "a\u{301}\u{301}\u{301}",
        "(((((",
        "!!!lamp",
        "NULL",
        "-1",
        "{}",
        "[]",
        "$1",
    ];
    let owner = shop.owner();
    let ask = async |path: &str, query: &[(&str, &str)]| {
        let request = match path.strip_prefix("/admin/v1") {
            Some(path) => owner.request(reqwest::Method::GET, path),
            None => shop.request(reqwest::Method::GET, path),
        };
        Answer::of(request.query(query)).await
    };
    for q in long.iter().map(String::as_str).chain(odd).chain(CASES.iter().map(|(q, _)| *q)) {
        ask("/store/v1/products", &[("q", q), ("facets", "true"), ("with_total", "true")]).await.expect(200);
        ask("/store/v1/products", &[("q", q), ("sort", "price"), ("limit", "1")]).await.expect(200);
        ask("/store/v1/suggestions", &[("q", q)]).await.expect(200);
        ask("/admin/v1/products", &[("q", q)]).await.expect(200);
    }
    // The document says how long it may be.
    for path in ["/store/v1/products", "/store/v1/suggestions", "/admin/v1/products"] {
        let answer = ask(path, &[("q", &"x".repeat(10_001))]).await;
        answer.expect_problem(422, "request.invalid").blames("/query/q");
        // Half a letter is none.
        let broken = match path.strip_prefix("/admin/v1") {
            Some(path) => owner.get(&format!("{path}?q=lamp%ff%fe%80")).await,
            None => shop.visit(&format!("{}?q=lamp%ff%fe%80", path.trim_start_matches("/store/v1"))).await,
        };
        broken.expect(200);
    }
    assert_eq!(found(&shop, &"desk lamp ".repeat(1000)).await.first().map(String::as_str), Some("desk-lamp"));
    assert_eq!(found(&shop, " ").await.len(), 20, "nothing is asked for");
}

#[tokio::test]
async fn names_come_before_descriptions_and_words_before_beginnings() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    for (name, description) in [("Chair", "For a tent."), ("Tentpole", ""), ("Tent", ""), ("Tents", "")] {
        let body = json!({ "name": name, "description": description, "price": price(1) });
        owner.post("/products", &body).await.expect(201);
    }
    assert_eq!(found(&shop, "tent").await, ["tent", "tents", "tentpole", "chair"]);
}

#[tokio::test]
async fn filters_narrow_and_counts_tell_what_is_left() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    stock(&shop).await;
    let list = async |query: &str| shop.visit(&format!("/products?limit=100&{query}")).await.expect(200);
    let of = async |query: &str| slugs(&list(query).await).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(of("category=lighting&q=lamp").await.len(), 2);
    assert_eq!(of("brand=muller-sohne&sort=name").await, BTreeSet::from(["desk-lamp".into(), "messer".into()]));
    assert_eq!(of("brand=muller-sohne&category=lighting").await, BTreeSet::from(["desk-lamp".into()]));
    assert_eq!(of("price_min=1001").await.len(), 0);
    assert_eq!(of("price_min=1000&price_max=1000&sort=-price").await.len(), 24);
    assert_eq!(of("on_sale=true").await.len() + of("in_stock=true").await.len(), 0);
    assert_eq!(of("on_sale=false&in_stock=false").await.len(), 24);
    assert_eq!(of("attr=material:Oak").await.len(), 0);
    let counted = list("q=lamp&facets=true&with_total=true").await;
    assert_eq!(counted.json["total"], json!(2));
    let facets = &counted.json["facets"];
    assert_eq!(facets["category"][0], json!({ "value": "lighting", "label": "Lighting", "count": 2 }));
    assert_eq!(facets["category"][1], json!({ "value": "floor-lights", "label": "Floor lights", "count": 1 }));
    assert_eq!(facets["brand"], json!([{ "value": "muller-sohne", "label": "Müller & Söhne", "count": 1 }]));
    assert_eq!(facets["price"], json!({ "min": price(1000), "max": price(1000) }));
    let all = shop.visit("/products?facets=true&with_total=true&limit=1").await.expect(200);
    assert_eq!((&all.json["total"], slugs(&all).len()), (&json!(24), 1));
    let plain = list("q=lamp").await;
    assert_eq!((&plain.json["total"], &plain.json["facets"]), (&Value::Null, &Value::Null));
    shop.visit("/products?brand=nobody").await.expect_problem(404, "catalog.no_brand");
    for bad in ["price_min=-1", "price_min=x", "attr=oak", "attr=:oak", "sort=worst", "in_stock=maybe", "facets=2"] {
        shop.visit(&format!("/products?{bad}")).await.expect_problem(422, "request.invalid");
    }
}

#[tokio::test]
async fn what_is_renamed_is_found_by_its_new_name() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let brand = owner.post("/brands", &json!({ "name": "Olden" })).await.expect(201).text_at("/id");
    let category = owner.post("/categories", &json!({ "name": "Gadgets" })).await.expect(201).text_at("/id");
    let body = json!({ "name": "Widget", "price": price(1), "brand_id": brand, "category_id": category });
    let product = owner.post("/products", &body).await.expect(201).text_at("/id");
    assert_eq!(found(&shop, "olden gadget").await, ["widget"]);
    owner.patch(&format!("/brands/{brand}"), "*", &json!({ "name": "Newman" })).await.expect(200);
    owner.patch(&format!("/categories/{category}"), "*", &json!({ "name": "Gizmos" })).await.expect(200);
    owner.patch(&format!("/products/{product}"), "*", &json!({ "name": "Thingamajig" })).await.expect(200);
    assert_eq!(found(&shop, "newman gizmo thingamajig").await, ["widget"]);
    for old in ["olden", "gadgets", "widget"] {
        assert_eq!(found(&shop, old).await, Vec::<String>::new(), "{old}");
    }
}

#[tokio::test]
async fn what_is_not_for_sale_is_nowhere() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let brand = owner.post("/brands", &json!({ "name": "Hidden" })).await.expect(201).text_at("/id");
    let category = owner.post("/categories", &json!({ "name": "Secrets" })).await.expect(201).text_at("/id");
    let body = json!({ "name": "Ghost", "price": price(1), "brand_id": brand, "category_id": category });
    let ghost = owner.post("/products", &body).await.expect(201).text_at("/id");
    owner.post("/products", &json!({ "name": "Lamp", "price": price(500) })).await.expect(201);
    let seen = async || {
        let mut seen = Vec::new();
        for query in [
            "",
            "?q=ghost",
            "?q=hidden",
            "?q=ghst",
            "?category=secrets",
            "?brand=hidden",
            "?price_max=1",
            "?sort=best_selling",
            "?category=secrets&sort=best_selling",
        ] {
            seen.push(slugs(&shop.visit(&format!("/products{query}")).await.expect(200)).contains(&"ghost".to_owned()));
        }
        let counted = shop.visit("/products?facets=true&with_total=true&limit=1").await.expect(200);
        seen.push(counted.json["total"] != json!(1));
        let facets = &counted.json["facets"];
        seen.extend([
            facets["brand"] != json!([]),
            facets["category"] != json!([]),
            facets["price"]["min"] != price(500),
        ]);
        for q in ["gho", "hidd", "secr"] {
            let suggested = shop.visit(&format!("/suggestions?q={q}")).await.expect(200);
            seen.push(["products", "brands", "categories"].iter().any(|kind| suggested.json[*kind] != json!([])));
        }
        seen
    };
    assert!(seen().await.into_iter().all(|seen| seen), "{:?}", seen().await);
    owner.patch(&format!("/products/{ghost}"), "*", &json!({ "active": false })).await.expect(200);
    assert!(!seen().await.into_iter().any(|seen| seen), "{:?}", seen().await);
}

#[tokio::test]
async fn suggestions_follow_what_is_written() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    stock(&shop).await;
    let first = async |q: &str| {
        let answer = Answer::of(shop.request(reqwest::Method::GET, "/store/v1/suggestions").query(&[("q", q)])).await;
        answer.expect(200).json.clone()
    };
    for (q, slug) in [
        ("hea", "headphones"),
        ("desk l", "desk-lamp"),
        ("زعف", "saffron"),
        ("headfones", "headphones"),
        ("کتا", "book"),
    ] {
        assert_eq!(first(q).await["products"][0]["slug"], slug, "{q}");
    }
    assert_eq!(first("ligh").await["categories"].as_array().map(Vec::len), Some(2));
    assert_eq!(first("bott").await["brands"], json!([{ "slug": "blue-bottle", "name": "Blue Bottle" }]));
    assert_eq!(first("").await, json!({ "products": [], "brands": [], "categories": [] }));
}

#[tokio::test]
async fn attributes_are_searched_filtered_and_counted() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    for name in ["Material", "Colour"] {
        owner.post("/attributes", &json!({ "name": name })).await.expect(201);
    }
    for (name, material, colour) in
        [("Table", "Oak", "Red"), ("Chair", "Oak", "Blue"), ("Shelf", "Ash wood", "Blue"), ("Bench", "Oak", "Red")]
    {
        let attributes = json!({ "material": material, "colour": colour });
        let body = json!({ "name": name, "price": price(1), "attributes": attributes, "active": name != "Bench" });
        owner.post("/products", &body).await.expect(201);
    }
    let of = async |query: &str| slugs(&shop.visit(&format!("/products?sort=name&{query}")).await.expect(200));
    assert_eq!(of("attr=material:Oak").await, ["chair", "table"]);
    assert_eq!(of("attr=material:Oak&attr=colour:Blue").await, ["chair"]);
    assert_eq!(of("attr=material:Oak&attr=material:Ash%20wood").await, ["chair", "shelf", "table"]);
    assert_eq!(of("attr=material:oak").await, Vec::<String>::new());
    assert_eq!(of("q=ash").await, ["shelf"]);
    let counted = shop.visit("/products?facets=true&attr=colour:Blue").await.expect(200);
    let value = |value: &str, count: i64| json!({ "value": value, "label": value, "count": count });
    let attributes = counted.json["facets"]["attributes"].as_array().unwrap().clone();
    let of_slug = |slug: &str| attributes.iter().find(|attribute| attribute["value"] == slug).unwrap().clone();
    assert_eq!(of_slug("colour")["values"], json!([value("Blue", 2)]));
    let materials = of_slug("material")["values"].as_array().unwrap().clone();
    assert_eq!(materials.len(), 2);
    assert!(materials.contains(&value("Oak", 1)) && materials.contains(&value("Ash wood", 1)));
}
