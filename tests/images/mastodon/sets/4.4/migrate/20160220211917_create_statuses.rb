# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class CreateStatuses < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE statuses (
        id bigserial PRIMARY KEY,
        account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        text text NOT NULL DEFAULT '',
        created_at timestamp NOT NULL DEFAULT now(),
        updated_at timestamp NOT NULL DEFAULT now()
      );
    SQL
  end
end
