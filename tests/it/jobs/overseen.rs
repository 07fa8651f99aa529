//! What operators see of the queue, and staff of its own jobs.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Mall, admin_connection};
use uuid::Uuid;

use super::kinds::{Counts, Note, Stuck, Twice};
use super::{app, enqueue, id, mall, tally, until};

async fn ask(mall: &Mall, operator: &str, method: Method, path: &str) -> Answer {
    Answer::of(mall.request(method, &format!("/platform/v1/jobs{path}")).bearer_auth(operator)).await
}

#[tokio::test]
async fn operators_list_count_and_try_again() {
    let mall = mall().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let operator = mall.operator_token().await;
    let mut admin = admin_connection(&mall.database.admin_url).await;
    enqueue(&mall, &shop, &[Twice]).await;
    until(&mut admin, "SELECT count(*) = 1 FROM platform.jobs WHERE state = 'scheduled'").await;
    mall.run_jobs_due_by(1).await;
    let doors: Vec<_> = (0..2).map(|_| Stuck(Uuid::now_v7())).collect();
    enqueue(&mall, &other, &doors).await;
    until(&mut admin, "SELECT count(*) = 2 FROM platform.jobs WHERE state = 'running'").await;

    let get = async |path: &str| ask(&mall, &operator, Method::GET, path).await.expect(200).json["items"].clone();
    let length = |items: Value| items.as_array().unwrap().len();
    assert_eq!(length(get("").await), 3);
    let failed = get("?state=failed").await;
    assert_eq!(
        (failed[0]["kind"].as_str(), failed[0]["store_id"].as_str()),
        (Some("test.twice"), Some(shop.id.as_str()))
    );
    assert_eq!((&failed[0]["error"], &failed[0]["retries"]), (&json!("the weather"), &json!(1)));
    assert!(failed[0].get("payload").is_none() && failed[0].get("metadata").is_none());
    assert_eq!(length(get(&format!("?store_id={}", other.id)).await), 2);
    assert_eq!(length(get("?kind=test.stuck").await), 2);
    assert_eq!(length(get("?kind=test.stuck&state=failed").await), 0);
    let counts = get("/counts").await;
    assert_eq!(
        (&counts[0]["kind"], &counts[0]["state"], &counts[0]["count"]),
        (&json!("test.stuck"), &json!("running"), &json!(2))
    );
    let page = ask(&mall, &operator, Method::GET, "?limit=2").await.expect(200);
    let cursor = page.text_at("/next_cursor");
    assert_eq!(length(get(&format!("?limit=2&cursor={cursor}")).await), 1);
    ask(&mall, &operator, Method::GET, &format!("?state=failed&cursor={cursor}")).await.expect(422);

    let job = failed[0]["id"].as_str().unwrap();
    assert_eq!(ask(&mall, &operator, Method::GET, &format!("/{job}")).await.expect(200).text_at("/state"), "failed");
    let again = ask(&mall, &operator, Method::POST, &format!("/{job}/retry")).await.expect(200);
    assert_eq!((again.text_at("/state"), &again.json["retries"]), ("waiting".to_owned(), &json!(0)));
    until(&mut admin, "SELECT count(*) = 1 FROM platform.jobs WHERE retries = 1").await;
    ask(&mall, &operator, Method::POST, &format!("/{job}/retry")).await.expect_problem(409, "job.not_failed");
    ask(&mall, &operator, Method::POST, &format!("/{}/retry", Uuid::now_v7())).await.expect_problem(404, "job.no_job");
    assert_eq!(tally(&mall, &shop).await.len(), 3);
    let audit = Answer::of(mall.request(Method::GET, "/platform/v1/audit").bearer_auth(&operator)).await.expect(200);
    assert_eq!(audit.text_at("/items/0/action"), "retryJob");
    doors.iter().for_each(Stuck::open);
    mall.run_jobs_until_idle().await;
}

#[tokio::test]
async fn staff_sees_how_far_its_job_is_and_stops_it() {
    let mall = mall().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let mut admin = admin_connection(&mall.database.admin_url).await;
    let door = Uuid::now_v7();
    let mut tx = app(&mall).begin(id(&shop)).await.unwrap();
    let job = domain::jobs::enqueue_tracked(&mut tx, &Counts { to: 100, door }, None).await.unwrap();
    tx.commit().await.unwrap();
    Stuck(door).open();
    until(&mut admin, "SELECT done = 1 FROM job_progress").await;
    let seen = shop.owner().get(&format!("/jobs/{job}")).await.expect(200);
    assert_eq!(
        (seen.text_at("/state"), &seen.json["done"], &seen.json["total"]),
        ("running".to_owned(), &json!(1), &json!(100))
    );
    let (mine, theirs) =
        (other.owner().get(&format!("/jobs/{job}")).await, other.owner().get(&format!("/jobs/{}", Uuid::nil())).await);
    assert_eq!(mine.expect(404).masked(&job.to_string()), theirs.expect(404).masked(&Uuid::nil().to_string()));

    let stopped = shop.owner().post(&format!("/jobs/{job}/cancel"), &json!({})).await.expect(200);
    assert_eq!(stopped.json["cancel_asked"], json!(true));
    Stuck(door).open();
    mall.run_jobs_until_idle().await;
    assert_eq!(shop.owner().get(&format!("/jobs/{job}")).await.expect(200).text_at("/state"), "cancelled");
    shop.owner().post(&format!("/jobs/{job}/cancel"), &json!({})).await.expect_problem(409, "job.ended");
    other.owner().post(&format!("/jobs/{job}/cancel"), &json!({})).await.expect(404);
    enqueue(&mall, &shop, &[Note("on it goes".to_owned())]).await;
    mall.run_jobs_until_idle().await;
    assert_eq!(tally(&mall, &shop).await, ["stopped", "on it goes"]);
}
