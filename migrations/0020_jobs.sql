-- The queue of jobs, and what a store may see of its own.
SET LOCAL ROLE stoa_owner;

CREATE TABLE platform.jobs (
    id            uuid        NOT NULL,
    -- The envelope: type (fang's), tenant_id, kind, payload, tracked. A payload holds ids, never a secret.
    metadata      jsonb       NOT NULL,
    -- Whose job it is; none for the platform's own.
    tenant_id     uuid        GENERATED ALWAYS AS ((metadata ->> 'tenant_id')::uuid) STORED,
    kind          text        GENERATED ALWAYS AS (metadata ->> 'kind') STORED NOT NULL,
    -- Who waits in turn: a store, or all ones for the platform's own.
    lane          uuid        GENERATED ALWAYS AS
                  (coalesce((metadata ->> 'tenant_id')::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')) STORED NOT NULL,
    -- Of jobs with the same lane, kind and word only one waits. Taken away when it begins.
    once          text        CHECK (length(once) BETWEEN 1 AND 200),
    -- A scheduled job becomes a waiting one when its time has come. A finished job is deleted.
    state         text        NOT NULL CHECK (state IN ('scheduled', 'waiting', 'running', 'failed')),
    retries       integer     NOT NULL DEFAULT 0,
    error_message text        CHECK (length(error_message) <= 500),
    scheduled_at  timestamptz NOT NULL,
    -- The lease: its holder's token, new for each claim, and when it lapses unless its holder is heard of.
    locked_by     uuid,
    lease_until   timestamptz,
    started_at    timestamptz,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    CONSTRAINT jobs_pkey PRIMARY KEY (id),
    CONSTRAINT jobs_leased_while_running CHECK ((state = 'running') = (locked_by IS NOT NULL AND lease_until IS NOT NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
COMMENT ON TABLE platform.jobs IS 'Jobs that wait, run, or failed. A request puts one in for its own store; the worker alone reads.';
CREATE INDEX jobs_waiting ON platform.jobs (lane, scheduled_at, id) WHERE state = 'waiting';
CREATE INDEX jobs_scheduled ON platform.jobs (scheduled_at) WHERE state = 'scheduled';
CREATE INDEX jobs_leases ON platform.jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_failed ON platform.jobs (updated_at) WHERE state = 'failed';
CREATE UNIQUE INDEX jobs_lease_once ON platform.jobs (locked_by) WHERE locked_by IS NOT NULL;
CREATE UNIQUE INDEX jobs_once ON platform.jobs (lane, kind, once) WHERE once IS NOT NULL AND state IN ('scheduled', 'waiting');
ALTER TABLE platform.jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.jobs FORCE ROW LEVEL SECURITY;
CREATE POLICY app_enqueues ON platform.jobs FOR INSERT TO stoa_app
    WITH CHECK (tenant_id = (SELECT public.current_tenant()) AND state IN ('scheduled', 'waiting'));
CREATE POLICY worker_runs ON platform.jobs TO stoa_worker USING (true) WITH CHECK (true);
CREATE POLICY platform_oversees ON platform.jobs TO stoa_platform
    USING (true) WITH CHECK (state IN ('scheduled', 'waiting'));
GRANT INSERT (id, metadata, once, state, scheduled_at, created_at, updated_at) ON platform.jobs TO stoa_app, stoa_platform;
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.jobs TO stoa_worker;
-- Operators see that a job is there and how it fares, never what is in it.
GRANT SELECT (id, tenant_id, kind, lane, state, retries, error_message, scheduled_at, started_at, created_at, updated_at),
      UPDATE (state, retries, scheduled_at, updated_at) ON platform.jobs TO stoa_platform;

CREATE TABLE platform.job_slots (
    schedule text        NOT NULL,
    -- The last moment of the schedule for which its job was enqueued.
    slot     timestamptz NOT NULL,
    CONSTRAINT job_slots_pkey PRIMARY KEY (schedule)
);
COMMENT ON TABLE platform.job_slots IS 'How far each schedule is: of many schedulers one moves it on, and enqueues the job.';
ALTER TABLE platform.job_slots ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.job_slots FORCE ROW LEVEL SECURITY;
CREATE POLICY worker_schedules ON platform.job_slots TO stoa_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON platform.job_slots TO stoa_worker;

CREATE TABLE public.job_progress (
    tenant_id   uuid        NOT NULL,
    -- The job's id in the queue.
    id          uuid        NOT NULL,
    kind        text        NOT NULL,
    state       text        NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'finished', 'failed', 'cancelled')),
    -- Pieces of work; how many there are may not be known yet.
    done        bigint      NOT NULL DEFAULT 0 CHECK (done >= 0),
    total       bigint      CHECK (total >= 0),
    -- What came of it, for its reader.
    result      jsonb,
    -- Why it failed, in words for its reader.
    error       text        CHECK (length(error) <= 500),
    -- Somebody wants it to stop. The job looks from time to time.
    cancel_asked boolean    NOT NULL DEFAULT false,
    asked_by    uuid,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE public.job_progress IS 'What a store may see of the jobs that its staff asked for.';
CREATE INDEX job_progress_by_age ON public.job_progress (tenant_id, updated_at);
ALTER TABLE public.job_progress ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.job_progress FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.job_progress
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.job_progress TO stoa_app;
