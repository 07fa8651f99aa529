//! What comes by the clock, and what is put away.

use std::time::Duration;

use domain::jobs::PlatformKind;
use domain::upkeep::SweepPlatform;
use jobs::{Failure, InPlatform, RunPlatform, Schedule};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tests::{Mall, admin_connection};
use uuid::Uuid;

use super::{app, id, left, mall, mall_with, until};

/// Counts how often it comes, in a table that only this story knows.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Tick {}

impl PlatformKind for Tick {
    const NAME: &'static str = "test.tick";
}

impl RunPlatform for Tick {
    async fn run(self, at: &InPlatform) -> Result<(), Failure> {
        let mut conn = at.shared.queue.conn().await?;
        sqlx::query("INSERT INTO platform.job_slots VALUES ('run ' || gen_random_uuid(), now())")
            .execute(&mut *conn)
            .await
            .map_err(Failure::again)?;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_three_schedulers_one_enqueues_each_slot() {
    let every = |config: &mut server::config::Config| {
        config.schedules = Some(vec![Schedule::every(Duration::from_millis(200), &Tick {})]);
    };
    let began = chrono::Utc::now();
    let mall = mall_with(every).await;
    let mut config = tests::config(&mall.database);
    every(&mut config);
    config.kinds = Some(super::kinds::all());
    let _others = (Mall::over(mall.database.clone(), &config).await, Mall::over(mall.database.clone(), &config).await);
    let mut admin = admin_connection(&mall.database.admin_url).await;
    let runs = "SELECT count(*) FROM platform.job_slots WHERE schedule LIKE 'run %'";
    until(&mut admin, &format!("SELECT ({runs}) >= 30")).await;
    // From the beginning to the slot that was reached lie as many as there were runs, or more; three times as many runs
    // would be too many.
    let sound = format!(
        "SELECT ({runs}) <= extract(epoch FROM (SELECT slot FROM platform.job_slots WHERE schedule = 'test.tick') - $1) / 0.2 + 2"
    );
    let sound = sqlx::query_scalar::<_, bool>(&sound).bind(began).fetch_one(&mut admin).await.unwrap();
    assert!(sound, "a slot ran twice");
}

#[tokio::test]
async fn what_is_over_is_put_away_in_its_store_and_what_is_not_stays() {
    let mall = mall().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    for shop in [&shop, &other] {
        shop.register("sam@shop.example").await.expect(201);
        let invitation = json!({ "email": "new@shop.example", "name": "New", "roles": ["support"] });
        shop.owner().post("/staff", &invitation).await.expect(201);
    }
    mall.run_jobs_until_idle().await;
    let mut admin = admin_connection(&mall.database.admin_url).await;
    let store: Uuid = shop.id.parse().unwrap();
    for sql in [
        "UPDATE sessions SET expires_at = now() WHERE tenant_id = $1 AND surface = 'storefront'",
        "UPDATE account_tokens SET expires_at = now() WHERE tenant_id = $1",
        "UPDATE invitations SET expires_at = now() WHERE tenant_id = $1",
        "UPDATE events SET created_at = now() - interval '91 days' WHERE tenant_id = $1",
        "INSERT INTO job_progress (tenant_id, id, kind, state, created_at, updated_at)
         VALUES ($1, gen_random_uuid(), 'x.y', 'finished', now(), now() - interval '31 days')",
    ] {
        sqlx::query(sql).bind(store).execute(&mut admin).await.unwrap();
    }
    let counts = "SELECT (SELECT count(*) FROM sessions WHERE tenant_id = $1), (SELECT count(*) FROM refresh_tokens WHERE tenant_id = $1),
        (SELECT count(*) FROM account_tokens WHERE tenant_id = $1), (SELECT count(*) FROM invitations WHERE tenant_id = $1),
        (SELECT count(*) FROM events WHERE tenant_id = $1), (SELECT count(*) FROM job_progress WHERE tenant_id = $1)";
    let mut db = tests_platform(&mall);
    let mut tx = db.begin().await.unwrap();
    let spread = chrono::TimeDelta::hours(20);
    let job = domain::upkeep::SweepStore {};
    assert_eq!(domain::jobs::enqueue_for_every_store(&mut tx, &job, spread).await.unwrap(), 2);
    tx.commit().await.unwrap();
    let mut tx = db.begin().await.unwrap();
    assert_eq!(domain::jobs::enqueue_for_every_store(&mut tx, &job, spread).await.unwrap(), 0, "each waits already");
    tx.commit().await.unwrap();
    mall.run_jobs_due_by(1).await;
    type Counts = (i64, i64, i64, i64, i64, i64);
    let swept: Counts = sqlx::query_as(counts).bind(store).fetch_one(&mut admin).await.unwrap();
    let kept: Counts =
        sqlx::query_as(counts).bind(other.id.parse::<Uuid>().unwrap()).fetch_one(&mut admin).await.unwrap();
    assert_eq!((swept, kept), ((1, 1, 0, 0, 0, 0), (2, 2, 1, 1, 1, 0)));
    db.close().await;
}

#[tokio::test]
async fn a_job_that_was_given_up_can_be_tried_again_for_a_month() {
    let mall = mall().await;
    let shop = mall.open_store().await;
    let mut admin = admin_connection(&mall.database.admin_url).await;
    for (kind, age) in [("old", "31 days"), ("young", "29 days")] {
        sqlx::query(
            "INSERT INTO platform.jobs (id, metadata, state, scheduled_at, created_at, updated_at)
             VALUES (gen_random_uuid(), jsonb_build_object('kind', $1, 'tenant_id', $3), 'failed', now(), now(), now() - $2::interval)",
        )
        .bind(kind)
        .bind(age)
        .bind(shop.id.parse::<Uuid>().unwrap())
        .execute(&mut admin)
        .await
        .unwrap();
    }
    let mut tx = tests_platform(&mall).begin().await.unwrap();
    domain::jobs::enqueue_platform(&mut tx, &SweepPlatform {}).await.unwrap();
    tx.commit().await.unwrap();
    mall.run_jobs_until_idle().await;
    assert_eq!(left(&mut admin).await.len(), 1);
    let kind: String = sqlx::query_scalar("SELECT kind FROM platform.jobs").fetch_one(&mut admin).await.unwrap();
    assert_eq!(kind, "young");
    drop(app(&mall).begin(id(&shop)).await.unwrap());
}

/// The platform's database, as its operators use it.
struct Platform(tenants::PlatformDb, tenants::Database);

fn tests_platform(mall: &Mall) -> Platform {
    let connect = mall.database.urls.platform.clone();
    let options = tenants::DatabaseOptions { connect, connections: 1, patience: Duration::from_secs(10) };
    let database = tenants::Database::new(options);
    Platform(tenants::PlatformDb::new(database.clone()), database)
}

impl Platform {
    async fn begin(&mut self) -> Result<tenants::PlatformTx, tenants::DbError> {
        self.0.begin().await
    }

    async fn close(self) {
        self.1.close().await;
    }
}
