# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class CreateUsers < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      CREATE TABLE users (
        id bigserial PRIMARY KEY,
        account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        email varchar NOT NULL DEFAULT '' UNIQUE,
        created_at timestamp NOT NULL DEFAULT now()
      );
    SQL
  end
end
