# Stand-in migration: bin/rails runs the SQL blocks below, in order. Not in Mastodon: each Sidekiq job that was done leaves a row.
class CreateStandinJobs < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE standin_jobs (
        id bigserial PRIMARY KEY,
        jid varchar NOT NULL,
        started_at timestamptz NOT NULL,
        done_at timestamptz NOT NULL,
        host varchar NOT NULL
      );
      CREATE INDEX index_standin_jobs_on_jid ON standin_jobs (jid);
    SQL
  end
end
