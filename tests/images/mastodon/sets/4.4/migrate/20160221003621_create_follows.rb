# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class CreateFollows < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE follows (
        id bigserial PRIMARY KEY,
        account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        target_account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        created_at timestamp NOT NULL DEFAULT now()
      );
    SQL
  end
end
