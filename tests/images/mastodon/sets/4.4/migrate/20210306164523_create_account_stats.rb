# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class CreateAccountStats < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE account_stats (
        id bigserial PRIMARY KEY,
        account_id bigint NOT NULL UNIQUE REFERENCES accounts (id) ON DELETE CASCADE,
        statuses_count bigint NOT NULL DEFAULT 0
      );
    SQL
  end
end
